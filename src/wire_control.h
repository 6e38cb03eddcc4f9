/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of the wire (event.h): what the collector tells the programs. */
#ifndef PIDTREED_WIRE_CONTROL_H
#define PIDTREED_WIRE_CONTROL_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Kinds that the programs look for; in control.wants. */
enum want {
	WANT_CLOSE	= 1 << 0,
	WANT_LISTEN	= 1 << 1,
	WANT_ACCEPT	= 1 << 2,
	WANT_UDP	= 1 << 3,
	WANT_DNS	= 1 << 8,
	WANT_EXEC	= 1 << 4,
	WANT_EXEC_FAILED = 1 << 5,
	WANT_RANDOM	= 1 << 9,	/* listen: also if the kernel chose */
	WANT_READLINE	= 1 << 10,
	WANT_OPEN	= 1 << 11,
	WANT_ESCAPE	= 1 << 12,
	WANT_BIND	= 1 << 14,	/* listen: of UDP */
	WANT_BIND_RANDOM = 1 << 15,
	WANT_DENIED	= 1 << 16,	/* checks of capabilities */
	WANT_GRANTED	= 1 << 17,
	WANT_CAPABLE_EACH = 1 << 18,	/* each process for itself */
};

/* A snapshot is taken in rounds over all open files.  Each socket is told
   once, by who of its holders began first. */
enum snapshot {
	SNAP_CONNECT	= 1 << 0,	/* outbound connections */
	SNAP_LISTEN	= 1 << 1,	/* sockets that listen */
	SNAP_FIND	= 1 << 2,	/* who holds it? */
	SNAP_ACCEPT	= 1 << 4,	/* who listens, noted for ACCEPT */
	SNAP_ANY	= 1 << 3,	/* the holder let go of it: any other */
};

/* Filter: the decision of the longest prefix; see filter.h for the source. */
struct filter_value {
	__u8 log;		/* 1: log, 0: do not, where the ports apply */
	__u8 digest;		/* what is logged, in digests alone */
	__u16 portset;		/* 0: all ports, else index of a bitmap */
};
struct filter_key4 { __u32 prefixlen; __u8 addr[4]; };
struct filter_key6 { __u32 prefixlen; __u8 addr[16]; };
#define PORTSETS	64	/* per generation; 0 is `ports` itself */
#define PORTSET_ACCEPT	PORTSETS	/* behind them: local ports of ACCEPT */
#define FILTER_PREFIXES	16384	/* per generation, both families together */
struct portset { __u64 bit[1024]; };	/* port p: bit[p / 64] >> p % 64 */

/* The one element of map `control`. */
struct control {
	__u64 active;		/* generation of programs that may run */
	__u32 filter;		/* which of the two filters holds: 0, 1 */
	__u32 splicing;		/* trylock */
	__u64 hold_ns;
	__s64 pending;		/* attempts in the map */
	__s64 deferred;		/* keys in the queue of cascades */
	__s64 procs;		/* records in the tree */
	__u64 image_seq;	/* last image id given out */
	__u32 hidden;		/* the pass: the next parent that it has not met
				   is recorded with its child */
	__u32 asleep;		/* the collector waits to be woken */
	__s64 endings;		/* in their maps */
	__u32 wants;		/* enum want */
	__u32 storm;		/* so many a minute are logged; 0: all */
	__u32 storms_end;	/* every storm's time is over: a stop */
	__u32 snapshot_left;	/* sockets that this round had no room for */
	__s64 storms;		/* in the map */
	__s64 sessions;		/* of UDP, in the map */
	__s64 closed;		/* sockets whose sessions are to be ended */
	__u64 idle_ns;		/* silent for so long, a session ends */
	__u32 snapshot;		/* enum snapshot: the round that is run */
	__u32 snapped;		/* 1: connections of before were told */
	__s64 followed;		/* of these, whose end is waited for */
	__s64 dns_pending;	/* questions, of pending */
	__s64 dns_names;	/* in the map */
	__s64 checks;		/* attempts that count them */
	__u64 checks_ns;	/* so long does one */
	__u64 caps;		/* which are looked at: bit 1 << capability */
	__u64 dns_seed;		/* of the hashes of names that are kept */
};

_Static_assert(sizeof(struct control) == 184, "control");

#endif
