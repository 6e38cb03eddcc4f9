/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A TCP connection that a rule drops, as far as that can be decided here; see
 * src/leaveout.h.  It comes last, behind the filter and the storm guard, where
 * user space would have been told of it.
 */
#ifndef PIDTREED_LEAVE_H
#define PIDTREED_LEAVE_H

#include "attempt.h"
#include "leaveout.h"

/* A set in a map: to put another one in its place waits for the programs that
   still look at it, and then what they counted is whole.  Neither map is kept
   over a restart (kernel_adopt.c). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__uint(key_size, sizeof(__u32));
		/* clang 14 has no more than the name of a type in here. */
		__uint(value_size, sizeof(struct leave_set));
	});
} leave_sets SEC(".maps");
/* Until when, ns since boot: a collector that has ended counts nothing. */
MAP(leave_until, BPF_MAP_TYPE_ARRAY, __u32, __u64, 1);

struct leave_walk {
	struct leave_set *set;
	struct leave_event e;
	bool out;
};

static long
leave_step(__u32 i, struct leave_walk *w)
{
	struct leave_term *t;

	if (i >= LEAVE_TERMS || i >= w->set->n)
		return 1;
	t = &w->set->term[i];
	if (!leave_has(t, &w->e))
		return 0;
	__sync_fetch_and_add(&t->hits, 1);
	w->out = true;
	return 1;
}

static __always_inline void
leave_address(struct leave_event *e, const struct tuple *t)
{
	if (t->family == AF_INET) {
		e->has_v4 = 1;
		e->v4 = t->daddr[0];
		return;
	}
	e->has_v6 = 1;
	e->v6[0] = t->daddr[0];
	e->v6[1] = t->daddr[1];
	e->v6[2] = t->daddr[2];
	e->v6[3] = t->daddr[3];
	if (t->daddr[0] != bpf_htonl(0x0064ff9b) || t->daddr[1] || t->daddr[2])
		return;
	e->has_v4 = 1;
	e->v4 = t->daddr[3];
}

static __always_inline struct leave_set *
leave_set_now(void)
{
	__u32 zero = 0;
	void *set = bpf_map_lookup_elem(&leave_sets, &zero);
	__u64 *until;

	if (!set)
		return NULL;
	until = bpf_map_lookup_elem(&leave_until, &zero);
	if (!until || *until < bpf_ktime_get_boot_ns())
		return NULL;
	return bpf_map_lookup_elem(set, &zero);
}

/* 1: it is left out.  What is not plain is user space's to decide. */
__weak __noinline int
leave_out(const struct tuple *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct leave_walk w = {};

	if (!t || t->msk || t->repair || !t->dport ||
	    task->flags & PF_KTHREAD || !(t->daddr[0] | t->daddr[1] |
	    t->daddr[2] | t->daddr[3]))
		return 0;
	w.set = leave_set_now();
	if (!w.set)
		return 0;
	w.e.uid = task->real_cred->uid.val;
	w.e.cgroup = task->cgroups->dfl_cgrp->kn->id;
	w.e.port = t->dport;
	leave_address(&w.e, t);
	bpf_loop(LEAVE_TERMS, leave_step, &w, 0);
	if (w.out)
		count(COUNTER_attempts);
	return w.out;
}

#endif
