/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the hooks of sendmsg and of packets share about UDP sockets. */
#ifndef PIDTREED_UDP_H
#define PIDTREED_UDP_H

#include "session.h"
#include "quic.h"

/*
 * A connected socket may be given another address none the less: then both
 * kinds of hook see the datagram, and the second leaves it to the first, unless
 * the packet is one to the peer: the other was not sent, for an error.
 */
#define ADDRESSED_NS	20000000

static __always_inline void
udp_elsewhere(struct bpf_sock *sk)
{
	__u64 *at = bpf_sk_storage_get(&addressed, sk, 0,
	    BPF_SK_STORAGE_GET_F_CREATE);

	if (at)
		*at = bpf_ktime_get_coarse_ns();
}

static __always_inline bool
udp_was_elsewhere(struct bpf_sock *sk)
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
udp_mapped(struct bpf_sock *sk)
{
	return sk->family == AF_INET6 && sk->dst_ip6[0] == 0 &&
	    sk->dst_ip6[1] == 0 && sk->dst_ip6[2] == bpf_htonl(0xffff);
}

/* Not inline, for the stack of its callers. */
static __noinline int
udp_wanted(struct tuple *t, struct control *c)
{
	return tuple_wanted(t, c);
}

/* The first datagram to there, or several in one packet: is it one to be
   logged?  t has what is known of it. */
static __always_inline void
udp_first(const struct session_key *key, struct tuple *t, struct control *c,
    struct bpf_sock *sk, struct __sk_buff *skb)
{
	int wanted;

	t->kind = KIND_UDP;
	t->proto = IPPROTO_UDP;
	t->family = key->family;
	t->dport = key->dport;
	__builtin_memcpy(t->daddr, key->daddr, sizeof(t->daddr));
	wanted = udp_wanted(t, c);
	if (!wanted) {
		count(COUNTER_udp_filtered);
		return;
	}
	t->quic = skb && is_quic(skb);
	t->sport = sk->src_port;
	t->netns = sock_netns(sk);
	session_new(key, t, wanted);
}

#endif
