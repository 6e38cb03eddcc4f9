/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire: everything that the programs in bpf/ and the collector share.
 * Fixed width, no pointers, no implicit padding.  Whatever is kept in the
 * kernel over a restart is laid out here; a change of any struct below
 * needs a new PIDTREE_ABI.
 */
#ifndef PIDTREED_EVENT_H
#define PIDTREED_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "counter.h"

#ifndef PIDTREE_ABI		/* a test builds another one */
#define PIDTREE_ABI	14
#endif

#define COMM_LEN	16	/* TASK_COMM_LEN */
#define EXE_LEN		512
#define SCRIPT_LEN	256
#define ARGS_LEN	1024
#define CGROUP_LEN	384
#define LINE_LEN	32	/* ancestors that an event carries itself */
#define LINE_NEAR	24	/* of these, how many are the nearest */
#define NO_ID		0xffffffffu	/* loginuid, session: not set */

/* A process, for as long as this boot lasts.  A pid alone is reused. */
struct proc_key {
	__u64 start;		/* leader's start_boottime, ns since boot */
	__u32 tgid;		/* in the initial pid namespace */
	__u32 pad;
};

enum proc_flag {
	PROC_EXITED	= 1 << 0,	/* the whole thread group is gone */
	PROC_PARENT_REF	= 1 << 1,	/* holds a reference on its parent */
	PROC_KTHREAD	= 1 << 2,
	PROC_SEEDED	= 1 << 3,	/* was there before the collector */
};

/*
 * One process: a node of the family tree.  head and tail are equal and even
 * in a value that was read whole.
 */
struct proc {
	__u32 head;
	__u32 refs;		/* itself, its children, attempts */
	struct proc_key key;
	struct proc_key parent;	/* it was born from; tgid 0: none */
	__u64 cgroup;		/* kernfs id in the cgroup2 tree */
	__u64 image;		/* key of struct image; 0: not recorded */
	__u64 ended;		/* ns since boot; with PROC_EXITED */
	__u64 lineage;		/* hash of all that was executed on its line */
	__u32 flags;		/* enum proc_flag */
	__u32 uid;
	__u32 euid;
	__u32 gid;
	__u32 egid;
	__u32 auid;
	__u32 ses;
	__u32 line;		/* records above this one, about */
	__u32 cut;		/* generations removed between it and parent */
	char comm[COMM_LEN];
	__u32 tail;
};

enum image_flag {
	IMAGE_EXE_CUT	= 1 << 0,	/* exe lost components in front */
	IMAGE_DELETED	= 1 << 1,	/* file had no name any more at exec */
	IMAGE_NO_ARGS	= 1 << 2,	/* arguments could not be read */
	IMAGE_SCRIPT_CUT = 1 << 3,
	IMAGE_TOLD	= 1 << 4,	/* there is an event of this exec */
};

/* What exec gave to a process, shared by all that fork from it. */
struct image {
	__u64 id;		/* its key; 0 while it is filled */
	__u32 refs;		/* live records that name it */
	__u32 flags;		/* enum image_flag */
	__u32 args_len;		/* full length in bytes, NULs included */
	__u16 args_have;	/* bytes in args */
	__u16 exe_off;		/* exe starts here in exe[]; it ends with it */
	__u64 exec;		/* self_exec_id of who executed it; 0: seeded */
	char exe[EXE_LEN];	/* without NUL */
	char script[SCRIPT_LEN];/* NUL-terminated; what was asked for, if that
				   is not the executable; else empty */
	char args[ARGS_LEN];	/* NUL between arguments */
	__u64 id_tail;		/* equal to id in a value that was read whole */
};

/* The cgroup path, recorded in the kernel when a process was first seen
   there; leaf first, components separated by NUL. */
struct cgroup_name {
	__u16 len;
	__u16 parts;
	__u32 cut;		/* 1: the innermost are missing */
	char leaf_first[CGROUP_LEN];
};

/* One living ancestor, as it was at the moment of the event. */
struct ancestor {
	struct proc_key key;	/* pad: its gid */
	__u64 image;		/* at that moment; 0: no record */
	__u32 uid;
	__u32 auid;
	char comm[COMM_LEN];
};

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

enum doing_flag {
	DOING_SETUID	= 1 << 0,	/* the file has the bit */
	DOING_SETGID	= 1 << 1,
	DOING_SETCAP	= 1 << 2,	/* capabilities came from the file */
	DOING_FD	= 1 << 3,	/* named by a descriptor, fexecve(3) */
	DOING_AT	= 1 << 4,	/* execveat(2) */
	DOING_CWD_CUT	= 1 << 5,	/* lost components in front */
	DOING_ROOT_CUT	= 1 << 6,
	DOING_FILE_CUT	= 1 << 7,
	DOING_ARGS_CUT	= 1 << 8,	/* args are not all of them */
	DOING_OPENAT2	= 1 << 9,	/* openat2(2) */
	DOING_HANDLE	= 1 << 10,	/* open_by_handle_at(2) */
	DOING_URING	= 1 << 11,	/* by a ring */
	DOING_DELETED	= 1 << 12,	/* the file has no name any more */
	DOING_PATH_CUT	= 1 << 13,	/* lost components in front */
	DOING_INSIDE_CUT = 1 << 14,
};

#define DOINGS_READY	512		/* that have memory from the start */
#define DOINGS_MORE	7680		/* others that wait for the collector */
#define TTY_LEN	64		/* tty_struct.name */
#define DOING_ARGS	64		/* arguments, at most, of what failed */

/* What an attempt to execute has beside the attempt of the same id, whose err
   says why it failed; or a line that was typed: args is the line, file the
   terminal's name; or an open: args is its path and its path inside of the file
   system, EXE_LEN each, file what was asked for, and where that failed, path is
   the directory where it begins.  bpf/doing.h relies on the order of the
   texts. */
struct doing {
	__u32 flags;		/* enum doing_flag */
	__u32 mntns;		/* inode */
	__u16 args_len;		/* bytes in args, NULs included */
	__u16 root_off;		/* as exe_off in struct image; EXE_LEN: / */
	__u16 cwd_off;
	__u16 path_off;
	__u16 inside_off;
	__u16 pad;
	__u32 how;		/* flags of the open */
	__u32 mode;		/* of what it was to make */
	__u32 pad2;
	char args[ARGS_LEN];	/* of what failed; NUL between arguments; of
				   an execution the path inside of its file
				   system, in the first half */
	char root[EXE_LEN];	/* of the process, without NUL */
	char cwd[EXE_LEN];
	char file[SCRIPT_LEN];	/* what failed, as it was named, with NUL */
};

/* How a process of a container got at what is not the container's. */
enum escape_way { ESCAPE_OPEN = 1, ESCAPE_EXEC, ESCAPE_SETNS };
/* Whose file it is: in the caller's root and mounts; the host's; of a mount
   that was taken off; anything else. */
enum escape_place { PLACE_OWN, PLACE_HOST, PLACE_DETACHED, PLACE_OTHER };
/* Namespaces, as /proc/PID/ns has them. */
enum space {
	SPACE_MNT, SPACE_NET, SPACE_UTS, SPACE_IPC, SPACE_PID, SPACE_CGROUP,
	SPACE_TIME, SPACE_USER, SPACES
};

/* Process 1 of the host: who has another mount namespace and another root is
   in a container.  Addresses are the kernel's. */
struct apart_host {
	__u64 mntns;		/* struct mnt_namespace */
	__u64 root;		/* struct dentry; 0: a root file system that
				   nothing is mounted below, as an initramfs's,
				   is every namespace's */
	__u64 sb;		/* struct super_block that it is in */
	__u32 space[SPACES];	/* inodes */
	__u32 below;		/* mounts below the root, over each other */
	__u32 pad;
};

#define WATCHES		256		/* paths, at most */
#define WATCH_NAME	32		/* of a name, with NUL, that counts */
#define WATCH_NAMES	(8 * WATCHES)
#define WATCH_BITS	4096
/* By its first 8 bytes, the first of them lowest, and its length. */
#define WATCH_BIT(word, len) \
	(((word) + (len)) * 0x9e3779b97f4a7c15ULL >> 52)

/* A component of a path, and what it is in: a name, "/" or empty for any; or
   "*" for a path as it was given. */
struct watch_key {
	char name[WATCH_NAME];
	char parent[WATCH_NAME];
};

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

/*
 * The storm guard: who talks to which network and port, and how often in
 * this minute.  What is beyond the limit is counted here and told by one
 * attempt that stands for all of them.
 */
enum storm_flag {
	STORM_ALWAYS	= 1 << 0,	/* a class told in digests alone */
	STORM_UDP	= 1 << 1,
	STORM_LISTEN	= 1 << 2,	/* net, port: that are listened on */
	STORM_ACCEPT	= 1 << 4,	/* net: of the remote, port: ours */
	STORM_RANDOM	= 1 << 3,	/* any port that the kernel chose */
	STORM_FREE	= 1 << 5,	/* UDP: any from PORTS_FREE on */
	STORM_OPEN	= 1 << 6,	/* net: what is watched, port: errno;
				   of an escape which file, and which way */
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

#define DNS_NAMES	16384	/* that are counted, of all lineages */
#define DNS_PENDING	4096	/* attempts that are questions */
#define DNS_RING	(512 * 1024)
#define DNS_QUESTION	272	/* header, name of 255 bytes, type, class */
#define DNS_ANSWER	1232	/* bytes of an answer that are looked at; what
				   resolvers ask for by default today */

/* What goes with an attempt that is a question. */
struct dns_exchange {
	__u64 id;		/* of the attempt */
	__u16 question_len;	/* header and question, as they were sent */
	__u16 answer_len;	/* 0: none came */
	__u16 answer_whole;	/* bytes that it had */
	__u16 many;		/* 1: it stands for many names */
	__u8 question[DNS_QUESTION];
	__u8 answer[DNS_ANSWER];
};

/* Each answer, for the names of addresses; in a ring of its own. */
struct dns_answer {
	struct proc_key owner;	/* who asked */
	__u64 time;		/* ns since boot */
	__u32 len;
	__u32 pad;
	__u8 packet[];
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

_Static_assert(sizeof(struct proc_key) == 16, "proc_key");
_Static_assert(sizeof(struct proc) == 128, "proc");
_Static_assert(sizeof(struct image) == 32 + EXE_LEN + SCRIPT_LEN +
    ARGS_LEN + 8, "image");
_Static_assert(sizeof(struct ancestor) == 48, "ancestor");
_Static_assert(sizeof(struct mark) == 24, "mark");
_Static_assert(sizeof(struct doing) == 32 + ARGS_LEN + 2 * EXE_LEN +
    SCRIPT_LEN, "doing");
_Static_assert(sizeof(struct ending) == 104, "ending");
_Static_assert(sizeof(struct session_key) == 32, "session_key");
_Static_assert(sizeof(struct session) == 80, "session");
_Static_assert(sizeof(struct session_share) == 64, "share");
_Static_assert(sizeof(struct dns_exchange) == 16 + DNS_QUESTION + DNS_ANSWER,
    "dns_exchange");
_Static_assert(sizeof(struct dns_answer) == 32, "dns_answer");
_Static_assert(sizeof(struct control) == 184, "control");
_Static_assert(sizeof(struct attempt) == 216 + LINE_LEN * 48, "attempt");

#endif
