/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded cache: two numbers as the key, least recently used goes first. */
#ifndef PIDTREED_CACHE_H
#define PIDTREED_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct cache;

/* At most max values, each freed with free(3) when it goes.  NULL: ENOMEM. */
struct cache *cache_new(size_t max);
/* Borrowed; it stays at least until max - 1 others were used.  NULL: none. */
void *cache_get(struct cache *, uint64_t a, uint64_t b);
/* Takes the value over, an older one of the key is freed.  -1: ENOMEM, and
   the value is still the caller's. */
int cache_put(struct cache *, uint64_t a, uint64_t b, void *value);
void cache_empty(struct cache *);
void cache_free(struct cache *);

#endif
