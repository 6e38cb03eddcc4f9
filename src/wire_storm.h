/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Of the wire (event.h), the storm guard: who talks to which network and
 * port, and how often in this minute.  What is beyond the limit is counted
 * here and told by one attempt that stands for all of them.
 */
#ifndef PIDTREED_WIRE_STORM_H
#define PIDTREED_WIRE_STORM_H

#ifndef __bpf__
#include <linux/types.h>
#endif

enum storm_flag {
	STORM_ALWAYS	= 1 << 0,	/* a class told in digests alone */
	STORM_UDP	= 1 << 1,
	STORM_LISTEN	= 1 << 2,	/* net, port: that are listened on */
	STORM_ACCEPT	= 1 << 4,	/* net: of the remote, port: ours */
	STORM_RANDOM	= 1 << 3,	/* any port that the kernel chose */
	STORM_FREE	= 1 << 5,	/* UDP: any from PORTS_FREE on */
	STORM_OPEN	= 1 << 6,	/* net: what is watched, port: errno and
				   if it may write; of an escape which
				   file, and which way */
	STORM_EXEC	= 1 << 7,	/* net: path that failed, port: errno */
};

struct storm_key {
	__u64 lineage;
	__u64 cgroup;
	__u8 net[8];		/* IPv4: /24, in the first 3; IPv6: /64 */
	__u32 uid;
	__u16 port;
	__u8 family;		/* AF_INET, AF_INET6 */
	__u8 flags;		/* enum storm_flag */
};

struct storm {
	__u64 since;		/* begin of its time, ns since boot */
	__u64 last;		/* of the last that was only counted */
	__u64 digest;		/* id of the attempt that stands for them; 0 */
	__u32 count;		/* in this time */
	__u32 more;		/* of these, not logged one by one */
};

#define PORTS_FREE	1024	/* anybody may bind to those from here on */
#define STORM_NS	(60 * 1000000000ULL)
#define STORM_ALWAYS_NS	(3600 * 1000000000ULL)
#define STORM_NET4	24	/* bits of a destination's network */
#define STORM_NET6	64

#endif
