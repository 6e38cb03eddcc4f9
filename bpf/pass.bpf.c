/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the collector runs to make the tree whole: the pass over all tasks,
 * burying what that did not find, shortening a long line.
 */
#include "image.h"
#include "splice.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u32 always_zero;

/* A process that wrote its title over its arguments, and on over what lay
   behind them, as get_mm_cmdline in fs/proc/base.c has it.  Returns where that
   may end, or end if it has none. */
static __always_inline unsigned long
title_end(struct task_struct *t, struct mm_struct *mm, unsigned long end)
{
	unsigned long env_end = BPF_CORE_READ(mm, env_end);
	char last = 0;

	if (BPF_CORE_READ(mm, env_start) != end || env_end <= end ||
	    bpf_copy_from_user_task(&last, 1, (void *)(end - 1), t, 0))
		return end;
	return last ? env_end : end;
}

/* The image of a process that was there before: arguments from its memory. */
static __always_inline __u64
image_of(struct control *c, struct task_struct *t, struct mm_struct *mm)
{
	unsigned long start, args_end, end;
	struct image *image;
	__u64 id = image_new(c, &image);
	__u32 len;

	if (!id)
		return 0;
	start = BPF_CORE_READ(mm, arg_start);
	args_end = BPF_CORE_READ(mm, arg_end);
	end = title_end(t, mm, args_end);
	len = image->args_len = end - start;
	if (len > ARGS_LEN)
		len = ARGS_LEN;
	if (bpf_copy_from_user_task(image->args, len, (void *)start, t, 0)) {
		image->flags |= IMAGE_NO_ARGS;
		count(COUNTER_no_args);
	} else {
		if (end != args_end)	/* a title ends with its first NUL */
			len = image->args_len = bpf_probe_read_kernel_str(
			    image->args, ARGS_LEN, image->args);
		image->args_have = len;
	}
	exe_path(image, BPF_CORE_READ(mm, exe_file));
	image_ready(image, id);
	return id;
}

/* Parents come first, in as many rounds as it takes.  Some kernels hide a
   task from the iterator (seen: pid 1); it is recorded with its child. */
static __always_inline bool
parent_ready(struct control *c, struct task_struct *t)
{
	struct task_struct *parent = t->real_parent->group_leader;
	struct proc_key key;

	key_of(&key, parent);
	if (!key.tgid || bpf_map_lookup_elem(&procs, &key))
		return true;
	if (!c->hidden)
		return false;
	key_of(&key, parent->real_parent);
	if ((!key.tgid || bpf_map_lookup_elem(&procs, &key)) &&
	    proc_add(parent, parent->real_parent, 0, PROC_SEEDED))
		c->hidden = 0;
	return false;
}

/* A record that a fork had to make before the pass came: what was not at
   hand then. */
static __always_inline void
task_mend(struct control *c, struct task_struct *t, const struct proc_key *key)
{
	struct mm_struct *mm = t->mm;
	struct proc_key parent;
	struct proc *r;
	__u64 image;

	if (!proc_get(key))
		return;
	r = bpf_map_lookup_elem(&procs, key);
	if (r && !(r->flags & PROC_PARENT_REF) && r->parent.tgid) {
		parent = r->parent;
		if (proc_get(&parent) && __sync_fetch_and_or(&r->flags,
		    PROC_PARENT_REF) & PROC_PARENT_REF)
			proc_drop(&parent);
	}
	if (r && !r->image && mm && (image = image_of(c, t, mm)) &&
	    __sync_val_compare_and_swap(&r->image, 0, image) != 0)
		image_drop(image);
	proc_drop(key);
}

static __always_inline void
task_seed(struct control *c, struct task_struct *t, const struct proc_key *key)
{
	struct mm_struct *mm = t->mm;
	__u64 image = mm ? image_of(c, t, mm) : 0;
	struct proc *r;

	if (!proc_add(t, t->real_parent, image, PROC_SEEDED))
		return;
	count(COUNTER_seeded);
	cgroup_note(t);
	/* It may have left before its record was there to be marked. */
	if (t->signal->live.counter != 0 || !proc_get(key))
		return;
	r = bpf_map_lookup_elem(&procs, key);
	if (r && proc_exited(r))
		proc_drop(key);
	proc_drop(key);
}

/* Each living process: its key to the reader (pad 1: not now, its parent
   first); its record if there is none. */
SEC("iter.s/task")
int on_task(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct control *c = control_get();
	struct proc_key key;
	struct proc *r;

	if (!t || !c || t->signal->live.counter == 0)
		return 0;
	/* Another thread only speaks for a leader that has left before it. */
	if (t->pid != t->tgid && (t->group_leader->mm || !t->mm))
		return 0;
	key_of(&key, t);
	if (!key.tgid)
		return 0;
	r = bpf_map_lookup_elem(&procs, &key);
	if (!r) {
		if (parent_ready(c, t))
			task_seed(c, t, &key);
		else
			key.pad = 1;
	} else if (!(r->flags & PROC_PARENT_REF) || !r->image)
		task_mend(c, t, &key);
	bpf_seq_write(ctx->meta->seq, &key, sizeof(key));
	return 0;
}

/* args: start, tgid of a record whose process the pass did not find. */
SEC("raw_tp")
int do_bury(struct bpf_raw_tracepoint_args *ctx)
{
	struct proc_key key = { .start = ctx->args[0], .tgid = ctx->args[1] };
	struct proc *r;

	if (!proc_get(&key))
		return 0;
	r = bpf_map_lookup_elem(&procs, &key);
	if (r && proc_exited(r)) {
		count(COUNTER_swept);
		proc_drop(&key);
	}
	proc_drop(&key);
	return 0;
}

/* args: start, tgid of a living process whose line is long. */
SEC("raw_tp")
int do_splice(struct bpf_raw_tracepoint_args *ctx)
{
	struct proc_key key = { .start = ctx->args[0], .tgid = ctx->args[1] };

	if (!proc_get(&key))
		return 0;
	proc_splice(&key);
	proc_drop(&key);
	return 0;
}
