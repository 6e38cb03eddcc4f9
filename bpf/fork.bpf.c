/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process is born: its record, on the line of the process that made it. */
#include "splice.h"
#include "path.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void
born(struct task_struct *parent, struct task_struct *child, bool splice)
{
	struct proc_key key;
	struct image *image;
	struct proc *r;
	__u64 id = 0;

	key_of(&key, parent);
	r = bpf_map_lookup_elem(&procs, &key);
	if (!r && key.tgid) {
		/* The first pass has not come to it yet. */
		proc_add(parent, parent->group_leader->real_parent, 0,
		    PROC_SEEDED);
		r = bpf_map_lookup_elem(&procs, &key);
	}
	if (r) {
		if (splice && r->line > LINE_CHECK)
			proc_splice(&key);
		id = r->image;
		image = bpf_map_lookup_elem(&images, &id);
		if (image)
			__sync_fetch_and_add(&image->refs, 1);
		else
			id = 0;
	}
	if (proc_add(child, parent, id, 0))
		count(COUNTER_forks);
	cgroup_note(child);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (gate() && child->pid == child->tgid)
		born(parent, child, true);
	return 0;
}

/* The next thing in the same call, for what on_fork missed (see kernel.h):
   here preemption is off and a lock of the scheduler held, so nothing long. */
SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(on_fork_again, struct task_struct *child)
{
	struct proc_key key;

	if (!gate() || child->pid != child->tgid)
		return 0;
	key_of(&key, child);
	if (!bpf_map_lookup_elem(&procs, &key))
		born(bpf_get_current_task_btf(), child, false);
	return 0;
}
