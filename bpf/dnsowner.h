/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose a socket is that asks port 53, and who answers there. */
#ifndef PIDTREED_DNSOWNER_H
#define PIDTREED_DNSOWNER_H

#include "tree.h"

#define DNS_PORT	53

/* Who connected a socket to port 53, or sends to there without that; and what
   was seen of a TCP stream.  Of the two directions [0] is out. */
struct dns_sock {
	struct proc_key owner;
	__u32 next[2];		/* sequence number */
	__u32 left[2];		/* bytes of a message that are still to come */
	__u8 seen[2];		/* next is valid */
	__u8 split[2];		/* the length came alone; here it is: */
	__u16 split_len[2];
};

MAP(dns_sock, BPF_MAP_TYPE_SK_STORAGE, int, struct dns_sock, 0, ON_DEMAND);
MAP(dns_servers, BPF_MAP_TYPE_LRU_HASH, struct proc_key, __u32, 256);

/*
 * Whose question it is.  Who connects a socket to port 53, or sends to there
 * from another, is noted with it while he is current: a packet may leave later
 * and for another task (TCP's data when an acknowledgement came, what a queue
 * of netfilter gives back).  Sockets from before the collector have nobody
 * noted, and current is nearly always right.
 */
static __always_inline void
dns_owner(struct bpf_sock *sk, __u16 port, struct control *c)
{
	struct dns_sock *s;

	if (port != bpf_htons(DNS_PORT) || !(c->wants & WANT_DNS))
		return;
	s = bpf_sk_storage_get(&dns_sock, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (s)
		key_of(&s->owner, bpf_get_current_task_btf());
}

/* Who answers questions: what he asks for himself, he asks for others. */
static __always_inline void
dns_server(void)
{
	struct proc_key key;
	__u32 one = 1;

	key_of(&key, bpf_get_current_task_btf());
	if (!bpf_map_lookup_elem(&dns_servers, &key))
		bpf_map_update_elem(&dns_servers, &key, &one, BPF_ANY);
}

#endif
