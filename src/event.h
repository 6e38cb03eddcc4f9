/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire: everything that the programs in bpf/ and the collector share,
 * here and in wire_*.h.  Fixed width, no pointers, no implicit padding.
 * Whatever is kept in the kernel over a restart is laid out so; a change of
 * any of these structs needs a new PIDTREE_ABI.
 */
#ifndef PIDTREED_EVENT_H
#define PIDTREED_EVENT_H

#include "counter.h"
#include "wire_control.h"
#include "wire_dns.h"
#include "wire_doing.h"
#include "wire_process.h"
#include "wire_socket.h"
#include "wire_storm.h"

#ifndef PIDTREE_ABI		/* a test builds another one */
#define PIDTREE_ABI	14
#endif

#define LINE_LEN	32	/* ancestors that an event carries itself */
#define LINE_NEAR	24	/* of these, how many are the nearest */

#define ATTEMPTS_READY	4096	/* attempts that have memory from the start */
#define CHECKS_MOST	8192	/* attempts that count checks of capabilities */

enum attempt_state {
	ATTEMPT_FILLING,	/* not to be read yet */
	ATTEMPT_SYN,		/* no outcome yet */
	ATTEMPT_DECIDED,	/* err, decided are valid */
	ATTEMPT_NOMARK,		/* there will be no outcome */
	ATTEMPT_COUNTING,	/* stands for others until their time is over */
};

/* What happened; all but a connection are ATTEMPT_NOMARK from the start. */
enum event_kind {
	KIND_CONNECT,
	KIND_LISTEN,
	KIND_ACCEPT,
	KIND_UDP,
	KIND_DNS,		/* a question; its outcome is the answer */
	KIND_EXEC,
	KIND_READLINE,		/* a line typed into a shell */
	KIND_CAPABLE,		/* checks of capability dport; err: denied */
	KIND_OPEN,
	KIND_ESCAPE,		/* dport: escape_way, sport: escape_place */
};

enum attempt_flag {
	ATTEMPT_REPAIR	= 1 << 0,	/* TCP_REPAIR: no packet was sent */
	ATTEMPT_KERNEL	= 1 << 1,	/* a kernel thread is the caller */
	ATTEMPT_MPTCP	= 1 << 2,
	ATTEMPT_SUBFLOW	= 1 << 3,	/* key is the owner of the msk */
	ATTEMPT_HELD	= 1 << 4,	/* announced when the hold time ended */
	ATTEMPT_REF	= 1 << 5,	/* holds a reference on key's record */
	ATTEMPT_EST	= 1 << 6,	/* decided: the handshake completed */
	ATTEMPT_TOLD	= 1 << 8,	/* its CONNECT was taken, as pending */
	ATTEMPT_UNRUNG	= 1 << 7,	/* the ring was full: announce again */
	ATTEMPT_SNAPSHOT = 1 << 9,	/* was there before the collector */
	ATTEMPT_DIGEST	= 1 << 10,	/* cnt of them, from time to decided */
	ATTEMPT_OWNER	= 1 << 16,	/* key is who connected the socket */
	ATTEMPT_RESOLVER = 1 << 17,	/* DNS: key answers questions itself */
	ATTEMPT_QUIC	= 1 << 12,	/* UDP: the first datagram looks so */
	ATTEMPT_RANDOM	= 1 << 13,	/* listen: the kernel chose the port */
	ATTEMPT_IMAGE	= 1 << 18,	/* holds a reference on its image */
};

/* One event with a caller: an outbound TCP attempt, from the SYN to its
   outcome, or what another kind says. */
struct attempt {
	__u64 id;		/* CPU << 48 | that CPU's counter */
	__u64 time;		/* of the event, of the SYN; ns since boot */
	__u64 decided;		/* of the outcome, ns since boot */
	__u64 cgroup;
	__u64 image;
	struct proc_key key;	/* the calling thread group */
	struct proc_key parent;	/* it was born from; tgid 0: not recorded */
	__u32 cut;		/* as in struct proc */
	__u32 state;		/* enum attempt_state */
	__u32 flags;		/* enum attempt_flag */
	__s32 err;		/* sk_err, else sk_err_soft; 0 none */
	__u32 tid;
	__u32 uid;
	__u32 euid;
	__u32 gid;
	__u32 egid;
	__u32 auid;
	__u32 ses;
	__u32 netns;		/* inode */
	__u16 family;		/* AF_INET, AF_INET6 */
	__u16 sport;		/* host order */
	__u16 dport;		/* host order */
	__u16 lines;		/* valid entries in line */
	__u16 kind;		/* enum event_kind */
	__u16 proto;		/* IPPROTO_TCP, IPPROTO_UDP */
	__u32 depth;		/* processes walked, the caller included */
	__u32 cnt;		/* with ATTEMPT_DIGEST */
	__u32 userns;		/* inode; 0: the first one, or not known */
	__u32 nsuid;		/* uid in userns; NO_ID: has none there */
	__u32 asked;		/* inode of the user namespace of a check; of
				   an escape, 1 << enum space */
	__u8 saddr[16];		/* network order; IPv4 in the first 4 */
	__u8 daddr[16];
	char comm[COMM_LEN];	/* of the thread group's leader */
	char thread[COMM_LEN];	/* of the thread that called */
	/* nearest first; from LINE_NEAR on a ring of the outermost */
	struct ancestor line[LINE_LEN];
};

/* In the first argument of do_release: keep the attempts, they were told. */
#define RELEASE_TOLD	(1ULL << 32)

/* In an id: it is the attempt's ending that is meant.  This bit and the one
   above are of the CPU's number, and no kernel has 16,384. */
#define ENDING_BIT	(1ULL << 62)

/* What goes through the ring: an attempt, or an ending, to look at. */
struct ring_item {
	__u64 id;
};

_Static_assert(sizeof(struct attempt) == 216 + LINE_LEN * 48, "attempt");

#endif
