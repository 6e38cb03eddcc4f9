/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What UDP sockets send: with an address in the call, by the hooks of
 * sendmsg; on a connected socket by its packets, since no other hook of 6.1
 * sees them.  The first run in the sender's context, before NAT.  Packets
 * come with the socket's own address, and nearly always in its context, too:
 * what netfilter or a shaper had queued is sent by whoever comes next.
 */
#include "session.h"
#include "quic.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline struct control *
udp_gate(void)
{
	struct control *c = gate();

	return c && c->wants & WANT_UDP ? c : NULL;
}

/* The inode of the socket's network namespace.  A program may do no
   arithmetic on such a pointer, so it becomes a number on the way. */
static __always_inline __u32
netns_of(struct bpf_sock *sk)
{
	struct bpf_sock *volatile p = sk;
	__u64 at = 0;

	bpf_probe_read_kernel(&at, sizeof(at), (void *)&p);
	return BPF_CORE_READ((struct sock *)at, __sk_common.skc_net.net,
	    ns.inum);
}

/*
 * A connected socket may be given another address none the less: then both
 * kinds of hook see the datagram, and the second leaves it to the first, unless
 * the packet is one to the peer: the other was not sent, for an error.
 */
#define ADDRESSED_NS	20000000

static __always_inline void
addressed_set(struct bpf_sock *sk)
{
	__u64 *at = bpf_sk_storage_get(&addressed, sk, 0,
	    BPF_SK_STORAGE_GET_F_CREATE);

	if (at)
		*at = bpf_ktime_get_coarse_ns();
}

static __always_inline bool
addressed_take(struct bpf_sock *sk)
{
	__u64 *at = bpf_sk_storage_get(&addressed, sk, 0, 0), when;

	if (!at || !*at)
		return false;
	when = *at;
	*at = 0;
	return bpf_ktime_get_coarse_ns() - when < ADDRESSED_NS;
}

/* Connected to a v4-mapped address: the kernel gives that to sendmsg4. */
static __always_inline bool
is_mapped(struct bpf_sock *sk)
{
	return sk->family == AF_INET6 && sk->dst_ip6[0] == 0 &&
	    sk->dst_ip6[1] == 0 && sk->dst_ip6[2] == bpf_htonl(0xffff);
}

/* Do the packet's own headers name the socket's peer? */
static __always_inline bool
to_peer(struct __sk_buff *skb, struct bpf_sock *sk)
{
	__u32 at = 40, to[4] = {};
	__u16 port = 0;
	__u8 first = 0;

	if (sk->family == AF_INET) {
		if (bpf_skb_load_bytes(skb, 0, &first, 1) ||
		    bpf_skb_load_bytes(skb, 16, to, 4) || to[0] != sk->dst_ip4)
			return false;
		at = (first & 15) * 4;
	} else if (bpf_skb_load_bytes(skb, 24, to, 16) ||
	    to[0] != sk->dst_ip6[0] || to[1] != sk->dst_ip6[1] ||
	    to[2] != sk->dst_ip6[2] || to[3] != sk->dst_ip6[3])
		return false;
	return !bpf_skb_load_bytes(skb, at + 2, &port, 2) &&
	    bpf_ntohs(port) == bpf_ntohs(sk->dst_port);
}

/* A packet to there with n datagrams; t has the address that it is from.
   skb: NULL if it is not made yet. */
static __always_inline void
first(const struct session_key *key, struct tuple *t, struct control *c,
    struct bpf_sock *sk, __u32 n, struct __sk_buff *skb)
{
	int wanted;

	t->kind = KIND_UDP;
	t->proto = IPPROTO_UDP;
	t->family = key->family;
	t->dport = key->dport;
	__builtin_memcpy(t->daddr, key->daddr, sizeof(t->daddr));
	wanted = tuple_wanted(t, c);
	if (!wanted) {
		count(COUNTER_udp_filtered);
		return;
	}
	t->quic = skb && is_quic(skb);
	t->datagrams = n;
	t->sport = sk->src_port;
	t->netns = netns_of(sk);
	session_new(key, t, wanted);
}

SEC("cgroup/sendmsg4")
int on_sendmsg4(struct bpf_sock_addr *ctx)
{
	struct session_key key = { .family = AF_INET };
	struct bpf_sock *sk = ctx->sk;
	struct control *c = udp_gate();
	struct tuple t = {};
	struct session *s;

	if (!c || !sk || sk->protocol != IPPROTO_UDP)
		return 1;
	/* Control data and no address on a connected socket: no port. */
	if (!ctx->user_port)
		return 1;
	if (sk->state == BPF_TCP_ESTABLISHED && !is_mapped(sk)) {
		if (ctx->user_ip4 == sk->dst_ip4 &&
		    bpf_ntohs(ctx->user_port) == bpf_ntohs(sk->dst_port))
			return 1;		/* its packet tells */
		addressed_set(sk);
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
	first(&key, &t, c, sk, 1, NULL);
	return 1;
}

/* A v4-mapped address comes to sendmsg4. */
SEC("cgroup/sendmsg6")
int on_sendmsg6(struct bpf_sock_addr *ctx)
{
	struct session_key key = { .family = AF_INET6 };
	struct bpf_sock *sk = ctx->sk;
	struct control *c = udp_gate();
	struct tuple t = {};
	struct session *s;

	if (!c || !sk || sk->protocol != IPPROTO_UDP)
		return 1;
	if (!ctx->user_port)
		return 1;
	if (sk->state == BPF_TCP_ESTABLISHED) {
		if (ctx->user_ip6[0] == sk->dst_ip6[0] &&
		    ctx->user_ip6[1] == sk->dst_ip6[1] &&
		    ctx->user_ip6[2] == sk->dst_ip6[2] &&
		    ctx->user_ip6[3] == sk->dst_ip6[3] &&
		    bpf_ntohs(ctx->user_port) == bpf_ntohs(sk->dst_port))
			return 1;
		addressed_set(sk);
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
	first(&key, &t, c, sk, 1, NULL);
	return 1;
}

/* Where a connected socket sends to, and from which address. */
static __always_inline void
peer_of(struct session_key *key, struct tuple *t, struct bpf_sock *sk)
{
	key->family = sk->family;
	key->dport = bpf_ntohs(sk->dst_port);
	if (key->family == AF_INET) {
		key->daddr[0] = sk->dst_ip4;
		t->saddr[0] = sk->src_ip4;
		return;
	}
	key->daddr[0] = sk->dst_ip6[0];
	key->daddr[1] = sk->dst_ip6[1];
	key->daddr[2] = sk->dst_ip6[2];
	key->daddr[3] = sk->dst_ip6[3];
	t->saddr[0] = sk->src_ip6[0];
	t->saddr[1] = sk->src_ip6[1];
	t->saddr[2] = sk->src_ip6[2];
	t->saddr[3] = sk->src_ip6[3];
}

/* Every packet of every socket comes here: what is not for us leaves first. */
SEC("cgroup_skb/egress")
int on_udp_packet(struct __sk_buff *skb)
{
	__u32 n = skb->gso_segs > 1 ? skb->gso_segs : 1;
	struct bpf_sock *sk = skb->sk;
	struct session_key key = {};
	struct tuple t = {};
	struct session *s;
	struct control *c;

	if (!sk || sk->state != BPF_TCP_ESTABLISHED ||
	    !(sk = bpf_sk_fullsock(sk)) || sk->protocol != IPPROTO_UDP)
		return 1;
	c = udp_gate();
	if (!c || is_mapped(sk) || (addressed_take(sk) && !to_peer(skb, sk)))
		return 1;
	peer_of(&key, &t, sk);
	key.cookie = bpf_get_socket_cookie(skb);
	s = bpf_map_lookup_elem(&sessions, &key);
	if (s) {
		session_count(s, n);
		return 1;
	}
	first(&key, &t, c, sk, n, skb);
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
