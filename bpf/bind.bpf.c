/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A UDP socket is bound to a port, which is all that listening is there.  The
 * hooks after bind have the port; whether the kernel chose it only those before
 * it know, as sk_userlocks is set when both have run (__inet_bind).
 */
#include "storm.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline struct control *
bind_gate(void)
{
	struct control *c = gate();

	return c && c->wants & WANT_BIND ? c : NULL;
}

/* A bind that failed may be followed by one with a port. */
static __always_inline int
port_asked(struct bpf_sock_addr *ctx)
{
	__u32 *chosen;
	bool none = !ctx->user_port;

	if (ctx->protocol != IPPROTO_UDP || !ctx->sk || !bind_gate())
		return 1;
	chosen = bpf_sk_storage_get(&ports_chosen, ctx->sk, 0,
	    none ? BPF_SK_STORAGE_GET_F_CREATE : 0);
	if (chosen)
		*chosen = none;
	return 1;
}

SEC("cgroup/bind4")
int on_bind4(struct bpf_sock_addr *ctx)
{
	return port_asked(ctx);
}

SEC("cgroup/bind6")
int on_bind6(struct bpf_sock_addr *ctx)
{
	return port_asked(ctx);
}

static __always_inline void
bound(struct bpf_sock *sk, struct tuple *t, struct control *c)
{
	__u32 *chosen = bpf_sk_storage_get(&ports_chosen, sk, 0, 0);

	t->kind = KIND_LISTEN;
	t->proto = IPPROTO_UDP;
	t->sport = sk->src_port;
	if (chosen && *chosen)
		t->flags = ATTEMPT_RANDOM;
	if (t->flags && !(c->wants & WANT_BIND_RANDOM))
		return;
	t->netns = sock_netns(sk);
	if (storm_takes(t, WANTED_LOG))
		return;
	count(COUNTER_binds);
	attempt_new(t);
}

SEC("cgroup/post_bind4")
int on_bound4(struct bpf_sock *sk)
{
	struct tuple t = { .family = AF_INET };
	struct control *c;

	if (sk->protocol != IPPROTO_UDP || !(c = bind_gate()))
		return 1;
	t.saddr[0] = sk->src_ip4;
	bound(sk, &t, c);
	return 1;
}

SEC("cgroup/post_bind6")
int on_bound6(struct bpf_sock *sk)
{
	struct tuple t = { .family = AF_INET6 };
	struct control *c;

	if (sk->protocol != IPPROTO_UDP || !(c = bind_gate()))
		return 1;
	t.saddr[0] = sk->src_ip6[0];
	t.saddr[1] = sk->src_ip6[1];
	t.saddr[2] = sk->src_ip6[2];
	t.saddr[3] = sk->src_ip6[3];
	bound(sk, &t, c);
	return 1;
}
