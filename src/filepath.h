/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel walked, from a file up to a root. */
#ifndef PIDTREED_FILEPATH_H
#define PIDTREED_FILEPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "message.h"

/*
 * What the kernel left at the end of p, which has EXE_LEN bytes, from off on;
 * cut: something is missing in front, and is marked.  Nothing is the root
 * itself.  The text is in mem.
 */
struct str filepath_walked(char *mem, size_t size, const char *p, size_t off,
    bool cut);
bool filepath_ends(struct str path, struct str end);
/* What path, which is below root, is without it; s NULL: it is not, or there
   is no root. */
struct str filepath_below(struct str path, struct str root);

/* Where the collector is, and so the host. */
struct filepath_host {
	uint32_t mntns;		/* inode */
	/* Where its root directory is in that one's file system: "" if it is
	   all of it, or nobody knows; else without a slash at the end, as "/@"
	   of btrfs. */
	char root[EXE_LEN];
};

/* mountinfo: of proc(5), or a file like it. */
void filepath_host_root(const char *mountinfo, struct filepath_host *);
/* A path inside of a file system, as the host has it if its root is there. */
struct str filepath_on_host(struct str inside, const struct filepath_host *);

#endif
