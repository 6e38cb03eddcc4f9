/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process executes: which file, with which arguments, as whom. */
#include "image.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* In the context of the process, whose new stack is in memory. */
static __always_inline void
args_read(struct image *image, struct mm_struct *mm)
{
	unsigned long start = mm->arg_start, end = mm->arg_end;
	__u32 len = end - start;

	image->args_len = len;
	if (len > ARGS_LEN)
		len = ARGS_LEN;
	if (bpf_probe_read_user(image->args, len, (void *)start)) {
		image->flags |= IMAGE_NO_ARGS;
		count(COUNTER_no_args);
		return;
	}
	image->args_have = len;
}

static __always_inline bool
recorded(const struct proc *r, struct task_struct *p)
{
	__u64 id = r->image;
	struct image *image = bpf_map_lookup_elem(&images, &id);

	return image && image->exec == p->self_exec_id;
}

static __always_inline int
executed(struct task_struct *p, struct linux_binprm *bprm)
{
	struct control *c = gate();
	struct image *image = NULL;
	struct proc_key key;
	struct proc *r;
	__u64 id, old, lineage;

	if (!c)
		return 0;
	key_of(&key, p);
	r = bpf_map_lookup_elem(&procs, &key);
	if (r && recorded(r, p))
		return 0;
	id = image_new(c, &image);
	if (image) {
		image->exec = p->self_exec_id;
		args_read(image, p->mm);
		exe_path(image, p->mm->exe_file);
		script_read(image, bprm->filename);
		image_ready(image, id);
	} else
		id = 0;
	if (!r) {
		if (proc_add(p, p->group_leader->real_parent, id, PROC_SEEDED))
			count(COUNTER_execs);
		return 0;
	}
	old = r->image;
	lineage = lineage_file(r->lineage, p->mm->exe_file);
	if (image)
		lineage = lineage_script(lineage, image);
	proc_write_begin(r);
	r->image = id;
	r->lineage = lineage;
	proc_note(r, p);
	proc_write_end(r);
	if (old)
		image_drop(old);
	cgroup_note(p);
	count(COUNTER_execs);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *p, int old_pid,
    struct linux_binprm *bprm)
{
	return executed(p, bprm);
}

/* For what on_exec missed (see kernel.h). */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec_again, struct task_struct *p, int old_pid,
    struct linux_binprm *bprm)
{
	return executed(p, bprm);
}
