/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last thread of a process leaves: its record stays as long as somebody
   below it lives, with what the process was at its end. */
#include "tree.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline int
left(struct task_struct *p)
{
	struct control *c = gate();
	struct proc_key key;
	struct proc *r;

	/* do_exit() counts live down before it comes here; threads that
	   leave together may all see 0, and proc_exited picks one. */
	if (!c || p->signal->live.counter != 0)
		return 0;
	drop_deferred(c, 1);
	key_of(&key, p);
	r = bpf_map_lookup_elem(&procs, &key);
	if (!r || !proc_exited(r))
		return 0;
	proc_write_begin(r);
	proc_note(r, p);
	proc_write_end(r);
	count(COUNTER_exits);
	proc_drop(&key);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *p)
{
	return left(p);
}

/* For what on_exit missed (see kernel.h). */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit_again, struct task_struct *p)
{
	return left(p);
}
