/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which system call opened a file, or failed to, and what it was asked. */
#ifndef PIDTREED_OPENCALL_H
#define PIDTREED_OPENCALL_H

#include "syscall.h"

#define AT_FDCWD	(-100)		/* include/uapi/linux/fcntl.h */
#define O_RDONLY	0		/* include/uapi/asm-generic/fcntl.h */
#define O_WRONLY	01
#define O_ACCMODE	03
#define O_MAKES		01100		/* O_CREAT | O_TRUNC */

/* Addresses are the caller's. */
struct open_call {
	__u64 file;		/* struct file; 0: it failed */
	__u64 hit;		/* what of the watched it is below; 0: none */
	__u64 name, how;	/* how: struct open_how of openat2 */
	__s32 dfd;
	__s32 err;		/* errno */
	__u32 flags, mode;
	__u32 traits;		/* enum doing_flag */
	__u32 entered;		/* of an escape: 1 << enum space */
	__u16 kind;		/* enum event_kind */
	__u8 way, place;	/* of an escape */
};

enum open_nr { OPEN_NONE, OPEN, OPENAT, OPENAT2, CREAT, BY_HANDLE };

#if defined(__TARGET_ARCH_x86)

/* arch/x86/entry/syscalls.  Whether it may be one is asked of every call. */
static __always_inline bool
open_maybe(const void *ctx)
{
	const struct pt_regs___x86 *r = ctx;
	__u32 nr = r->orig_ax & ~X32_BIT;

	return nr == 257 || nr == 2 || nr == 437 || nr == 85 || nr == 304 ||
	    nr == 5 || nr == 295 || nr == 8 || nr == 342;
}

static __always_inline enum open_nr
open_nr(const void *ctx, struct task_struct *t)
{
	const struct pt_regs___x86 *r = ctx;
	struct task_struct___x86 *x = (void *)t;
	__u32 nr = r->orig_ax & ~X32_BIT;

	if (nr == 437)
		return OPENAT2;
	if (x->thread_info.status & TS_COMPAT)
		return nr == 5 ? OPEN : nr == 295 ? OPENAT : nr == 8 ? CREAT :
		    nr == 342 ? BY_HANDLE : OPEN_NONE;
	return nr == 257 ? OPENAT : nr == 2 ? OPEN : nr == 85 ? CREAT :
	    nr == 304 ? BY_HANDLE : OPEN_NONE;
}

static __always_inline bool
is_setns(const void *ctx, struct task_struct *t)
{
	const struct pt_regs___x86 *r = ctx;
	struct task_struct___x86 *x = (void *)t;
	__u32 nr = r->orig_ax;

	if (nr != 308 && nr != 346 && nr != (X32_BIT | 308))
		return false;
	return (nr == 346) == !!(x->thread_info.status & TS_COMPAT);
}

static __always_inline void
open_args(__u64 a[4], const void *ctx, struct task_struct *t)
{
	const struct pt_regs___x86 *r = ctx;
	struct task_struct___x86 *x = (void *)t;

	if (x->thread_info.status & TS_COMPAT) {
		a[0] = (__u32)r->bx;
		a[1] = (__u32)r->cx;
		a[2] = (__u32)r->dx;
		a[3] = (__u32)r->si;
		return;
	}
	a[0] = r->di;
	a[1] = r->si;
	a[2] = r->dx;
	a[3] = r->r10;
}

#elif defined(__TARGET_ARCH_arm64)

/* arch/arm64/tools/syscall_64.tbl, syscall_32.tbl */
static __always_inline bool
open_maybe(const void *ctx)
{
	const struct pt_regs___arm64 *r = ctx;
	__s32 nr = r->syscallno;

	return nr == 56 || nr == 437 || nr == 265 || nr == 5 || nr == 8 ||
	    nr == 322 || nr == 371;
}

static __always_inline enum open_nr
open_nr(const void *ctx, struct task_struct *t)
{
	const struct pt_regs___arm64 *r = ctx;
	struct task_struct___arm64 *x = (void *)t;
	__s32 nr = r->syscallno;

	if (nr == 437)
		return OPENAT2;
	if (x->thread_info.flags >> TIF_32BIT & 1)
		return nr == 5 ? OPEN : nr == 8 ? CREAT : nr == 322 ? OPENAT :
		    nr == 371 ? BY_HANDLE : OPEN_NONE;
	return nr == 56 ? OPENAT : nr == 265 ? BY_HANDLE : OPEN_NONE;
}

static __always_inline bool
is_setns(const void *ctx, struct task_struct *t)
{
	const struct pt_regs___arm64 *r = ctx;
	struct task_struct___arm64 *x = (void *)t;
	__s32 nr = r->syscallno;

	return nr == (x->thread_info.flags >> TIF_32BIT & 1 ? 375 : 268);
}

static __always_inline void
open_args(__u64 a[4], const void *ctx, struct task_struct *t)
{
	const struct pt_regs___arm64 *r = ctx;
	struct task_struct___arm64 *x = (void *)t;
	bool narrow = x->thread_info.flags >> TIF_32BIT & 1;
	__u64 mask = narrow ? 0xffffffff : ~0ULL;

	a[0] = r->orig_x0 & mask;
	a[1] = r->regs[1] & mask;
	a[2] = r->regs[2] & mask;
	a[3] = r->regs[3] & mask;
}

#endif

static __always_inline void
open_call_of(struct open_call *c, enum open_nr nr, const void *ctx,
    struct task_struct *t)
{
	__u64 a[4];

	open_args(a, ctx, t);
	c->dfd = AT_FDCWD;
	switch (nr) {
	case OPEN:
		c->name = a[0];
		c->flags = a[1];
		c->mode = a[2];
		break;
	case CREAT:
		c->name = a[0];
		c->flags = O_WRONLY | O_MAKES;
		c->mode = a[1];
		break;
	case OPENAT:
		c->dfd = a[0];
		c->name = a[1];
		c->flags = a[2];
		c->mode = a[3];
		break;
	case OPENAT2:
		c->dfd = a[0];
		c->name = a[1];
		c->how = a[2];
		c->traits = DOING_OPENAT2;
		break;
	case BY_HANDLE:
		c->flags = a[2];
		c->traits = DOING_HANDLE;
		break;
	case OPEN_NONE:
		break;
	}
}

#endif
