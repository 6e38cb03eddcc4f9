/* SPDX-License-Identifier: BSD-2-Clause */
/* Which logs to read: files, directories, patterns, standard input. */
#ifndef PIDTREED_LOGLIST_H
#define PIDTREED_LOGLIST_H

#include <stddef.h>

struct loglist {
	char **path;
	size_t n;
};

/*
 * Adds what is meant by path: "-"; a file; the regular files of a directory
 * (not of those below it, and no hidden ones); if there is nothing of that
 * name, what it matches as a glob(7) pattern.  Several are sorted by the time
 * of their last change, so that rotated logs come oldest first.
 * -1 with errno; ENOENT if a pattern matches nothing.
 */
int loglist_add(struct loglist *, const char *path);
void loglist_free(struct loglist *);

#endif
