/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process is born: its record, on the line of the process that made it. */
#include "splice.h"
#include "path.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct proc_key key;
	struct image *image;
	struct proc *r;
	__u64 id = 0;

	if (!gate() || child->pid != child->tgid)
		return 0;
	key_of(&key, parent);
	r = bpf_map_lookup_elem(&procs, &key);
	if (!r && key.tgid) {
		/* The first pass has not come to it yet. */
		proc_add(parent, parent->group_leader->real_parent, 0,
		    PROC_SEEDED);
		r = bpf_map_lookup_elem(&procs, &key);
	}
	if (r) {
		if (r->line > LINE_CHECK)
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
	return 0;
}
