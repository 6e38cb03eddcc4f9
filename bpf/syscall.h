/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which system call has failed, and what it was called with: the registers of
   the two architectures, for programs of 64 and of 32 bits. */
#ifndef PIDTREED_SYSCALL_H
#define PIDTREED_SYSCALL_H

#include "kernel.h"

/* An attempt to execute, as it was asked for.  Addresses are the caller's. */
struct call {
	__u64 file, args;
	__u32 flags;		/* of execveat */
	__u32 word;		/* bytes of a pointer there */
	bool at;		/* it is execveat */
};

#define AT_EMPTY_PATH	0x1000	/* include/uapi/linux/fcntl.h */

#if defined(__TARGET_ARCH_x86)

struct pt_regs___x86 {
	unsigned long ax, bx, cx, dx, si, di, r8, r10, orig_ax;
} __attribute__((preserve_access_index));
struct thread_info___x86 {
	unsigned int status;
} __attribute__((preserve_access_index));
struct task_struct___x86 {
	struct thread_info___x86 thread_info;
} __attribute__((preserve_access_index));

#define TS_COMPAT	2		/* arch/x86 asm/thread_info.h */
#define X32_BIT		0x40000000	/* __X32_SYSCALL_BIT */

static __always_inline bool
call_maybe(const void *ctx)
{
	const struct pt_regs___x86 *r = ctx;
	__u32 nr = BPF_CORE_READ(r, orig_ax);

	return nr == 59 || nr == 322 || nr == 11 || nr == 358 ||
	    nr == (X32_BIT | 520) || nr == (X32_BIT | 545);
}

/* What a function of a program gave back. */
static __always_inline __u64
call_result(const void *ctx)
{
	const struct pt_regs___x86 *r = ctx;

	return BPF_CORE_READ(r, ax);
}

/* arch/x86/entry/syscalls; the arguments of 32 bits are in other registers. */
static __always_inline bool
call_of(struct call *c, const void *ctx, struct task_struct *t)
{
	const struct pt_regs___x86 *r = ctx;
	struct task_struct___x86 *x = (void *)t;
	bool narrow = BPF_CORE_READ(x, thread_info.status) & TS_COMPAT;
	__u32 nr = BPF_CORE_READ(r, orig_ax);

	c->word = narrow || nr & X32_BIT ? 4 : 8;
	if (narrow ? nr != 11 && nr != 358 : nr == 11 || nr == 358)
		return false;
	c->at = nr == 322 || nr == 358 || nr == (X32_BIT | 545);
	if (narrow) {
		c->file = (__u32)(c->at ? BPF_CORE_READ(r, cx) :
		    BPF_CORE_READ(r, bx));
		c->args = (__u32)(c->at ? BPF_CORE_READ(r, dx) :
		    BPF_CORE_READ(r, cx));
		c->flags = BPF_CORE_READ(r, di);
		return true;
	}
	c->file = c->at ? BPF_CORE_READ(r, si) : BPF_CORE_READ(r, di);
	c->args = c->at ? BPF_CORE_READ(r, dx) : BPF_CORE_READ(r, si);
	c->flags = BPF_CORE_READ(r, r8);
	return true;
}

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs___arm64 {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));
struct thread_info___arm64 {
	unsigned long flags;
} __attribute__((preserve_access_index));
struct task_struct___arm64 {
	struct thread_info___arm64 thread_info;
} __attribute__((preserve_access_index));

#define TIF_32BIT	22		/* arch/arm64 asm/thread_info.h */

static __always_inline bool
call_maybe(const void *ctx)
{
	const struct pt_regs___arm64 *r = ctx;
	__s32 nr = BPF_CORE_READ(r, syscallno);

	return nr == 221 || nr == 281 || nr == 11 || nr == 387;
}

static __always_inline __u64
call_result(const void *ctx)
{
	const struct pt_regs___arm64 *r = ctx;

	return BPF_CORE_READ(r, regs[0]);
}

static __always_inline bool
call_of(struct call *c, const void *ctx, struct task_struct *t)
{
	const struct pt_regs___arm64 *r = ctx;
	struct task_struct___arm64 *x = (void *)t;
	bool narrow = BPF_CORE_READ(x, thread_info.flags) >> TIF_32BIT & 1;
	__s32 nr = BPF_CORE_READ(r, syscallno);

	if (narrow ? nr != 11 && nr != 387 : nr != 221 && nr != 281)
		return false;
	c->word = narrow ? 4 : 8;
	c->at = nr == 281 || nr == 387;
	c->file = c->at ? BPF_CORE_READ(r, regs[1]) :
	    BPF_CORE_READ(r, orig_x0);
	c->args = c->at ? BPF_CORE_READ(r, regs[2]) :
	    BPF_CORE_READ(r, regs[1]);
	c->flags = BPF_CORE_READ(r, regs[4]);
	if (narrow) {
		c->file = (__u32)c->file;
		c->args = (__u32)c->args;
	}
	return true;
}

#endif

#endif
