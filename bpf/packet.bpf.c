/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every packet of every socket: what connected UDP sockets send, since no other
 * hook of 6.1 sees it, and DNS.  One program out and one in; what is not for
 * us, which is nearly all, leaves before a byte of it was read.  Packets come
 * with the socket's own address, and nearly always in the context of who
 * sends: what netfilter or a shaper had queued is sent by whoever comes next.
 */
#include "udp.h"
#include "dns.h"
#include "dnsname.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

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

/* From which address a connected socket sends. */
static __always_inline void
own_address(struct tuple *t, struct bpf_sock *sk)
{
	if (sk->family == AF_INET) {
		t->saddr[0] = sk->src_ip4;
		return;
	}
	t->saddr[0] = sk->src_ip6[0];
	t->saddr[1] = sk->src_ip6[1];
	t->saddr[2] = sk->src_ip6[2];
	t->saddr[3] = sk->src_ip6[3];
}

/* Not inline, for the stack: what is below on_packet_out is below a question,
   too. */
static __noinline int
packet_first(struct __sk_buff *skb, struct bpf_sock *sk, struct control *c,
    const struct session_key *key, __u32 n)
{
	struct tuple t = { .datagrams = n };

	own_address(&t, sk);
	udp_first(key, &t, c, sk, skb);
	return 0;
}

/* A connected UDP socket's, with as many datagrams as it will be cut into. */
static __always_inline void
packet_udp(struct __sk_buff *skb, struct bpf_sock *sk, struct control *c)
{
	__u32 n = skb->gso_segs > 1 ? skb->gso_segs : 1;
	struct session_key key = {};
	struct session *s;

	if (udp_mapped(sk) || (udp_was_elsewhere(sk) && !to_peer(skb, sk)))
		return;
	key.family = sk->family;
	key.dport = bpf_ntohs(sk->dst_port);
	if (key.family == AF_INET)
		key.daddr[0] = sk->dst_ip4;
	else {
		key.daddr[0] = sk->dst_ip6[0];
		key.daddr[1] = sk->dst_ip6[1];
		key.daddr[2] = sk->dst_ip6[2];
		key.daddr[3] = sk->dst_ip6[3];
	}
	key.cookie = bpf_get_socket_cookie(skb);
	s = bpf_map_lookup_elem(&sessions, &key);
	if (s)
		session_count(s, n);
	else
		packet_first(skb, sk, c, &key, n);
}

static __always_inline void
dns_out(struct __sk_buff *skb, struct bpf_sock *sk)
{
	struct dns_packet p = {};
	struct dns_sock *s;

	if (!dns_ports(skb, true, &p)) {
		if (p.proto == IPPROTO_UDP && dns_from(skb, &p))
			dns_server();
		return;
	}
	if (!dns_payload(skb, &p))
		return;
	s = bpf_sk_storage_get(&dns_sock, sk, 0, p.proto == IPPROTO_TCP ?
	    BPF_SK_STORAGE_GET_F_CREATE : 0);
	if (p.proto == IPPROTO_TCP && (!s || !dns_stream(skb, &p, s, 0)))
		return;
	if (s)
		p.owner = s->owner;
	if (!p.owner.tgid)
		key_of(&p.owner, bpf_get_current_task_btf());
	p.netns = sock_netns(sk);
	dns_asks(skb, &p);
}

SEC("cgroup_skb/egress")
int on_packet_out(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct control *c;

	if (!sk || !(sk = bpf_sk_fullsock(sk)))
		return 1;
	if (sk->protocol == IPPROTO_TCP && sk->dst_port != bpf_htons(DNS_PORT))
		return 1;
	c = gate();
	if (!c)
		return 1;
	if (c->wants & WANT_UDP && sk->protocol == IPPROTO_UDP &&
	    sk->state == BPF_TCP_ESTABLISHED)
		packet_udp(skb, sk, c);
	if (c->wants & WANT_DNS)
		dns_out(skb, sk);
	return 1;
}

/* Answers: a socket that has a peer gets none from another. */
SEC("cgroup_skb/ingress")
int on_packet_in(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct dns_packet p = {};
	struct dns_sock *s;
	struct control *c;

	if (!sk || (sk->dst_port && sk->dst_port != bpf_htons(DNS_PORT)) ||
	    !dns_ports(skb, false, &p) || !(sk = bpf_sk_fullsock(sk)) ||
	    !(c = gate()) || !(c->wants & WANT_DNS) || !dns_payload(skb, &p))
		return 1;
	if (p.proto == IPPROTO_TCP) {
		s = bpf_sk_storage_get(&dns_sock, sk, 0, 0);
		if (!s || !dns_stream(skb, &p, s, 1))
			return 1;
	}
	dns_answers(skb, &p);
	return 1;
}
