/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a DNS message is in a packet, and whether it is one: what is looked at
 * of every packet, so it is little.  The collector parses what it is given.
 */
#ifndef PIDTREED_DNS_H
#define PIDTREED_DNS_H

#include "attempt.h"
#include "dnsowner.h"

#define DNS_HEADER	12	/* RFC 1035, 4.1.1 */
#define DNS_OTHER	(-1)
#define TCP_SYN		0x02	/* flags of a segment */
#define TCP_RST		0x04

/* So that nobody finds two names that are one to us; set before load. */
const volatile __u64 dns_seed __weak = 0;

struct dns_key {
	__u64 lineage;
	__u64 cgroup;
	__u64 name;		/* hash of name and type; 0: all of a lineage */
	__u32 uid;
	__u32 pad;
};

/* What somebody asks for, and how often in this hour; or how many names he
   asks for in this minute. */
struct dns_name {
	struct storm storm;
	__u64 first;		/* id of the attempt that was logged; 0 */
};

/* A question on its way: who will get the answer. */
struct dns_asked_key {
	__u64 cookie;
	__u32 id;
	__u32 pad;
};
struct dns_asked {
	__u64 attempt;		/* that it may decide; 0 */
	__u64 name;
	struct proc_key owner;
	__u32 server[4];
};

MAP(dns_names, BPF_MAP_TYPE_HASH, struct dns_key, struct dns_name, DNS_NAMES,
    ON_DEMAND);
MAP(dns_asked, BPF_MAP_TYPE_LRU_HASH, struct dns_asked_key, struct dns_asked,
    DNS_PENDING);
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, DNS_RING);
} dns_ring __weak SEC(".maps");

/* A packet as far as it was looked at. */
struct dns_packet {
	struct proc_key owner;	/* of the socket */
	__u64 name;		/* hash of name and type */
	__u32 at;		/* of the payload, then of the message */
	__u32 len;		/* of it, as far as it is in this packet */
	__u32 question;		/* bytes of header and question */
	__u32 seq;
	__u32 netns;
	__u16 ports;		/* where they are */
	__u8 proto;
	__u8 v6;
};

/*
 * Is it from or to port 53?  False for nearly all packets, so nothing but the
 * packet itself is read.  Extension headers of IPv6 are not looked through.
 */
static __always_inline bool
dns_ports(struct __sk_buff *skb, bool to, struct dns_packet *p)
{
	__u8 *ip = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u16 *port;
	__u32 at;

	if (ip + 28 > end)
		return false;
	p->v6 = ip[0] >> 4 == 6;
	p->proto = p->v6 ? ip[6] : ip[9];
	if (p->proto != IPPROTO_UDP && p->proto != IPPROTO_TCP)
		return false;
	at = p->v6 ? 40 : (ip[0] & 15) * 4;
	port = (void *)(ip + at);
	if ((void *)(port + 2) > (void *)end)
		return false;
	p->at = p->ports = at;
	return port[to] == bpf_htons(DNS_PORT);
}

/* The same of the other end, where dns_ports said no. */
static __always_inline bool
dns_from(struct __sk_buff *skb, const struct dns_packet *p)
{
	__u16 port;

	return p->at && !bpf_skb_load_bytes(skb, p->at, &port, sizeof(port)) &&
	    port == bpf_htons(DNS_PORT);
}

/* The payload behind the header; false: there is none. */
static __always_inline bool
dns_payload(struct __sk_buff *skb, struct dns_packet *p)
{
	__u8 tcp[14];

	if (p->proto == IPPROTO_UDP)
		p->at += 8;
	else {
		if (bpf_skb_load_bytes(skb, p->at, tcp, sizeof(tcp)))
			return false;
		p->seq = (__u32)tcp[4] << 24 | tcp[5] << 16 | tcp[6] << 8 |
		    tcp[7];
		if (tcp[13] & (TCP_SYN | TCP_RST))
			return false;
		p->at += (tcp[12] >> 4) * 4;
	}
	if (p->at >= skb->len)
		return false;
	p->len = skb->len - p->at;
	return true;
}

/*
 * A TCP stream has the length in two bytes in front of each message (RFC 1035,
 * 4.2.2), perhaps in a packet of their own.  Of a message in several packets
 * the first counts, of several in one packet the first; what is sent again is
 * not looked at twice.  True: a message begins at p->at.
 */
static __always_inline bool
dns_stream(struct __sk_buff *skb, struct dns_packet *p, struct dns_sock *s,
    int in)
{
	__u32 whole;
	__u8 len[2];

	if (s->seen[in] && (__s32)(p->seq - s->next[in]) < 0)
		return false;
	if (s->seen[in] && p->seq != s->next[in])
		s->left[in] = s->split[in] = 0;
	s->seen[in] = 1;
	s->next[in] = p->seq + p->len;
	if (s->left[in]) {
		s->left[in] -= s->left[in] < p->len ? s->left[in] : p->len;
		return false;
	}
	if (s->split[in]) {
		s->split[in] = 0;
		whole = s->split_len[in];
	} else {
		if (p->len < 2 || bpf_skb_load_bytes(skb, p->at, len, 2))
			return false;
		whole = (__u32)len[0] << 8 | len[1];
		p->at += 2;
		p->len -= 2;
		if (p->len == 0) {
			s->split[in] = 1;
			s->split_len[in] = whole;
			return false;
		}
	}
	if (p->len < whole)
		s->left[in] = whole - p->len;
	else {
		if (p->len > whole && !in)
			count(COUNTER_dns_odd);
		p->len = whole;
	}
	return true;
}

/*
 * 1 to most, of at least 1.  The compiler leaves out the test of what it knows,
 * and a test for 0 teaches 6.1's verifier nothing ("invalid zero-sized read"):
 * so one is taken away in front of the test and put back behind it.
 */
static __always_inline __u32
dns_size(__u32 n, __u32 most)
{
	n--;
	asm volatile ("" : "+r" (n));
	if (n > most - 1)
		n = most - 1;
	asm volatile ("" : "+r" (n));
	return n + 1;
}

/* A to Z become a to z, eight bytes at once. */
static __always_inline __u64
dns_lower(__u64 w)
{
	const __u64 one = 0x0101010101010101ULL;
	__u64 low = w & 0x7f * one;
	__u64 above = low + (0x7f - 'Z') * one;
	__u64 from = low + (0x80 - 'A') * one;

	return w | (~w & (above ^ from) & 0x80 * one) >> 2;
}

/*
 * Bytes of the name at `at`, its end included; 0: it is none.  No question
 * needs compression (RFC 1035, 4.1.4), so none has it here.
 */
static __always_inline __u32
dns_name_len(struct __sk_buff *skb, __u32 at, __u32 end)
{
	__u32 n = 0;
	__u8 len;

	for (int i = 0; i < 128; i++) {
		if (at + n >= end || bpf_skb_load_bytes(skb, at + n, &len, 1))
			return 0;
		n += len + 1;
		if (len > 63 || n > 255)
			return 0;
		if (!len)
			return n;
	}
	return 0;
}

/*
 * What the message at p->at asks for: the bytes of header and question, at
 * most DNS_QUESTION; DNS_OTHER: it is not a question, or not an answer to one;
 * 0: it cannot be read.  *name is a hash of name and type.
 */
__weak __noinline int
dns_question(struct __sk_buff *skb, struct dns_packet *p, int response,
    __u64 *name)
{
	__u64 h = dns_seed, word[8];
	__u32 n, at, end;
	__u8 head[6];

	if (!p || !name || p->len < DNS_HEADER + 5 || p->at > 0xffff)
		return 0;
	at = p->at;
	end = at + p->len;
	if (bpf_skb_load_bytes(skb, at, head, sizeof(head)))
		return 0;
	/* QR and the kind: an update, a notification asks for nothing. */
	if ((head[2] & 0xf8) != (response ? 0x80 : 0))
		return DNS_OTHER;
	at += DNS_HEADER;
	n = dns_name_len(skb, at, end);
	if (head[4] != 0 || head[5] != 1 || !n || at + n + 4 > end)
		return 0;
	n += 4;
	for (__u32 i = 0; i < 5; i++) {
		if (i * 64 >= n)
			break;
		__builtin_memset(word, 0, sizeof(word));
		if (bpf_skb_load_bytes(skb, at + i * 64, word,
		    dns_size(n - i * 64, 64)))
			return 0;
		for (int k = 0; k < 8; k++)
			h = lineage_mix(h, dns_lower(word[k]));
	}
	*name = h ? h : 1;
	return DNS_HEADER + n;
}

#endif
