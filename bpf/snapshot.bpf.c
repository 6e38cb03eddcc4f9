/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was there before: each open file of each process, in the rounds of a
 * snapshot.  A socket that the live programs know has a mark; so they are
 * attached first, and no connection is told twice.
 */
#include "accept.h"
#include "marked.h"

/* What both maps of attempts have room for; set before load. */
const volatile __u32 attempts_most __weak = 2 * ATTEMPTS_READY;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline int
state_of(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state);
}

/*
 * Who of the two sides began?  connect() takes a port that is no other's:
 * its bucket has fastreuse -1 (__inet_hash_connect), one of bind or listen
 * has not, and accepted sockets are in their listener's.  Where the port was
 * bound before, our SYN has been acknowledged, and counted with the payload,
 * only if there was one: an accepted socket begins behind it.
 */
static __always_inline bool
is_outbound(struct tcp_sock *tp, int state)
{
	__u32 fin = state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2;
	__u64 acked;

	if (state == TCP_SYN_SENT || BPF_CORE_READ(tp,
	    inet_conn.icsk_bind_hash, fastreuse) == -1)
		return true;
	acked = tp->bytes_sent - tp->bytes_retrans -
	    (__u32)(tp->snd_nxt - tp->snd_una);
	return tp->bytes_acked == acked + fin + 1;
}

/* The functions that are not inline have the large things on their stacks: it
   is 512 bytes for all that call one another ("combined stack size of 5 calls
   is 528. Too large"). */
static __always_inline void
tuple_fill(struct tuple *t, struct sock *sk, struct tcp_sock *tp, int state)
{
	tuple_of(t, sk);
	if (tp)
		tuple_more(t, tp);
	else {
		t->proto = IPPROTO_UDP;
		t->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	}
	t->flags = ATTEMPT_SNAPSHOT;
	if (state != TCP_LISTEN)
		return;
	t->kind = KIND_LISTEN;
	if (!(BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) &
	    SOCK_BINDPORT_LOCK))
		t->flags |= ATTEMPT_RANDOM;
}

/* The same filter as at a SYN.  What is told in digests alone is not there. */
static __noinline int
is_admitted(struct control *c, struct sock *sk, struct tcp_sock *tp, int state)
{
	struct tuple t;

	if (!c)
		return 0;
	tuple_fill(&t, sk, tp, state);
	return !t.repair && tuple_wanted(&t, c) == WANTED_LOG;
}

/* Is it something to tell, in this state? */
static __always_inline bool
is_wanted(struct control *c, struct sock *sk, struct tcp_sock *tp, int state)
{
	if (state == TCP_LISTEN)
		return c->snapshot & (SNAP_LISTEN | SNAP_ACCEPT);
	if (state != TCP_SYN_SENT && state != TCP_ESTABLISHED &&
	    state != TCP_FIN_WAIT1 && state != TCP_FIN_WAIT2 &&
	    state != TCP_CLOSE_WAIT)
		return false;
	return c->snapshot & SNAP_CONNECT &&
	    !bpf_sk_storage_get(&mark, sk, 0, 0) && is_outbound(tp, state) &&
	    is_admitted(c, sk, tp, state);
}

static __always_inline bool
is_before(const struct proc_key *a, const struct proc_key *b)
{
	return a->start < b->start ||
	    (a->start == b->start && a->tgid < b->tgid);
}

/* The process that began first is remembered with the socket. */
static __always_inline void
held_by(struct sock *sk, struct proc_key *key)
{
	struct proc_key *h;

	h = bpf_sk_storage_get(&holders, sk, key, BPF_SK_STORAGE_GET_F_CREATE);
	if (!h)
		count(COUNTER_snapshot_full);
	else if (is_before(key, h))
		*h = *key;
}

/* What becomes of a connection that is told now, from here on.  Where its
   state has changed meanwhile nobody saw a mark on it. */
static __noinline int
follow(struct control *c, struct sock *sk, struct tcp_sock *tp, int state,
    struct mark *new)
{
	struct mark *m;
	int now;

	m = bpf_sk_storage_get(&mark, sk, new, BPF_SK_STORAGE_GET_F_CREATE);
	if (!m) {
		if (state == TCP_SYN_SENT)
			attempt_unmarked(new->id);
		return 0;
	}
	if (m->id != new->id)		/* a live program was faster */
		return 0;
	__sync_fetch_and_add(&c->followed, 1);
	now = state_of(sk);
	if (now == state || (now != TCP_CLOSE && state != TCP_SYN_SENT))
		return 0;
	if (mark_state(m, tp, state, now))
		mark_forget(sk, m);
	return 0;
}

/* Its attempt, announced unless there is an outcome to come; its id, or 0. */
static __noinline __u64
told(struct control *c, struct task_struct *task, struct sock *sk,
    struct tcp_sock *tp, int state)
{
	struct attempt *a;
	struct tuple t;
	__u64 id;

	tuple_fill(&t, sk, tp, state);
	a = attempt_begin(&t, task);
	if (!a)
		return 0;
	count(COUNTER_snapshots);
	id = a->id;
	a->decided = t.time;
	if (state == TCP_SYN_SENT) {
		a->state = ATTEMPT_SYN;
		return id;
	}
	if (state != TCP_LISTEN)
		a->flags |= ATTEMPT_EST;
	barrier();
	a->state = state == TCP_LISTEN ? ATTEMPT_NOMARK : ATTEMPT_DECIDED;
	attempt_ring(a, id);
	return id;
}

static __always_inline void
tell(struct control *c, struct task_struct *task, struct sock *sk,
    struct tcp_sock *tp, int state)
{
	struct mark new = { .flags = MARK_SNAPSHOT };

	new.id = told(c, task, sk, tp, state);
	if (!new.id || state == TCP_LISTEN)
		return;
	if (state != TCP_SYN_SENT) {
		if (!(c->wants & WANT_CLOSE))
			return;
		new.flags |= MARK_OPEN;
	}
	if (state == TCP_CLOSE_WAIT)
		new.by = BY_REMOTE;
	else if (state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2)
		new.by = BY_LOCAL;
	new.time = bpf_ktime_get_boot_ns();
	follow(c, sk, tp, state, &new);
}

/* A UDP socket that takes datagrams from anybody, in the place of one that
   listens.  One that was not bound has a port of the kernel's choice, too, once
   it has sent something. */
static __always_inline bool
is_bound(struct control *c, struct sock *sk)
{
	if (!(c->snapshot & SNAP_LISTEN) || !(c->wants & WANT_BIND) ||
	    BPF_CORE_READ(sk, sk_protocol) != IPPROTO_UDP ||
	    state_of(sk) == TCP_ESTABLISHED ||
	    !BPF_CORE_READ(sk, __sk_common.skc_num))
		return false;
	return c->wants & WANT_BIND_RANDOM ||
	    BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) &
	    SOCK_BINDPORT_LOCK;
}

/* Half the room is for what happens meanwhile: the collector comes again for
   what is left. */
static __always_inline bool
is_later(struct control *c, struct sock *sk)
{
	if (c->pending <= attempts_most / 2)
		return false;
	if (bpf_sk_storage_get(&holders, sk, 0, 0))
		__sync_fetch_and_add(&c->snapshot_left, 1);
	return true;
}

/* Whoever began first tells it; if he has let go of it since, whoever comes. */
static __always_inline bool
is_teller(struct control *c, struct sock *sk, struct proc_key *key)
{
	struct proc_key *h = bpf_sk_storage_get(&holders, sk, 0, 0);
	struct proc_key holder;

	if (!h)
		return false;
	holder = *h;
	if (!(c->snapshot & SNAP_ANY) && !key_equal(&holder, key))
		return false;
	return !bpf_sk_storage_delete(&holders, sk);
}

SEC("iter/task_file")
int on_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct control *c = gate();
	struct socket *socket;
	struct proc_key key;
	struct tcp_sock *tp;
	struct sock *sk;
	int state;

	if (!task || !file || !c || !(socket = bpf_sock_from_file(file)))
		return 0;
	sk = socket->sk;
	if (!sk || (socket->type != SOCK_STREAM && socket->type != SOCK_DGRAM))
		return 0;
	/* The helper may look at the protocol's number alone. */
	if (sk->__sk_common.skc_family != AF_INET &&
	    sk->__sk_common.skc_family != AF_INET6)
		return 0;
	key_of(&key, task);
	if (socket->type == SOCK_DGRAM) {
		if (!is_bound(c, sk))
			return 0;
		if (c->snapshot & SNAP_FIND)
			held_by(sk, &key);
		else if (!is_later(c, sk) && is_teller(c, sk, &key))
			told(c, task, sk, NULL, TCP_LISTEN);
		return 0;
	}
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	state = state_of(sk);
	if (!is_wanted(c, sk, tp, state))
		return 0;
	if (c->snapshot & SNAP_FIND)
		held_by(sk, &key);
	else if (!is_later(c, sk) && is_teller(c, sk, &key)) {
		if (state == TCP_LISTEN && c->snapshot & SNAP_ACCEPT)
			accept_note(c, sk, BPF_CORE_READ(sk,
			    __sk_common.skc_num), &key, false);
		if (state != TCP_LISTEN || c->snapshot & SNAP_LISTEN)
			tell(c, task, sk, tp, state);
	}
	return 0;
}
