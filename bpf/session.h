/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A UDP session: what one socket sends to one address and port, from the
 * first datagram until the socket is closed or was silent for long.  The
 * first is an attempt as a SYN is, but one without an outcome.
 *
 * Nobody fills the map for the others: a socket, a process and a user have
 * their shares of it.  A share that was given back whole is deleted, so its
 * count is never raised from 0 (see tree.h).
 */
#ifndef PIDTREED_SESSION_H
#define PIDTREED_SESSION_H

#include "attempt.h"
#include "ending.h"
#include "storm.h"

/* The size of the map `sessions`; set before load. */
const volatile __u32 sessions_most __weak = SESSIONS;

#define SOCKET_PART	64	/* a socket may have 1/64 of the map, */
#define PROCESS_PART	8	/* a process an eighth, */
#define USER_PART	2	/* a user other than root half of it */

static const struct session session_empty;

__weak __noinline int
share_drop(const struct share_key *which)
{
	struct share_key key;
	struct control *c;
	struct session_share *s;
	bool closed;

	if (!which)
		return 0;
	key = *which;
	s = bpf_map_lookup_elem(&shares, &key);
	if (!s)
		return 0;
	closed = s->closed;
	if (__sync_fetch_and_add(&s->n, -1) != 1)
		return 0;
	bpf_map_delete_elem(&shares, &key);
	c = control_get();
	if (closed && c)
		__sync_fetch_and_add(&c->closed, -1);
	return 0;
}

/* 1: taken; 0: there is no more of it; -1: it is just being given back by
   the last who had some, go on without. */
__weak __noinline int
share_take(const struct share_key *which, __u64 most)
{
	struct session_share new = { .n = 1 }, *s;
	struct share_key key, got;
	__u64 n;

	if (!which)
		return -1;
	new.key = key = *which;
	if (bpf_map_update_elem(&shares, &key, &new, BPF_NOEXIST) == 0)
		return 1;
	s = bpf_map_lookup_elem(&shares, &key);
	for (int i = 0; s && i < 8; i++) {
		n = *(volatile __u64 *)&s->n;
		if (!n)
			return -1;
		if (n >= most)
			return 0;
		if (__sync_val_compare_and_swap(&s->n, n, n + 1) != n)
			continue;
		got = s->key;
		if (got.who == key.who && got.of == key.of)
			return 1;
		/* Its memory is another's by now, who may have gone. */
		share_drop(&got);
		return -1;
	}
	return -1;
}

/* Whose shares a session uses, in the order of enum share_of. */
static __always_inline void
share_keys(struct share_key key[NSHARES], __u64 cookie, __u64 start,
    __u32 tgid, __u32 uid)
{
	key[SHARE_SOCKET] = (struct share_key){ cookie, 0, SHARE_SOCKET };
	key[SHARE_PROCESS] = (struct share_key){ start, tgid, SHARE_PROCESS };
	key[SHARE_USER] = (struct share_key){ uid, 0, SHARE_USER };
}

static __always_inline void
shares_drop(struct share_key key[NSHARES], __u32 taken)
{
	for (int i = 0; i < NSHARES; i++)
		if (taken & 1 << i)
			share_drop(&key[i]);
}

/* Which were taken, as 1 << enum share_of; SHARE_NONE: one is used up. */
static __always_inline __u32
shares_take(struct share_key key[NSHARES])
{
	const __u32 part[NSHARES] = { SOCKET_PART, PROCESS_PART, USER_PART };
	__u32 taken = 0;

	for (int i = 0; i < NSHARES; i++) {
		int got;

		if (i == SHARE_USER && key[i].who == 0)
			break;
		got = share_take(&key[i], sessions_most / part[i]);
		if (got == 1)
			taken |= 1 << i;
		if (got == 0) {
			shares_drop(key, taken);
			return SHARE_NONE;
		}
	}
	return taken;
}

/* What its end will say, and what is to be given back then. */
static __always_inline void
session_fill(struct session *s, struct tuple *t,
    const struct share_key key[NSHARES])
{
	s->last = bpf_ktime_get_coarse_ns();
	s->datagrams = t->datagrams;
	s->owner.start = key[SHARE_PROCESS].who;
	s->owner.tgid = key[SHARE_PROCESS].tgid;
	s->uid = key[SHARE_USER].who;
	s->netns = t->netns;
	s->sport = t->sport;
	__builtin_memcpy(s->saddr, t->saddr, sizeof(s->saddr));
}

/* No session for it: with a storm guard it is told all the same, as often as
   that lets it pass. */
static __always_inline int
session_none(struct control *c, enum counter without)
{
	count(c->storm ? COUNTER_udp_untracked : without);
	return c->storm ? -1 : 0;
}

/* A session with its shares, which nobody can end before it has an id.  1:
   made; 0: nothing to do; -1: tell this datagram without one. */
__weak __noinline int
session_make(const struct session_key *which, struct tuple *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct control *c = control_get();
	struct share_key share[NSHARES];
	struct session_key key;
	struct session *s;
	struct session_share *sock;
	__u32 taken;

	if (!which || !t || !c)
		return 0;
	key = *which;
	share_keys(share, key.cookie, task->group_leader->start_boottime,
	    task->tgid, task->real_cred->uid.val);
	taken = shares_take(share);
	if (taken == SHARE_NONE)
		return session_none(c, COUNTER_udp_shared);
	if (bpf_map_update_elem(&sessions, &key, &session_empty,
	    BPF_NOEXIST) || !(s = bpf_map_lookup_elem(&sessions, &key))) {
		shares_drop(share, taken);
		/* Another thread may have been first. */
		if (bpf_map_lookup_elem(&sessions, &key))
			return 0;
		return session_none(c, COUNTER_udp_full);
	}
	__sync_fetch_and_add(&c->sessions, 1);
	session_fill(s, t, share);
	s->taken = taken;
	/* Without a share of it, it may be just going. */
	sock = taken & 1 << SHARE_SOCKET ?
	    bpf_map_lookup_elem(&shares, &share[SHARE_SOCKET]) : NULL;
	if (sock)
		sock->recent = key;
	return 1;
}

/* What its first datagram becomes: an attempt, or one more for the storm
   guard.  0: there is no room. */
static __always_inline __u64
session_tell(struct tuple *t, int wanted)
{
	__u64 id;

	if (storm_takes(t, wanted))
		return SESSION_COUNTED;
	id = attempt_new(t);
	if (id)
		count(COUNTER_udp_sessions);
	return id;
}

static __always_inline void
session_ending(struct ending *e, const struct session_key *key,
    const struct session *s)
{
	e->id = s->id;
	e->start = s->start;
	e->datagrams = s->datagrams;
	e->netns = s->netns;
	e->kind = KIND_UDP;
	e->proto = IPPROTO_UDP;
	e->family = key->family;
	e->sport = s->sport;
	e->dport = key->dport;
	__builtin_memcpy(e->saddr, s->saddr, sizeof(e->saddr));
	__builtin_memcpy(e->daddr, key->daddr, sizeof(e->daddr));
}

/* closed: at that time (ns since boot); else it is silent since `last`.
   Who deletes it from the map tells of its end. */
__weak __noinline int
session_end(const struct session_key *which, __u64 closed, __u64 last)
{
	struct control *c = control_get();
	struct share_key share[NSHARES];
	struct session_key key;
	struct ending e = {};
	struct session *s;
	__u32 taken;

	if (!which || !c)
		return 0;
	key = *which;
	s = bpf_map_lookup_elem(&sessions, &key);
	if (!s || !s->id)
		return 0;
	taken = s->taken;
	share_keys(share, key.cookie, s->owner.start, s->owner.tgid, s->uid);
	session_ending(&e, &key, s);
	if (bpf_map_delete_elem(&sessions, &key))
		return 0;
	__sync_fetch_and_add(&c->sessions, -1);
	shares_drop(share, taken);
	e.end = closed ? closed : last > e.start ? last : e.start;
	e.by = closed ? BY_LOCAL : BY_NOBODY;
	e.flags = closed ? ENDING_WHOLE : ENDING_IDLE;
	if (e.id != SESSION_COUNTED && c->wants & WANT_CLOSE)
		ending_put(&e);
	return 0;
}

/* The first datagram to there, by the current task; wanted: enum wanted.
   Inline, for the stack: Linux 6.1 counted 576 bytes when it was a function
   between the program and attempt_new. */
static __always_inline void
session_new(const struct session_key *key, struct tuple *t, int wanted)
{
	struct session *s;
	int made = session_make(key, t);
	__u64 id;

	if (!made)
		return;
	id = session_tell(t, wanted);
	if (made < 0)
		return;
	s = bpf_map_lookup_elem(&sessions, key);
	if (!s)
		return;
	s->start = t->time;
	barrier();
	/* From here on the sweep may end it. */
	s->id = id ? id : SESSION_COUNTED;
	if (!id)
		session_end(key, t->time, 0);
}

static __always_inline void
session_count(struct session *s, __u64 n)
{
	s->last = bpf_ktime_get_coarse_ns();
	__sync_fetch_and_add(&s->datagrams, n);
}

#endif
