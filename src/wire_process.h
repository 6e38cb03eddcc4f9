/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of the wire (event.h): processes, what they execute, where they are. */
#ifndef PIDTREED_WIRE_PROCESS_H
#define PIDTREED_WIRE_PROCESS_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define COMM_LEN	16	/* TASK_COMM_LEN */
#define EXE_LEN		512
#define SCRIPT_LEN	256
#define ARGS_LEN	1024
#define CGROUP_LEN	384
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

_Static_assert(sizeof(struct proc_key) == 16, "proc_key");
_Static_assert(sizeof(struct proc) == 128, "proc");
_Static_assert(sizeof(struct image) == 32 + EXE_LEN + SCRIPT_LEN +
    ARGS_LEN + 8, "image");
_Static_assert(sizeof(struct ancestor) == 48, "ancestor");

#endif
