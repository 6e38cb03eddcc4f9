/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The storm guard: what one lineage does more than so many times a minute, to
 * one port of one network, is counted, and told once at the minute's end by
 * an attempt that stands for all that were not logged one by one.
 */
#ifndef PIDTREED_STORM_H
#define PIDTREED_STORM_H

#include "attempt.h"

/* Which line, for what: its user and cgroup are there. */
static __always_inline void
storm_key_of(struct storm_key *key, const struct tuple *tuple,
    const struct proc *r)
{
	bool listens = tuple->kind == KIND_LISTEN;
	bool src = listens || tuple->kind == KIND_ACCEPT;
	__u32 net[2] = { src ? tuple->saddr[0] : tuple->daddr[0],
	    src ? tuple->saddr[1] : tuple->daddr[1] };

	if (tuple->family == AF_INET) {
		net[0] &= bpf_htonl(~0U << (32 - STORM_NET4));
		net[1] = 0;
	}
	__builtin_memcpy(key->net, net, sizeof(key->net));
	key->lineage = r->lineage;
	key->port = listens ? tuple->sport : tuple->dport;
	if (key->flags & (STORM_RANDOM | STORM_FREE))
		key->port = 0;
	key->family = tuple->family;
}

/* Who asks others takes one such port after the other, a resolver for each
   question: they count as one, and by the hour. */
static __always_inline bool
storm_free(const struct tuple *tuple)
{
	return tuple->kind == KIND_LISTEN && tuple->proto == IPPROTO_UDP &&
	    tuple->sport >= PORTS_FREE;
}

/* NULL if nobody counts for this caller; the key is left for a new one.  An
   accepted connection is its listener's, whoever is current. */
static __always_inline struct storm *
storm_find(struct storm_key *key, const struct tuple *tuple, int wanted)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct proc_key who;
	struct proc *r;

	key->cgroup = t->cgroups->dfl_cgrp->kn->id;
	key->uid = t->real_cred->uid.val;
	key_of(&who, t);
	if (tuple->kind == KIND_ACCEPT)
		who = tuple->owner;
	r = bpf_map_lookup_elem(&procs, &who);
	if (!r)
		return NULL;
	if (tuple->kind == KIND_ACCEPT) {
		key->cgroup = r->cgroup;
		key->uid = r->uid;
	}
	key->flags = (wanted == WANTED_DIGEST ? STORM_ALWAYS : 0) |
	    (tuple->proto == IPPROTO_UDP ? STORM_UDP : 0) |
	    (tuple->kind == KIND_LISTEN ? STORM_LISTEN : 0) |
	    (tuple->kind == KIND_ACCEPT ? STORM_ACCEPT : 0) |
	    (tuple->kind == KIND_OPEN ? STORM_OPEN : 0) |
	    (tuple->kind == KIND_EXEC ? STORM_EXEC : 0) |
	    (tuple->flags & ATTEMPT_RANDOM ? STORM_RANDOM : 0) |
	    (storm_free(tuple) ? STORM_FREE : 0);
	storm_key_of(key, tuple, r);
	return bpf_map_lookup_elem(&storms, key);
}

enum storm_verdict {
	STORM_LOG,
	STORM_COUNTED,
	STORM_FIRST,		/* and an attempt must stand for them */
};

/* Is it counted, and not to be logged?  A kernel thread has no lineage. */
__weak __noinline int
storm_counts(const struct tuple *tuple, int wanted)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct storm new = { .since = bpf_ktime_get_boot_ns(), .count = 1 };
	struct control *c = control_get();
	struct storm_key key = {};
	struct storm *s;
	__u32 limit;

	if (!tuple || !c ||
	    (t->flags & PF_KTHREAD && tuple->kind != KIND_ACCEPT))
		return STORM_LOG;
	limit = wanted == WANTED_DIGEST ? 1 : c->storm;
	if (!limit)
		return STORM_LOG;
	s = storm_find(&key, tuple, wanted);
	if (!s && key.family) {
		if (!bpf_map_update_elem(&storms, &key, &new, BPF_NOEXIST)) {
			__sync_fetch_and_add(&c->storms, 1);
			return STORM_LOG;
		}
		s = bpf_map_lookup_elem(&storms, &key);
		if (!s)
			count(COUNTER_storms_full);
	}
	if (!s || __sync_fetch_and_add(&s->count, 1) < limit)
		return STORM_LOG;
	s->last = new.since;
	__sync_fetch_and_add(&s->more, 1);
	count(COUNTER_digested);
	return s->digest ? STORM_COUNTED : STORM_FIRST;
}

/* Attempt id shall stand for the others, unless another one does. */
__weak __noinline int
storm_stands(const struct tuple *tuple, int wanted, __u64 id)
{
	struct control *c = control_get();
	struct storm_key key = {};
	struct storm *s;

	if (!tuple || !c || !id)
		return 0;
	s = storm_find(&key, tuple, wanted);
	if (!s || __sync_val_compare_and_swap(&s->digest, 0, id) != 0)
		attempt_drop(c, id);
	return 0;
}

/* 1: it is counted.  Apart from storm_counts, as the stack of a program and
   all that it calls is 512 bytes. */
static __always_inline bool
storm_takes(struct tuple *tuple, int wanted)
{
	int verdict = storm_counts(tuple, wanted);

	if (verdict == STORM_LOG)
		return false;
	if (verdict == STORM_FIRST) {
		tuple->digest = 1;
		storm_stands(tuple, wanted, attempt_new(tuple));
	}
	return true;
}

#endif
