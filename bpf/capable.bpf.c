/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which capability a process was asked for, and whether it had it: counted
 * here.  The first check makes an attempt that stands for all of its interval,
 * and the tick ends it.  One of the two programs is attached, if any.
 */
#include "attempt.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define ID_CHECKS	4096	/* entries; a forgotten one costs a message */

/* One process, as what it executes and as whom.  A check finds its attempt by
   this alone. */
struct check_key {
	struct proc_key who;
	__u32 exec;		/* low half of self_exec_id */
	__u32 uid;
	__u32 userns;		/* inode of the one that it was asked in */
	__u8 cap;
	__u8 denied;
	__u16 pad;
};
MAP(checks, BPF_MAP_TYPE_LRU_HASH, struct check_key, __u64, 2 * ID_CHECKS);

/* All processes of one lineage, user and cgroup. */
struct check_line {
	__u64 lineage;
	__u64 cgroup;
	__u32 uid;
	__u32 userns;
	__u32 cap;
	__u32 denied;
};
MAP(check_lines, BPF_MAP_TYPE_LRU_HASH, struct check_line, __u64, ID_CHECKS);

/* The attempt counts one more, unless its time is over.  One that the tick
   ends meanwhile may be counted in both, and in none never. */
static __always_inline bool
check_counted(const __u64 *id)
{
	struct attempt *a = attempt_find(id);

	if (!a || a->state != ATTEMPT_COUNTING)
		return false;
	a->decided = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&a->cnt, 1);
	return *(volatile __u32 *)&a->state == ATTEMPT_COUNTING;
}

static __always_inline __u64
check_begin(struct control *c, struct task_struct *t, struct check_key *key)
{
	struct attempt *a;
	__u64 id;

	if (c->checks >= CHECKS_MOST) {
		count(COUNTER_checks_full);
		return 0;
	}
	id = attempt_room(c);
	a = id ? attempt_find(&id) : NULL;
	if (!a) {
		count(COUNTER_checks_full);
		return 0;
	}
	a->id = id;
	a->time = a->decided = bpf_ktime_get_boot_ns();
	a->kind = KIND_CAPABLE;
	a->netns = BPF_CORE_READ(t, nsproxy, net_ns, ns.inum);
	a->key = key->who;
	a->dport = key->cap;
	a->err = key->denied;
	a->asked = key->userns;
	a->cnt = 1;
	attempt_caller(a);
	attempt_record(a);
	__sync_fetch_and_add(&c->checks, 1);
	barrier();
	a->state = ATTEMPT_COUNTING;
	return id;
}

/* Nothing counts for this process yet: perhaps for another of its lineage. */
__weak __noinline int
check_first(const struct check_key *for_key)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct control *c = control_get();
	struct check_line line = {};
	struct check_key key;
	struct proc *r;
	__u64 *found, id;

	if (!c || !for_key)
		return 0;
	key = *for_key;		/* 6.1: a map's key may be no argument */
	r = bpf_map_lookup_elem(&procs, &key.who);
	if (r && !(c->wants & WANT_CAPABLE_EACH)) {
		line.lineage = r->lineage;
		line.cgroup = t->cgroups->dfl_cgrp->kn->id;
		line.uid = key.uid;
		line.userns = key.userns;
		line.cap = key.cap;
		line.denied = key.denied;
		found = bpf_map_lookup_elem(&check_lines, &line);
		if (found && check_counted(found)) {
			id = *found;
			bpf_map_update_elem(&checks, &key, &id, BPF_ANY);
			return 0;
		}
	}
	id = check_begin(c, t, &key);
	if (!id)
		return 0;
	bpf_map_update_elem(&checks, &key, &id, BPF_ANY);
	if (line.cgroup)
		bpf_map_update_elem(&check_lines, &line, &id, BPF_ANY);
	return 0;
}

/* A kernel thread may do anything; nobody learns from it. */
static __always_inline int
check(struct user_namespace *ns, int cap, bool denied)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct control *c = gate();
	struct check_key key = {};
	__u64 *id;

	if (!c || !(c->wants & (denied ? WANT_DENIED : WANT_GRANTED)) ||
	    cap < 0 || cap > 63 || !(c->caps >> cap & 1) ||
	    t->flags & PF_KTHREAD)
		return 0;
	key_of(&key.who, t);
	key.exec = t->self_exec_id;
	key.uid = t->real_cred->uid.val;
	key.userns = ns->ns.inum;
	key.cap = cap;
	key.denied = denied;
	id = bpf_map_lookup_elem(&checks, &key);
	if (!id || !check_counted(id))
		check_first(&key);
	return 0;
}

/* Linux 6.13 and later. */
SEC("tp_btf/cap_capable")
int BPF_PROG(on_capable, const struct cred *cred, struct user_namespace *ns,
    const struct user_namespace *capable_ns, int cap, int ret)
{
	return check(ns, cap, ret != 0);
}

/* Before that; it tells what nobody asked for (CAP_OPT_NOAUDIT of
   include/linux/security.h), as the memory of each new process is. */
#define CAP_OPT_NOAUDIT	2

SEC("fexit/cap_capable")
int BPF_PROG(on_cap_capable, const struct cred *cred,
    struct user_namespace *ns, int cap, unsigned int opts, int ret)
{
	return opts & CAP_OPT_NOAUDIT ? 0 : check(ns, cap, ret != 0);
}
