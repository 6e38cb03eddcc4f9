/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of things that were met, by hash: a message that was written twice,
   or is in two logs, counts once. */
#ifndef PIDTREED_LOOKUP_ONCE_H
#define PIDTREED_LOOKUP_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ONCE_MOST	(1 << 20)	/* 8 MiB; what comes later is new */

struct once {
	uint64_t *hash;
	size_t n, size;
	size_t most;		/* 0: ONCE_MOST */
};

uint64_t once_hash(uint64_t from, const void *, size_t);
/* Is it new?  Also if there is no memory to remember it. */
bool once_add(struct once *, uint64_t hash);
bool once_has(const struct once *, uint64_t hash);
void once_free(struct once *);

#endif
