/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel can decide of the rules that drop: each rule is a number of
 * terms, in the order of the rules, and the first that is true of a TCP
 * connection leaves it out.  Shared by bpf/ and src/; not kept over a restart.
 */
#ifndef PIDTREED_LEAVEOUT_H
#define PIDTREED_LEAVEOUT_H

#ifndef __bpf__
#include <linux/types.h>
#include <stdbool.h>
#endif

#define LEAVE_TERMS	64
#define LEAVE_LEASE_NS	3000000000ULL	/* the collector renews it */

enum leave_family { LEAVE_ANY, LEAVE_V4, LEAVE_V6 };

struct leave_term {
	__u64 hits;
	__u64 cgroup;		/* its id; 0: any */
	__u32 net[4], mask[4];	/* network order; IPv4 in the first */
	__u32 uid_from, uid_to;
	__u16 port_from, port_to;	/* host order */
	__u32 family;		/* enum leave_family: of net */
};

struct leave_set {
	__u32 n;
	__u32 pad;
	struct leave_term term[LEAVE_TERMS];
};

/* A connection; NAT64 has an IPv4 address beside its own. */
struct leave_event {
	__u64 cgroup;
	__u32 v6[4];		/* network order */
	__u32 v4;
	__u32 uid;
	__u16 port;		/* host order */
	__u8 has_v4, has_v6;
	__u32 pad;
};

static inline bool
leave_has(const struct leave_term *t, const struct leave_event *e)
{
	if (e->port < t->port_from || e->port > t->port_to ||
	    e->uid < t->uid_from || e->uid > t->uid_to ||
	    (t->cgroup != 0 && t->cgroup != e->cgroup))
		return false;
	if (t->family == LEAVE_V4)
		return e->has_v4 && !((e->v4 ^ t->net[0]) & t->mask[0]);
	return t->family == LEAVE_ANY || (e->has_v6 &&
	    !((e->v6[0] ^ t->net[0]) & t->mask[0]) &&
	    !((e->v6[1] ^ t->net[1]) & t->mask[1]) &&
	    !((e->v6[2] ^ t->net[2]) & t->mask[2]) &&
	    !((e->v6[3] ^ t->net[3]) & t->mask[3]));
}

_Static_assert(sizeof(struct leave_term) == 64, "leave_term");
_Static_assert(sizeof(struct leave_event) == 40, "leave_event");

#endif
