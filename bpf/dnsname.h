/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One event per lineage, name and hour: the first question is logged when its
 * answer came, the others are counted and told by one attempt that stands for
 * all of them.  So is what asks for more new names than so many a minute.
 */
#ifndef PIDTREED_DNSNAME_H
#define PIDTREED_DNSNAME_H

#include "dns.h"

static const struct dns_exchange dns_nothing;

enum dns_verdict {
	DNS_LOG,
	DNS_COUNTED,
	DNS_STAND,		/* and an attempt must stand for them */
	DNS_STAND_MANY,		/* for those of many names */
	DNS_LOST,
};

/* One more of this entry. */
static __always_inline int
dns_more(struct dns_name *e, __u64 now, int stand)
{
	e->storm.last = now;
	__sync_fetch_and_add(&e->storm.more, 1);
	count(COUNTER_dns_counted);
	return e->storm.digest ? DNS_COUNTED : stand;
}

/* The inserted entry, or the one that was there; NULL: there is no room. */
static __always_inline struct dns_name *
dns_insert(struct control *c, struct dns_key *key, __u64 now, bool *made)
{
	struct dns_name new = { .storm = { .since = now, .count = 1 } };

	*made = !bpf_map_update_elem(&dns_names, key, &new, BPF_NOEXIST);
	if (*made)
		__sync_fetch_and_add(&c->dns_names, 1);
	return bpf_map_lookup_elem(&dns_names, key);
}

/* enum dns_verdict; *first is the attempt that was logged, or 0. */
__weak __noinline int
dns_counts(const struct dns_key *which, __u64 *first)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct control *c = control_get();
	struct dns_name *e;
	struct dns_key key;
	__u32 limit;
	bool made;

	if (!which || !first || !c)
		return DNS_LOST;
	*first = 0;
	key = *which;
	limit = c->storm;
	e = bpf_map_lookup_elem(&dns_names, &key);
	if (e) {
		*first = e->first;
		return dns_more(e, now, DNS_STAND);
	}
	key.name = 0;
	e = dns_insert(c, &key, now, &made);
	if (e && !made && limit &&
	    __sync_fetch_and_add(&e->storm.count, 1) >= limit)
		return dns_more(e, now, DNS_STAND_MANY);
	key.name = which->name;
	e = e ? dns_insert(c, &key, now, &made) : NULL;
	if (!e) {
		count(COUNTER_dns_full);
		return DNS_LOST;
	}
	if (made)
		return DNS_LOG;
	*first = e->first;
	return dns_more(e, now, DNS_STAND);
}

/* Attempt id is the one that is logged, or that stands for the others. */
__weak __noinline int
dns_stands(const struct dns_key *which, int verdict, __u64 id)
{
	struct control *c = control_get();
	struct dns_key key;
	struct dns_name *e;

	if (!which || !c)
		return 0;
	key = *which;
	if (verdict == DNS_STAND_MANY)
		key.name = 0;
	e = bpf_map_lookup_elem(&dns_names, &key);
	if (e && verdict == DNS_LOG) {
		e->first = id;
		return 0;
	}
	if (!e || __sync_val_compare_and_swap(&e->storm.digest, 0, id) != 0)
		attempt_drop(c, id);
	return 0;
}

/* From where to where, from the packet's own header.  Out of line for the
   stack's sake. */
static __noinline int
dns_tuple(struct __sk_buff *skb, const struct dns_packet *p, struct tuple *t)
{
	__u8 port[4];

	t->kind = KIND_DNS;
	t->proto = p->proto;
	t->netns = p->netns;
	t->owner = p->owner;
	if (p->v6) {
		t->family = AF_INET6;
		bpf_skb_load_bytes(skb, 8, t->saddr, 16);
		bpf_skb_load_bytes(skb, 24, t->daddr, 16);
	} else {
		t->family = AF_INET;
		bpf_skb_load_bytes(skb, 12, t->saddr, 4);
		bpf_skb_load_bytes(skb, 16, t->daddr, 4);
	}
	bpf_skb_load_bytes(skb, p->ports, port, sizeof(port));
	t->sport = port[0] << 8 | port[1];
	t->dport = DNS_PORT;
	if (bpf_map_lookup_elem(&dns_servers, &t->owner))
		t->flags = ATTEMPT_RESOLVER;
	return 0;
}

/* The attempt with its question; the id, or 0. */
__weak __noinline __u64
dns_attempt(struct __sk_buff *skb, const struct dns_packet *p, int verdict)
{
	struct control *c = control_get();
	struct dns_exchange *x;
	struct tuple t = {};
	__u32 len;
	__u64 id;

	if (!p || !c)
		return 0;
	if (c->dns_pending >= DNS_PENDING) {
		count(COUNTER_dns_full);
		return 0;
	}
	dns_tuple(skb, p, &t);
	t.digest = verdict != DNS_LOG;
	id = attempt_new(&t);
	if (!id)
		return 0;
	__sync_fetch_and_add(&c->dns_pending, 1);
	if (bpf_map_update_elem(&dns_exchanges, &id, &dns_nothing, BPF_ANY) ||
	    !(x = bpf_map_lookup_elem(&dns_exchanges, &id))) {
		count(COUNTER_dns_full);
		attempt_drop(c, id);
		return 0;
	}
	x->id = id;
	x->many = verdict == DNS_STAND_MANY;
	len = dns_size(p->question, DNS_QUESTION);
	if (bpf_skb_load_bytes(skb, p->at, x->question, len))
		len = 0;
	x->question_len = len;
	return id;
}

/* What it is that is asked for, and who asks: his line of executions. */
static __always_inline void
dns_key_of(const struct dns_packet *p, struct dns_key *key)
{
	struct proc_key owner = p->owner;
	struct proc *r = bpf_map_lookup_elem(&procs, &owner);

	key->name = p->name;
	key->lineage = r ? r->lineage : owner.start;
	key->cgroup = r ? r->cgroup : 0;
	key->uid = r ? r->uid : 0;
}

/* The answer will come to this socket with this id. */
__weak __noinline int
dns_await(struct __sk_buff *skb, const struct dns_packet *p, __u64 attempt)
{
	struct dns_asked_key key = { .cookie = bpf_get_socket_cookie(skb) };
	struct dns_asked asked = { .attempt = attempt };

	if (!p || p->at > 0xffff)
		return 0;
	asked.name = p->name;
	asked.owner = p->owner;
	bpf_skb_load_bytes(skb, p->at, &key.id, 2);
	if (p->v6)
		bpf_skb_load_bytes(skb, 24, asked.server, 16);
	else
		bpf_skb_load_bytes(skb, 16, asked.server, 4);
	bpf_map_update_elem(&dns_asked, &key, &asked, BPF_ANY);
	return 0;
}

/* A message to port 53. */
__weak __noinline int
dns_asks(struct __sk_buff *skb, struct dns_packet *p)
{
	struct dns_key key = {};
	__u64 first = 0, id;
	int verdict, len;

	if (!p)
		return 0;
	len = dns_question(skb, p, 0, &p->name);
	if (len <= 0) {
		if (!len)
			count(COUNTER_dns_odd);
		return 0;
	}
	p->question = len;
	count(COUNTER_dns_questions);
	dns_key_of(p, &key);
	verdict = dns_counts(&key, &first);
	if (verdict == DNS_LOG || verdict == DNS_STAND ||
	    verdict == DNS_STAND_MANY) {
		id = dns_attempt(skb, p, verdict);
		if (id)
			dns_stands(&key, verdict, id);
		if (verdict == DNS_LOG)
			first = id;
	}
	dns_await(skb, p, first);
	return 0;
}

#define DNS_SMALL	256

/*
 * For the names of addresses.  Nobody waits for it: what connects afterwards
 * wakes the collector, and it looks here first.  Only before there is no more
 * room it is woken for this.
 */
static __always_inline void
dns_tell(struct __sk_buff *skb, const struct dns_packet *p,
    const struct proc_key *owner)
{
	__u32 len = p->len, at = p->at;
	struct dns_answer *a;

	a = len <= DNS_SMALL ?
	    bpf_ringbuf_reserve(&dns_ring, sizeof(*a) + DNS_SMALL, 0) :
	    NULL;
	if (a) {
		len = dns_size(len, DNS_SMALL);
		if (bpf_skb_load_bytes(skb, at, a->packet, len))
			len = 0;
	} else {
		a = bpf_ringbuf_reserve(&dns_ring, sizeof(*a) + DNS_ANSWER, 0);
		if (!a) {
			count(COUNTER_dns_unread);
			return;
		}
		len = dns_size(len, DNS_ANSWER);
		if (bpf_skb_load_bytes(skb, at, a->packet, len))
			len = 0;
	}
	a->owner = *owner;
	a->time = bpf_ktime_get_boot_ns();
	a->len = len;
	a->pad = 0;
	bpf_ringbuf_submit(a, bpf_ringbuf_query(&dns_ring, BPF_RB_AVAIL_DATA) >
	    DNS_RING / 2 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#define DNS_TC		0x02	/* in the third byte: it was cut */

/* It decides, unless the asker will ask again: by TCP, or another server. */
static __always_inline void
dns_decides(struct __sk_buff *skb, const struct dns_packet *p, __u64 id)
{
	struct attempt *a = attempt_find(&id);
	struct dns_exchange *x;
	__u32 len = p->len, at = p->at;
	__u8 head[4] = {};

	if (!a || a->id != id || a->state != ATTEMPT_SYN)
		return;
	x = bpf_map_lookup_elem(&dns_exchanges, &id);
	if (!x || x->id != id)
		return;
	x->answer_whole = len < 0xffff ? len : 0xffff;
	len = dns_size(len, DNS_ANSWER);
	if (bpf_skb_load_bytes(skb, at, x->answer, len))
		len = 0;
	x->answer_len = len;
	if (bpf_skb_load_bytes(skb, at, head, sizeof(head)) ||
	    head[2] & DNS_TC || ((head[3] & 15) != 0 && (head[3] & 15) != 3))
		return;
	attempt_decided(id, 1, 0, 0);
}

/* A message from port 53: does it answer what this socket asked? */
__weak __noinline int
dns_answers(struct __sk_buff *skb, struct dns_packet *p)
{
	struct dns_asked_key key = { .cookie = bpf_get_socket_cookie(skb) };
	struct dns_asked *asked, known;
	__u32 from[4] = {};

	if (!p || p->at > 0xffff || bpf_skb_load_bytes(skb, p->at, &key.id, 2))
		return 0;
	asked = bpf_map_lookup_elem(&dns_asked, &key);
	if (!asked)
		return 0;
	known = *asked;
	if (p->v6)
		bpf_skb_load_bytes(skb, 8, from, 16);
	else
		bpf_skb_load_bytes(skb, 12, from, 4);
	if (from[0] != known.server[0] || from[1] != known.server[1] ||
	    from[2] != known.server[2] || from[3] != known.server[3] ||
	    dns_question(skb, p, 1, &p->name) <= 0 || p->name != known.name)
		return 0;
	bpf_map_delete_elem(&dns_asked, &key);
	dns_tell(skb, p, &known.owner);
	if (known.attempt)
		dns_decides(skb, p, known.attempt);
	return 0;
}

#endif
