/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An outbound TCP attempt, from its SYN to its outcome. */
#include "attempt.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* 1: the root cgroup refused our sock_ops program; see on_tcp_state. */
const volatile __u32 no_sockops __weak = 0;

static __always_inline void
attempt_syn(struct bpf_sock_ops *ctx, struct control *c, struct bpf_sock *sk)
{
	struct tuple t = { .family = ctx->family, .sport = ctx->local_port,
	    .dport = bpf_ntohl(ctx->remote_port) };
	__u64 *old = bpf_sk_storage_get(&mark, sk, 0, 0);
	struct tcp_sock *tp;
	__u64 id;

	if (old) {
		if (attempt_taken(old, &t))
			return;
		bpf_sk_storage_delete(&mark, sk);
	}
	if (t.family == AF_INET6) {
		t.daddr[0] = ctx->remote_ip6[0];
		t.daddr[1] = ctx->remote_ip6[1];
		t.daddr[2] = ctx->remote_ip6[2];
		t.daddr[3] = ctx->remote_ip6[3];
	} else
		t.daddr[0] = ctx->remote_ip4;
	tuple_unmap(&t);
	if (!tuple_wanted(&t, c)) {
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
	id = attempt_new(&t);
	if (!id)
		return;
	if (bpf_sk_storage_get(&mark, sk, &id, BPF_SK_STORAGE_GET_F_CREATE))
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags |
		    BPF_SOCK_OPS_STATE_CB_FLAG);
	else
		attempt_unmarked(id);
}

SEC("sockops")
int on_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk;
	struct control *c;

	if (ctx->op != BPF_SOCK_OPS_TCP_CONNECT_CB &&
	    ctx->op != BPF_SOCK_OPS_STATE_CB)
		return 1;
	c = gate();
	sk = ctx->sk;
	if (!c || !sk)
		return 1;
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB) {
		attempt_syn(ctx, c, sk);
		return 1;
	}
	if (ctx->args[1] == TCP_ESTABLISHED || ctx->args[1] == TCP_CLOSE) {
		__u64 *id = bpf_sk_storage_get(&mark, sk, 0, 0);
		struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

		if (id && tp) {
			attempt_end(*id, &tp->inet_conn.icsk_inet.sk,
			    ctx->args[1]);
			bpf_sk_storage_delete(&mark, sk);
		}
	}
	return 1;
}

/*
 * The same outcomes once more: another sock_ops program may have cleared our
 * flag on the socket.  And where our own was refused, the attempt's begin;
 * then the source port comes with the outcome.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_tcp_state, struct sock *sk, int old, int new)
{
	struct control *c;
	__u64 *id;

	if (new == TCP_SYN_SENT && no_sockops && (c = gate())) {
		struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
		struct tuple t;

		if (!tp)
			return 0;	/* MPTCP's own socket, SCTP */
		tuple_of(&t, sk);
		if (!tuple_wanted(&t, c)) {
			count(COUNTER_filtered);
			return 0;
		}
		tuple_more(&t, tp);
		__u64 new_id = attempt_new(&t);

		if (new_id && !bpf_sk_storage_get(&mark, sk, &new_id,
		    BPF_SK_STORAGE_GET_F_CREATE))
			attempt_unmarked(new_id);
		return 0;
	}
	if (new != TCP_ESTABLISHED && new != TCP_CLOSE)
		return 0;
	id = bpf_sk_storage_get(&mark, sk, 0, 0);
	if (!id || !gate())
		return 0;
	attempt_end(*id, sk, new);
	bpf_sk_storage_delete(&mark, sk);
	return 0;
}
