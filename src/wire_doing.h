/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of the wire (event.h): what processes do on the host. */
#ifndef PIDTREED_WIRE_DOING_H
#define PIDTREED_WIRE_DOING_H

#include "wire_process.h"

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

_Static_assert(sizeof(struct doing) == 32 + ARGS_LEN + 2 * EXE_LEN +
    SCRIPT_LEN, "doing");

#endif
