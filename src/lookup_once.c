/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of hashes; see lookup_once.h. */
#include "lookup_once.h"

#include <stdlib.h>
#include <string.h>

/* Up by the product, down by the shift: a bit of a word gets everywhere. */
static uint64_t
stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* Eight bytes at a time: every line of a log has a dozen to be hashed. */
uint64_t
once_hash(uint64_t from, const void *p, size_t n)
{
	const unsigned char *s = p;
	uint64_t h = stir(from, n + UINT64_C(14695981039346656037)), word;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&word, s, 8);
		h = stir(h, word);
	}
	if (n > 0) {
		word = 0;
		memcpy(&word, s, n);
		h = stir(h, word);
	}
	h = stir(h, 0);
	return h == 0 ? 1 : h;
}

/* Where hash is, or the free place where it belongs. */
static uint64_t *
place(const struct once *o, uint64_t hash)
{
	size_t i = hash & (o->size - 1);

	while (o->hash[i] != 0 && o->hash[i] != hash)
		i = (i + 1) & (o->size - 1);
	return o->hash + i;
}

static bool
grow(struct once *o)
{
	struct once more = { .size = o->size == 0 ? 64 : 2 * o->size,
	    .most = o->most };
	size_t i;

	if ((more.hash = calloc(more.size, sizeof(*more.hash))) == NULL)
		return false;
	for (i = 0; i < o->size; i++)
		if (o->hash[i] != 0)
			*place(&more, o->hash[i]) = o->hash[i];
	more.n = o->n;
	free(o->hash);
	*o = more;
	return true;
}

bool
once_has(const struct once *o, uint64_t hash)
{
	return o->size != 0 && *place(o, hash) == hash;
}

bool
once_add(struct once *o, uint64_t hash)
{
	size_t most = o->most == 0 ? ONCE_MOST : o->most;
	uint64_t *at;

	if (once_has(o, hash))
		return false;
	if (2 * o->n >= o->size && (o->size >= most || !grow(o)))
		return true;
	at = place(o, hash);
	*at = hash;
	o->n++;
	return true;
}

void
once_free(struct once *o)
{
	free(o->hash);
	*o = (struct once){ .hash = NULL };
}
