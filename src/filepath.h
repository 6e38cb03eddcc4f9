/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel walked, from a file up to a root. */
#ifndef PIDTREED_FILEPATH_H
#define PIDTREED_FILEPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"

/*
 * What the kernel left at the end of p, which has EXE_LEN bytes, from off on;
 * cut: something is missing in front, and is marked.  Nothing is the root
 * itself.  The text is in mem.
 */
struct str filepath_walked(char *mem, size_t size, const char *p, size_t off,
    bool cut);
bool filepath_ends(struct str path, struct str end);
/*
 * Where the root directory is in its file system, of a file like proc(5)'s
 * mountinfo: "" if it is the file system's root, or nobody knows; else without
 * a slash at the end, as "/@" of btrfs.
 */
void filepath_host_root(const char *mountinfo, char *mem, size_t size);
/* A path in a file system as the host has it, whose root is there. */
struct str filepath_below(struct str path, const char *root);

#endif
