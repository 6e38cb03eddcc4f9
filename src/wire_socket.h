/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of the wire (event.h): what a socket carries to its end; sessions of UDP. */
#ifndef PIDTREED_WIRE_SOCKET_H
#define PIDTREED_WIRE_SOCKET_H

#include "wire_process.h"

enum mark_flag {
	MARK_OPEN	= 1 << 0,	/* established: its end is wanted */
	MARK_SNAPSHOT	= 1 << 1,	/* was there before: control.followed */
};

/* What a socket carries from its SYN to its end. */
struct mark {
	__u64 id;		/* of its attempt */
	__u64 time;		/* of the SYN, ns since boot */
	__u32 flags;		/* enum mark_flag */
	__u32 by;		/* enum ending_by, once somebody began */
};

enum ending_by { BY_NOBODY, BY_LOCAL, BY_REMOTE };

enum ending_flag {
	ENDING_WHOLE	= 1 << 0,	/* TCP: closed in both directions */
	ENDING_IDLE	= 1 << 1,	/* UDP: not seen for too long */
	ENDING_SNAPSHOT	= 1 << 2,	/* its begin is that of the snapshot */
	ENDING_UNRUNG	= 1 << 7,	/* the ring was full: announce again */
};

/* The end of what an attempt began; it needs no record and no line. */
struct ending {
	__u64 id;		/* of the attempt */
	__u64 start;		/* the attempt's time */
	__u64 end;		/* ns since boot */
	__u64 in, out;		/* bytes of payload */
	__u64 datagrams;	/* sent; not TCP's */
	__u32 netns;		/* inode */
	__u32 flags;		/* enum ending_flag */
	__s32 err;		/* sk_err, else sk_err_soft; 0 none */
	__u16 kind;		/* enum event_kind: of the attempt */
	__u16 proto;		/* IPPROTO_TCP, IPPROTO_UDP */
	__u16 family;		/* AF_INET, AF_INET6 */
	__u16 sport;		/* host order */
	__u16 dport;		/* host order */
	__u16 by;		/* enum ending_by */
	__u8 saddr[16];		/* network order; IPv4 in the first 4 */
	__u8 daddr[16];
};

#define SESSIONS	16384	/* of UDP, at most, unless configured */

/* What one UDP socket sends to one destination. */
struct session_key {
	__u64 cookie;		/* of the socket */
	__u32 daddr[4];		/* network order; IPv4 in the first */
	__u16 dport;		/* host order */
	__u16 family;		/* AF_INET, AF_INET6 */
	__u32 pad;
};
struct session {
	__u64 id;		/* of its attempt; 0: being made; or */
#define SESSION_COUNTED	(~0ULL)	/* the storm guard's */
	__u64 start;		/* ns since boot */
	__u64 last;		/* datagram; ns, CLOCK_MONOTONIC_COARSE */
	__u64 datagrams;
	struct proc_key owner;	/* who sent the first */
	__u32 uid;		/* his */
	__u32 taken;		/* shares it has: 1 << enum share_of */
	__u32 netns;		/* inode */
	__u32 sport;		/* host order */
	__u32 saddr[4];		/* as daddr; 0: not bound to one */
};

/* How many sessions somebody has. */
enum share_of { SHARE_SOCKET, SHARE_PROCESS, SHARE_USER, NSHARES };
#define SHARE_NONE	0xffffffffu
struct share_key {
	__u64 who;		/* cookie; start of the process; uid */
	__u32 tgid;		/* of the process */
	__u32 of;		/* enum share_of */
};
struct session_share {
	__u64 n;
	__u64 closed;		/* the socket, ns since boot; 0: it is open */
	struct share_key key;
	struct session_key recent;	/* the socket's */
};

_Static_assert(sizeof(struct mark) == 24, "mark");
_Static_assert(sizeof(struct ending) == 104, "ending");
_Static_assert(sizeof(struct session_key) == 32, "session_key");
_Static_assert(sizeof(struct session) == 80, "session");
_Static_assert(sizeof(struct session_share) == 64, "share");

#endif
