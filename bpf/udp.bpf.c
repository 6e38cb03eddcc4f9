/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What UDP sockets send with an address in the call, in the sender's context
 * and before NAT; and the end of sessions.  What they send without is in
 * packet.bpf.c.
 */
#include "udp.h"
#include "dnsowner.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("cgroup/sendmsg4")
int on_sendmsg4(struct bpf_sock_addr *ctx)
{
	struct session_key key = { .family = AF_INET };
	struct bpf_sock *sk = ctx->sk;
	struct control *c = gate();
	struct tuple t = { .datagrams = 1 };
	struct session *s;

	if (!c || !sk || sk->protocol != IPPROTO_UDP)
		return 1;
	dns_owner(sk, ctx->user_port, c);
	/* Control data and no address on a connected socket: no port. */
	if (!ctx->user_port || !(c->wants & WANT_UDP))
		return 1;
	if (sk->state == BPF_TCP_ESTABLISHED && !udp_mapped(sk)) {
		if (ctx->user_ip4 == sk->dst_ip4 &&
		    bpf_ntohs(ctx->user_port) == bpf_ntohs(sk->dst_port))
			return 1;		/* its packet tells */
		udp_elsewhere(sk);
	}
	key.cookie = bpf_get_socket_cookie(ctx);
	key.daddr[0] = ctx->user_ip4;
	key.dport = bpf_ntohs(ctx->user_port);
	s = bpf_map_lookup_elem(&sessions, &key);
	if (s) {
		session_count(s, 1);
		return 1;
	}
	t.saddr[0] = ctx->msg_src_ip4;
	udp_first(&key, &t, c, sk, NULL);
	return 1;
}

/* A v4-mapped address comes to sendmsg4. */
SEC("cgroup/sendmsg6")
int on_sendmsg6(struct bpf_sock_addr *ctx)
{
	struct session_key key = { .family = AF_INET6 };
	struct bpf_sock *sk = ctx->sk;
	struct control *c = gate();
	struct tuple t = { .datagrams = 1 };
	struct session *s;

	if (!c || !sk || sk->protocol != IPPROTO_UDP)
		return 1;
	dns_owner(sk, ctx->user_port, c);
	if (!ctx->user_port || !(c->wants & WANT_UDP))
		return 1;
	if (sk->state == BPF_TCP_ESTABLISHED) {
		if (ctx->user_ip6[0] == sk->dst_ip6[0] &&
		    ctx->user_ip6[1] == sk->dst_ip6[1] &&
		    ctx->user_ip6[2] == sk->dst_ip6[2] &&
		    ctx->user_ip6[3] == sk->dst_ip6[3] &&
		    bpf_ntohs(ctx->user_port) == bpf_ntohs(sk->dst_port))
			return 1;
		udp_elsewhere(sk);
	}
	key.cookie = bpf_get_socket_cookie(ctx);
	key.daddr[0] = ctx->user_ip6[0];
	key.daddr[1] = ctx->user_ip6[1];
	key.daddr[2] = ctx->user_ip6[2];
	key.daddr[3] = ctx->user_ip6[3];
	key.dport = bpf_ntohs(ctx->user_port);
	s = bpf_map_lookup_elem(&sessions, &key);
	if (s) {
		session_count(s, 1);
		return 1;
	}
	t.saddr[0] = ctx->msg_src_ip6[0];
	t.saddr[1] = ctx->msg_src_ip6[1];
	t.saddr[2] = ctx->msg_src_ip6[2];
	t.saddr[3] = ctx->msg_src_ip6[3];
	udp_first(&key, &t, c, sk, NULL);
	return 1;
}

/* The socket's only session ends here; of several, the next sweep ends the
   others. */
SEC("cgroup/sock_release")
int on_udp_close(struct bpf_sock *sk)
{
	struct share_key key = { .of = SHARE_SOCKET };
	struct session_key recent;
	struct control *c;
	struct session_share *s;
	__u64 now;

	if (sk->protocol != IPPROTO_UDP || !(c = gate()) || c->sessions <= 0)
		return 1;
	key.who = bpf_get_socket_cookie(sk);
	/* Nothing is read or written there without a reference: the sweep may
	   end the last of its sessions meanwhile. */
	if (!bpf_map_lookup_elem(&shares, &key) ||
	    share_take(&key, ~0ULL) != 1)
		return 1;
	s = bpf_map_lookup_elem(&shares, &key);
	if (s) {
		now = bpf_ktime_get_boot_ns();
		recent = s->recent;
		__sync_fetch_and_add(&c->closed, 1);
		s->closed = now;
		session_end(&recent, now, 0);
	}
	share_drop(&key);
	return 1;
}

struct sweep {
	__u64 now, boot;	/* the same moment on two clocks */
	__u64 idle;
	bool closed;
};

static long
sweep_step(struct bpf_map *map, struct session_key *key, struct session *s,
    struct sweep *w)
{
	struct share_key socket = { key->cookie, 0, SHARE_SOCKET };
	__u64 silent = s->last < w->now ? w->now - s->last : 0;
	struct session_key which = *key;
	struct session_share *share;

	share = w->closed ? bpf_map_lookup_elem(&shares, &socket) : NULL;
	if (share && share->closed)
		session_end(&which, share->closed, 0);
	else if (silent > w->idle)
		session_end(&which, 0, w->boot - silent);
	return 0;
}

/* Ends what is silent for long, or whose socket was closed.  args: now, on
   CLOCK_MONOTONIC_COARSE, which this kind of program may not read. */
SEC("raw_tp")
int do_sweep(struct bpf_raw_tracepoint_args *ctx)
{
	struct sweep w = { .now = ctx->args[0] };
	struct control *c = control_get();

	if (!c)
		return 0;
	w.boot = bpf_ktime_get_boot_ns();
	w.idle = c->idle_ns;
	w.closed = c->closed > 0;
	bpf_for_each_map_elem(&sessions, sweep_step, &w, 0);
	return 0;
}
