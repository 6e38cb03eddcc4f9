/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of many needles; see search_keys.h. */
#include "search_keys.h"

#include <stdlib.h>
#include <string.h>

#include "search_impl.h"

#define BEGIN	4		/* bytes that tell most values from keys */
#define FEW	8		/* keys that are better tried one by one */
_Static_assert(KEYS_BITS == 1 << (32 - 18), "begin_bit");

static uint32_t
hash(const char *s, size_t n)
{
	uint32_t h = 2166136261;	/* FNV-1a */
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619;
	return h ^ h >> 15;
}

/* Which bit is that of what begins with these BEGIN bytes. */
static unsigned
begin_bit(const char *s)
{
	uint32_t v;

	memcpy(&v, s, BEGIN);
	return v * 2654435761u >> 18;
}

bool
keys_can_begin(const struct keys *k, const char *s, const char *end)
{
	unsigned bit;

	if (k->any_begin || end - s < BEGIN)
		return true;
	bit = begin_bit(s);
	return (k->begin[bit / 64] >> bit % 64 & 1) != 0;
}

static int
keys_grow(struct keys *k)
{
	size_t n = k->nslots == 0 ? 16 : k->nslots * 2, i;
	uint32_t *slot;

	if (k->nkeys * 2 < k->nslots)
		return 0;
	if ((slot = calloc(n, sizeof(*slot))) == NULL)
		return -1;
	for (i = 0; i < k->nkeys; i++) {
		uint32_t *head = slot + (k->key[i].hash & (n - 1));

		k->key[i].next = *head;
		*head = i + 1;
	}
	free(k->slot);
	k->slot = slot;
	k->nslots = n;
	return 0;
}

/* The number of a needle that has this key and window already, or -1. */
static int
keys_same(const struct keys *k, const char *s, size_t n,
    const struct needles *ns, const struct window *w)
{
	uint32_t h = hash(s, n), i;

	if (k->nkeys == 0)
		return -1;
	for (i = k->slot[h & (k->nslots - 1)]; i != 0; i = k->key[i - 1].next) {
		const struct key *key = k->key + i - 1;
		const struct window *has = ns->window + key->needle;

		if (key->hash == h && key->n == n &&
		    memcmp(key->s, s, n) == 0 && has->since == w->since &&
		    has->until == w->until)
			return key->needle;
	}
	return -1;
}

int
keys_add(struct keys *k, const char *s, size_t n, struct needles *ns)
{
	struct key *more, *key;
	uint32_t *head;
	int same = keys_same(k, s, n, ns, ns->window + ns->n);

	if (same >= 0)
		return same;
	if (k->nkeys == k->size) {
		k->size = k->size == 0 ? 8 : k->size * 2;
		more = realloc(k->key, k->size * sizeof(*more));
		if (more == NULL)
			return -1;
		k->key = more;
	}
	key = k->key + k->nkeys;
	*key = (struct key){ .n = n, .hash = hash(s, n), .needle = ns->n };
	if (keys_grow(k) < 0 || (key->s = malloc(n + 1)) == NULL)
		return -1;
	memcpy(key->s, s, n);
	head = k->slot + (key->hash & (k->nslots - 1));
	key->next = *head;
	*head = ++k->nkeys;
	if (n > k->longest)
		k->longest = n;
	if (n < BEGIN)
		k->any_begin = true;
	else
		k->begin[begin_bit(s) / 64] |=
		    UINT64_C(1) << begin_bit(s) % 64;
	return ns->n++;
}

void
keys_clear(struct keys *k)
{
	while (k->nkeys > 0)
		free(k->key[--k->nkeys].s);
	free(k->key);
	free(k->slot);
	*k = (struct keys){ .key = NULL };
}

void
keys_find(const struct keys *k, const char *s, size_t n, needle_hit *hit,
    void *arg)
{
	uint32_t h, i;

	if (k->nkeys == 0 || n > k->longest)
		return;
	h = hash(s, n);
	for (i = k->slot[h & (k->nslots - 1)]; i != 0; i = k->key[i - 1].next) {
		const struct key *key = k->key + i - 1;

		if (key->hash == h && key->n == n &&
		    memcmp(key->s, s, n) == 0)
			hit(arg, key->needle);
	}
}

bool
keys_try(const struct keys *k, const char *p, const char *end, needle_hit *hit,
    void *arg)
{
	const struct key *key;

	if (k->nkeys > FEW)
		return false;
	for (key = k->key; key < k->key + k->nkeys; key++)
		if ((size_t)(end - p) > key->n && p[key->n] == '"' &&
		    memcmp(key->s, p, key->n) == 0)
			hit(arg, key->needle);
	return true;
}
