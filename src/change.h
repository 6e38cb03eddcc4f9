/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are changed together, or not at all. */
#ifndef PIDTREED_CHANGE_H
#define PIDTREED_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The first four are the caller's. */
struct change {
	const char *path;
	const char *text;	/* NULL: the file is removed */
	size_t n;
	mode_t mode;
	char *old;		/* what was there, or NULL */
	size_t nold;
	mode_t oldmode;
	bool done;
};

/*
 * Changes them in order, each atomically: a reader sees the old file or the
 * new one.  0, or -1 with errno and the path in *where, and then everything is
 * as it was.
 */
int change_apply(struct change *, size_t n, const char **where);
/* As it was before; -1 with errno: not all of it. */
int change_undo(struct change *, size_t n);
void change_free(struct change *, size_t n);

/* A whole regular file of at most 1 MiB and a NUL behind it, malloc'd; NULL
   with errno (EFBIG: longer). */
char *change_read(const char *path, size_t *n);

#endif
