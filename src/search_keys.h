/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values of many needles, in any bytes: what a line has is looked up
 * among all of them at once.
 */
#ifndef PIDTREED_SEARCH_KEYS_H
#define PIDTREED_SEARCH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYS_BITS	16384

struct keys {
	uint32_t *slot;		/* first entry + 1 of a chain; 0: none */
	size_t nslots;		/* a power of two, or 0 */
	struct key {
		char *s;
		uint32_t n, hash, needle;
		uint32_t next;	/* entry + 1 in the same slot */
	} *key;
	size_t nkeys, size;
	size_t longest;		/* bytes */
	/* Bits for the hashes of what the keys begin with; if one is shorter
	   than that, all are set. */
	uint64_t begin[KEYS_BITS / 64];
	bool any_begin;
};

struct needles;

typedef void needle_hit(void *arg, uint32_t needle);

/* The next needle, with this key; its number, or that of the same one.  -1:
   no memory. */
int keys_add(struct keys *, const char *, size_t n, struct needles *);
void keys_clear(struct keys *);
/* Can what begins at s be a key?  Most is told from all keys fast. */
bool keys_can_begin(const struct keys *, const char *s, const char *end);
/* Calls hit(arg, needle) for each needle of the key that these bytes are. */
void keys_find(const struct keys *, const char *, size_t n, needle_hit *,
    void *arg);
/* The same, of the key that the bytes from p to a quote are, if there are few
   keys; false: there are too many for that. */
bool keys_try(const struct keys *, const char *p, const char *end,
    needle_hit *, void *arg);

#endif
