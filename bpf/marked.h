/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A socket that carries a mark: the outcome of its attempt, then its end. */
#ifndef PIDTREED_MARKED_H
#define PIDTREED_MARKED_H

#include "attempt.h"
#include "ending.h"

/*
 * Two collectors' programs run one after the other for the same SYN, and at a
 * take-over `active` may change between them: one of 40,000 connections over
 * four take-overs was there twice.  A socket cannot send another SYN from the
 * same port before the first one's outcome.
 */
#define SAME_SYN_NS	10000000

static __always_inline bool
mark_taken(const struct mark *m, const struct tuple *t)
{
	__u64 id = m->id;
	struct attempt *a = attempt_find(&id);

	return a && a->id == id && a->state == ATTEMPT_SYN &&
	    a->sport == t->sport && a->dport == t->dport &&
	    bpf_ktime_get_boot_ns() - a->time < SAME_SYN_NS;
}

static __always_inline int
sock_error(struct sock *sk)
{
	int err = sk->sk_err;

	return err ? err : sk->sk_err_soft;
}

/* Not skc_num: TCP_CLOSE gives the port back first. */
static __always_inline __u16
sock_port(struct sock *sk)
{
	return bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
}

/*
 * Payload alone.  bytes_sent has neither SYN nor FIN, but has all that was
 * sent again (tcp_output.c); bytes_received has the FIN's number in sequence
 * (tcp_rcv_nxt_update), and SOCK_DONE says that one came (tcp_fin).
 */
static __always_inline void
mark_ended(const struct mark *m, struct tcp_sock *tp, int old)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	struct ending e = { .id = m->id, .start = m->time, .by = m->by };
	struct tuple t;

	tuple_of(&t, sk);
	e.end = bpf_ktime_get_boot_ns();
	e.proto = IPPROTO_TCP;
	e.family = t.family;
	e.sport = sock_port(sk);
	e.dport = t.dport;
	__builtin_memcpy(e.saddr, t.saddr, sizeof(e.saddr));
	__builtin_memcpy(e.daddr, t.daddr, sizeof(e.daddr));
	e.netns = sk->__sk_common.skc_net.net->ns.inum;
	e.out = tp->bytes_sent - tp->bytes_retrans;
	e.in = tp->bytes_received;
	if (e.in && sk->__sk_common.skc_flags >> SOCK_DONE & 1)
		e.in--;
	e.err = sock_error(sk);
	if (m->flags & MARK_SNAPSHOT)
		e.flags = ENDING_SNAPSHOT;
	if (old == TCP_LAST_ACK || old == TCP_CLOSING || old == TCP_FIN_WAIT2)
		e.flags |= ENDING_WHOLE;
	ending_put(&e);
}

/* Until the connections of before were told, what is known has its mark. */
static __always_inline bool
mark_kept(struct mark *m)
{
	struct control *c = control_get();

	if (!c || (c->snapped && !(c->wants & WANT_CLOSE)))
		return false;
	if (c->wants & WANT_CLOSE)
		m->flags |= MARK_OPEN;
	return true;
}

/* Its state changes; true: the mark has done its work. */
static __always_inline bool
mark_state(struct mark *m, struct tcp_sock *tp, int old, int new)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	bool open = new == TCP_ESTABLISHED;

	if (m->flags & MARK_OPEN) {
		if (!m->by && new == TCP_FIN_WAIT1)
			m->by = BY_LOCAL;
		if (!m->by && new == TCP_CLOSE_WAIT)
			m->by = BY_REMOTE;
		if (new == TCP_CLOSE)
			mark_ended(m, tp, old);
		return new == TCP_CLOSE;
	}
	if (!open && new != TCP_CLOSE)
		return false;
	attempt_decided(m->id, open, open ? 0 : sock_error(sk), sock_port(sk));
	return !open || !mark_kept(m);
}

/* sk: a struct sock or a struct bpf_sock.  One of the snapshot is followed by
   the tracepoint, and told by sock_ops if that had a flag there before. */
static __always_inline void
mark_forget(void *sk, const struct mark *m)
{
	bool followed = m->flags & MARK_SNAPSHOT;
	struct control *c = control_get();

	if (!bpf_sk_storage_delete(&mark, sk) && followed && c)
		__sync_fetch_and_add(&c->followed, -1);
}

#endif
