/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An outbound TCP connection, from its SYN to its outcome and to its end. */
#include "leave.h"
#include "listen.h"
#include "marked.h"
#include "storm.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* 1: the root cgroup refused our sock_ops program; see on_tcp_state. */
const volatile __u32 no_sockops __weak = 0;

static __always_inline void
attempt_syn(struct bpf_sock_ops *ctx, struct control *c, struct bpf_sock *sk)
{
	struct tuple t = { .proto = IPPROTO_TCP, .family = ctx->family,
	    .sport = ctx->local_port, .dport = bpf_ntohl(ctx->remote_port) };
	struct mark *old = bpf_sk_storage_get(&mark, sk, 0, 0), new = {};
	struct tcp_sock *tp;
	int wanted;

	if (old) {
		if (mark_taken(old, &t))
			return;
		mark_forget(sk, old);
	}
	if (t.family == AF_INET6) {
		t.daddr[0] = ctx->remote_ip6[0];
		t.daddr[1] = ctx->remote_ip6[1];
		t.daddr[2] = ctx->remote_ip6[2];
		t.daddr[3] = ctx->remote_ip6[3];
	} else
		t.daddr[0] = ctx->remote_ip4;
	tuple_unmap(&t);
	wanted = tuple_wanted(&t, c);
	if (!wanted) {
		count(COUNTER_filtered);
		return;
	}
	if (t.family == AF_INET6) {
		t.saddr[0] = ctx->local_ip6[0];
		t.saddr[1] = ctx->local_ip6[1];
		t.saddr[2] = ctx->local_ip6[2];
		t.saddr[3] = ctx->local_ip6[3];
	} else
		t.saddr[0] = ctx->local_ip4;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return;
	tuple_more(&t, tp);
	if (storm_takes(&t, wanted) || leave_out(&t))
		return;
	new.id = attempt_new(&t);
	if (!new.id || t.repair)
		return;
	new.time = t.time;
	if (bpf_sk_storage_get(&mark, sk, &new, BPF_SK_STORAGE_GET_F_CREATE))
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags |
		    BPF_SOCK_OPS_STATE_CB_FLAG);
	else
		attempt_unmarked(new.id);
}

static __always_inline void
attempt_state(struct bpf_sock_ops *ctx, struct bpf_sock *sk)
{
	struct mark *m = bpf_sk_storage_get(&mark, sk, 0, 0);
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (m && tp && mark_state(m, tp, ctx->args[0], ctx->args[1]))
		mark_forget(sk, m);
}

SEC("sockops")
int on_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk;
	struct control *c;

	if (ctx->op != BPF_SOCK_OPS_TCP_CONNECT_CB &&
	    ctx->op != BPF_SOCK_OPS_STATE_CB &&
	    ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB &&
	    ctx->op != BPF_SOCK_OPS_TCP_LISTEN_CB)
		return 1;
	c = gate();
	sk = ctx->sk;
	if (!c || !sk)
		return 1;
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		attempt_syn(ctx, c, sk);
	else if (ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB) {
		if (c->wants & (WANT_LISTEN | WANT_ACCEPT))
			listen_begin(ctx, c, sk);
	} else if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
		if (c->wants & WANT_ACCEPT)
			accept_done(ctx, c, sk);
	} else
		attempt_state(ctx, sk);
	return 1;
}

/* The attempt's begin, where our sock_ops program was refused. */
static __always_inline void
syn_sent(struct sock *sk, struct tcp_sock *tp, struct control *c)
{
	struct mark new = {};
	struct tuple t;
	int wanted;

	tuple_of(&t, sk);
	wanted = tuple_wanted(&t, c);
	if (!wanted) {
		count(COUNTER_filtered);
		return;
	}
	tuple_more(&t, tp);
	if (storm_takes(&t, wanted) || leave_out(&t))
		return;
	new.id = attempt_new(&t);
	new.time = t.time;
	if (new.id && !t.repair && !bpf_sk_storage_get(&mark, sk, &new,
	    BPF_SK_STORAGE_GET_F_CREATE))
		attempt_unmarked(new.id);
}

/*
 * The same states once more: another sock_ops program may have cleared our
 * flag on the socket.  And where our own was refused, the attempt's begin;
 * then the source port comes with the outcome.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_tcp_state, struct sock *sk, int old, int new)
{
	struct tcp_sock *tp;
	struct control *c;
	struct mark *m;

	if (new == TCP_SYN_SENT) {
		if (!no_sockops || !(c = gate()))
			return 0;
		/* Not of MPTCP's own socket, nor of SCTP. */
		tp = bpf_skc_to_tcp_sock(sk);
		if (tp)
			syn_sent(sk, tp, c);
		return 0;
	}
	m = bpf_sk_storage_get(&mark, sk, 0, 0);
	if (!m || !gate())
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (tp && mark_state(m, tp, old, new))
		mark_forget(sk, m);
	return 0;
}
