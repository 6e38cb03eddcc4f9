/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file that is watched was opened, or was to be.  These programs are attached
 * only if the configuration wants it, and what is not watched leaves early.
 */
#include "opened.h"
#include "watched.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* io_uring/openclose.c */
struct io_open {
	__u32 file_slot;
	struct open_how { __u64 flags, mode; } how;
} __attribute__((preserve_access_index));
struct io_cqe { __s32 res; } __attribute__((preserve_access_index));
struct io_ring_ctx;
struct io_kiocb {
	__u8 opcode;
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
} __attribute__((preserve_access_index));

#define IORING_OP_OPENAT	18	/* include/uapi/linux/io_uring.h */
#define IORING_OP_OPENAT2	28
#define IORING_FILE_INDEX_ALLOC	(~0U)

/* 6.13: a ring's table of files became one of nodes. */
struct io_fixed_file___old { unsigned long file_ptr; };
struct io_file_table___old { struct io_fixed_file___old *files; }
    __attribute__((preserve_access_index));
struct io_ring_ctx___old { struct io_file_table___old file_table; }
    __attribute__((preserve_access_index));
struct io_rsrc_node___new { unsigned long file_ptr; }
    __attribute__((preserve_access_index));
struct io_rsrc_data___new { struct io_rsrc_node___new **nodes; }
    __attribute__((preserve_access_index));
struct io_file_table___new { struct io_rsrc_data___new data; }
    __attribute__((preserve_access_index));
struct io_ring_ctx___new { struct io_file_table___new file_table; }
    __attribute__((preserve_access_index));

static __always_inline __u64
open_text(__u64 name, bool *relative)
{
	struct text_walk w = { .at = name, .len = always_zero,
	    .hash = 0xcbf29ce484222325ULL };

	bpf_loop(SCRIPT_LEN, text_step, &w, 0);
	*relative = w.relative;
	return w.hit ? w.hash | 1 : 0;
}

/* What failed is known by its text, and where that begins. */
static __noinline __u64
open_missed(struct open_call *c)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct path *base;
	bool relative;
	__u64 hit;

	if (!c->name)
		return 0;
	hit = open_text(c->name, &relative);
	if (hit || !relative)
		return hit;
	base = open_base(t, c->dfd);
	return base ? watch_path(base) : 0;
}

/* What was opened is looked for from where it is. */
static __always_inline __u64
open_hit(struct file *file)
{
	return file ? watch_path(&file->f_path) : 0;
}

/* Every system call comes here.  An error from ERESTARTSYS on is none: the
   call begins again. */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_open, struct pt_regs *regs, long ret)
{
	struct task_struct *t;
	struct file *file = NULL;
	struct control *c;
	enum open_nr nr;
	__u64 hit = 0;

	if (!open_maybe(regs) || ret <= -512)
		return 0;
	c = gate();
	t = bpf_get_current_task_btf();
	nr = open_nr(regs, t);
	if (!c || !(c->wants & WANT_OPEN) || nr == OPEN_NONE)
		return 0;
	if (ret >= 0) {
		file = file_of(t, ret);
		hit = open_hit(file);
		if (!hit)
			return 0;
	}
	struct open_call call = { .kind = KIND_OPEN, .file = (__u64)file,
	    .hit = hit };

	open_call_of(&call, nr, regs, t);
	if (ret < 0) {
		call.err = -ret;
		call.hit = open_missed(&call);
		if (!call.hit)
			return 0;
	}
	count(COUNTER_opens);
	open_tell(&call);
	return 0;
}

/* Of a ring: in its table of files, or the caller's. */
static __always_inline struct file *
ring_file(struct io_kiocb *req, struct task_struct *t, __u32 slot, __s32 res)
{
	__u32 at = slot == IORING_FILE_INDEX_ALLOC ? (__u32)res : slot - 1;
	struct io_ring_ctx *ctx = BPF_CORE_READ(req, ctx);
	struct io_ring_ctx___new *new = (void *)ctx;
	struct io_ring_ctx___old *old = (void *)ctx;
	struct io_rsrc_node___new **nodes, *node = NULL;
	unsigned long file = 0;

	if (!slot)
		return file_of(t, res);
	if (bpf_core_field_exists(new->file_table.data.nodes)) {
		nodes = BPF_CORE_READ(new, file_table.data.nodes);
		bpf_probe_read_kernel(&node, sizeof(node), nodes + at);
		file = node ? BPF_CORE_READ(node, file_ptr) : 0;
	} else
		bpf_probe_read_kernel(&file, sizeof(file),
		    BPF_CORE_READ(old, file_table.files) + at);
	return (void *)(file & ~7UL);	/* flags are below */
}

/* The request is done, in its submitter's context or one of its workers';
   the second argument on every kernel. */
SEC("tp_btf/io_uring_complete")
int on_open_uring(__u64 *ctx)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct io_kiocb *req = (void *)ctx[1];
	struct open_call call = { .kind = KIND_OPEN,
	    .traits = DOING_URING };
	struct io_open *o = (void *)req;
	struct file *file;
	struct control *c;
	__u8 op;
	__s32 res;

	if (!req)
		return 0;
	op = BPF_CORE_READ(req, opcode);
	if (op != IORING_OP_OPENAT && op != IORING_OP_OPENAT2)
		return 0;
	c = gate();
	res = BPF_CORE_READ(req, cqe.res);
	if (!c || !(c->wants & WANT_OPEN) || res < 0)
		return 0;
	file = ring_file(req, t, BPF_CORE_READ(o, file_slot), res);
	call.file = (__u64)file;
	call.hit = open_hit(file);
	if (!call.hit)
		return 0;
	call.flags = BPF_CORE_READ(o, how.flags);
	call.mode = BPF_CORE_READ(o, how.mode);
	count(COUNTER_opens);
	open_tell(&call);
	return 0;
}
