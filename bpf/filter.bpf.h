/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The filter: src/filter.c's filter_decide, in the kernel. */
#ifndef PIDTREED_FILTER_BPF_H
#define PIDTREED_FILTER_BPF_H

#include "maps.h"

/* What is read from a socket.  Addresses in network order, ports in host
   order. */
struct tuple {
	__u16 kind;		/* enum event_kind; 0: KIND_CONNECT.  With
				   KIND_ACCEPT the remote is the source */
	__u16 proto;
	__u32 family;
	__u16 sport, dport;
	__u32 saddr[4], daddr[4];
	__u32 netns;
	__u32 repair;
	__u32 digest;		/* it stands for others: storm.h */
	__u32 quic;		/* UDP: looks like it */
	__u32 datagrams;	/* UDP: in this packet */
	__u32 flags;		/* enum attempt_flag, to begin with */
	union {
		struct {
			__u64 msk;	/* the MPTCP socket it is a subflow
					   of, or 0 */
			__u64 msk_token;	/* tells a reused address */
		};
		struct proc_key owner;	/* KIND_DNS, KIND_ACCEPT: whose
					   the socket is */
	};
	__u64 time;		/* from attempt_new: that of the event */
};

/* An IPv4-mapped pair becomes IPv4. */
static __always_inline void
tuple_unmap(struct tuple *t)
{
	if (t->family != AF_INET6 || t->daddr[0] || t->daddr[1] ||
	    t->daddr[2] != bpf_htonl(0xffff))
		return;
	t->family = AF_INET;
	t->daddr[0] = t->daddr[3];
	t->saddr[0] = t->saddr[3];
	t->daddr[1] = t->daddr[2] = t->daddr[3] = 0;
	t->saddr[1] = t->saddr[2] = t->saddr[3] = 0;
}

/* The inode of the socket's network namespace.  A program may do no
   arithmetic on such a pointer, so it becomes a number on the way. */
static __always_inline __u32
sock_netns(struct bpf_sock *sk)
{
	struct bpf_sock *volatile p = sk;
	__u64 at = 0;

	bpf_probe_read_kernel(&at, sizeof(at), (void *)&p);
	return BPF_CORE_READ((struct sock *)at, __sk_common.skc_net.net,
	    ns.inum);
}

/* Of a TCP socket. */
static __always_inline void
tuple_of(struct tuple *t, struct sock *sk)
{
	struct sock_common *skc = &sk->__sk_common;

	__builtin_memset(t, 0, sizeof(*t));
	t->proto = IPPROTO_TCP;
	t->family = BPF_CORE_READ(skc, skc_family);
	t->sport = BPF_CORE_READ(skc, skc_num);
	t->dport = bpf_ntohs(BPF_CORE_READ(skc, skc_dport));
	if (t->family == AF_INET6) {
		BPF_CORE_READ_INTO(&t->daddr, skc, skc_v6_daddr);
		BPF_CORE_READ_INTO(&t->saddr, skc, skc_v6_rcv_saddr);
	} else {
		t->daddr[0] = BPF_CORE_READ(skc, skc_daddr);
		t->saddr[0] = BPF_CORE_READ(skc, skc_rcv_saddr);
	}
	tuple_unmap(t);
}

static __always_inline bool
port_in(__u32 filter, __u32 set, __u16 port)
{
	struct portset *s = filter ? bpf_map_lookup_elem(&ports_1, &set)
	    : bpf_map_lookup_elem(&ports_0, &set);

	return s && s->bit[(port >> 6) & 1023] >> (port & 63) & 1;
}

enum wanted { WANTED_NOT, WANTED_LOG, WANTED_DIGEST };

/* enum wanted */
static __always_inline int
tuple_wanted(const struct tuple *t, struct control *c)
{
	struct filter_value *v;
	__u32 filter = c->filter;
	int log = WANTED_LOG;

	if (t->family == AF_INET || (t->daddr[0] == bpf_htonl(0x0064ff9b) &&
	    !t->daddr[1] && !t->daddr[2])) {
		struct filter_key4 key = { .prefixlen = 32 };

		__builtin_memcpy(key.addr,
		    &t->daddr[t->family == AF_INET ? 0 : 3], 4);
		v = filter ? bpf_map_lookup_elem(&filter4_1, &key)
		    : bpf_map_lookup_elem(&filter4_0, &key);
	} else {
		struct filter_key6 key = { .prefixlen = 128 };

		__builtin_memcpy(key.addr, t->daddr, 16);
		v = filter ? bpf_map_lookup_elem(&filter6_1, &key)
		    : bpf_map_lookup_elem(&filter6_0, &key);
	}
	if (v) {
		log = v->log;
		if (v->portset && !port_in(filter, v->portset, t->dport))
			log = !log;
		if (log && v->digest)
			log = WANTED_DIGEST;
	}
	return port_in(filter, 0, t->dport) ? log : WANTED_NOT;
}

#endif
