/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who makes the attempt: the calling task and the living line above it, as they
   are at that moment.  By real_cred, which is the process's own: the kernel
   takes other credentials for a while, as overlayfs those of who mounted it. */
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
	const struct cred *cred = p->real_cred;
	struct attempt *a = w->a;
	struct ancestor *up;
	struct proc_key key = {};
	struct proc *r;
	__u32 slot = i;		/* a counter in w would be tried 1024 times */

	if (p->tgid == 0)
		return 1;
	if (slot >= LINE_NEAR)
		slot = LINE_NEAR + (slot - LINE_NEAR) % (LINE_LEN - LINE_NEAR);
	if (slot >= LINE_LEN)
		return 1;
	up = &a->line[slot];
	key.start = p->start_boottime;
	key.tgid = p->tgid;
	r = bpf_map_lookup_elem(&procs, &key);
	up->image = r ? r->image : 0;
	w->n = i + 1;
	up->key = key;
	up->key.pad = cred->gid.val;
	up->uid = cred->uid.val;
	up->auid = task_auid(p);
	bpf_probe_read_kernel(up->comm, sizeof(up->comm), p->comm);
	w->at = p;
	return 0;
}

/* Of the current task; global, so that it is verified once: a look at what a
   trusted pointer points to costs the verifier a search of all types' names. */
__weak __noinline int
attempt_caller(struct attempt *a)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct line_walk w = { .at = t->group_leader, .a = a };
	const struct cred *cred = t->real_cred;

	if (!a)
		return 0;
	a->cgroup = cgroup_note(t);
	a->tid = t->pid;
	a->uid = cred->uid.val;
	a->euid = cred->euid.val;
	a->gid = cred->gid.val;
	a->egid = cred->egid.val;
	bpf_probe_read_kernel(a->comm, sizeof(a->comm), w.at->comm);
	attempt_userns(a, cred->user_ns);
	a->auid = task_auid(t);
	a->ses = task_ses(t);
	bpf_probe_read_kernel(a->thread, sizeof(a->thread), t->comm);
	bpf_loop(1024, line_step, &w, 0);
	a->lines = w.n < LINE_LEN ? w.n : LINE_LEN;
	a->depth = w.n + 1;
	return 0;
}

#endif
