/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who makes the attempt: the calling task and the living line above it, as they
   are at that moment. */
#ifndef PIDTREED_CALLER_H
#define PIDTREED_CALLER_H

#include "tree.h"
#include "path.h"
#include "userns.h"

struct line_walk {
	struct task_struct *at;
	struct attempt *a;
	__u32 n;
};

static long
line_step(__u32 i, struct line_walk *w)
{
	struct task_struct *p = w->at->real_parent->group_leader;
	struct attempt *a = w->a;
	struct ancestor *up;
	struct proc *r;
	__u32 slot = i;		/* a counter in w would be tried 1024 times */

	if (p->tgid == 0)
		return 1;
	if (slot >= LINE_NEAR)
		slot = LINE_NEAR + (slot - LINE_NEAR) % (LINE_LEN - LINE_NEAR);
	if (slot >= LINE_LEN)
		return 1;
	up = &a->line[slot];
	up->key.start = p->start_boottime;
	up->key.tgid = p->tgid;
	up->key.pad = 0;
	r = bpf_map_lookup_elem(&procs, &up->key);
	up->image = r ? r->image : 0;
	up->key.pad = w->n = i + 1;
	up->uid = p->cred->uid.val;
	up->auid = task_auid(p);
	bpf_probe_read_kernel(up->comm, sizeof(up->comm), p->comm);
	w->at = p;
	return 0;
}

static __noinline int
attempt_caller(struct attempt *a, struct task_struct *t)
{
	struct line_walk w = { .at = t->group_leader, .a = a };

	a->tid = t->pid;
	a->uid = t->cred->uid.val;
	a->euid = t->cred->euid.val;
	attempt_userns(a, t);
	a->auid = task_auid(t);
	a->ses = task_ses(t);
	a->cgroup = t->cgroups->dfl_cgrp->kn->id;
	bpf_probe_read_kernel(a->comm, sizeof(a->comm), t->group_leader->comm);
	bpf_probe_read_kernel(a->thread, sizeof(a->thread), t->comm);
	bpf_loop(1024, line_step, &w, 0);
	a->lines = w.n < LINE_LEN ? w.n : LINE_LEN;
	a->depth = w.n + 1;
	cgroup_note(t);
	return 0;
}

#endif
