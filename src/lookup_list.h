/* SPDX-License-Identifier: BSD-2-Clause */
/* Arrays that grow and texts that are kept.  -1: no memory. */
#ifndef PIDTREED_LOOKUP_LIST_H
#define PIDTREED_LOOKUP_LIST_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* A copy of s instead of what is there; if there is no s, it stays. */
static inline int
list_keep(char **to, struct str s)
{
	char *copy;

	if (s.s == NULL || (*to != NULL && strlen(*to) == s.n &&
	    memcmp(*to, s.s, s.n) == 0))
		return 0;
	if ((copy = strndup(s.s, s.n)) == NULL)
		return -1;
	free(*to);
	*to = copy;
	return 0;
}

static inline bool
list_is(const char *a, struct str b)
{
	return a == NULL ? b.s == NULL : b.s != NULL && strlen(a) == b.n &&
	    memcmp(a, b.s, b.n) == 0;
}

/* Room for one more element in an array of n. */
static inline int
list_grow(void *array, size_t n, size_t size)
{
	void **p = array, *more;

	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return 0;
	more = reallocarray(*p, n < 8 ? 8 : 2 * n, size);
	if (more == NULL)
		return -1;
	*p = more;
	return 0;
}

/* The same at a place in the middle, which is then free. */
static inline int
list_insert(void *array, size_t *n, size_t size, size_t at)
{
	char **p = array;

	if (list_grow(array, *n, size) < 0)
		return -1;
	memmove(*p + (at + 1) * size, *p + at * size, (*n - at) * size);
	++*n;
	return 0;
}

#endif
