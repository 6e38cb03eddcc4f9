/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded cache with the least recently used at the end of a list. */
#include "cache.h"

#include <stdlib.h>
#include <sys/queue.h>

struct entry {
	TAILQ_ENTRY(entry) age;
	SLIST_ENTRY(entry) chain;
	uint64_t a, b;
	void *value;
};

struct cache {
	TAILQ_HEAD(ages, entry) ages;	/* the most recently used first */
	size_t n, max, mask;
	SLIST_HEAD(bucket, entry) buckets[];
};

struct cache *
cache_new(size_t max)
{
	struct cache *c;
	size_t size = 16;

	while (size < max)
		size *= 2;
	c = calloc(1, sizeof(*c) + size * sizeof(c->buckets[0]));
	if (c == NULL)
		return NULL;
	TAILQ_INIT(&c->ages);
	c->max = max;
	c->mask = size - 1;
	return c;
}

/* Fibonacci hashing: keys are times and counters, alike in their low bits. */
static struct bucket *
bucket_of(struct cache *c, uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ b << 32) * UINT64_C(0x9e3779b97f4a7c15);

	return &c->buckets[(h >> 32) & c->mask];
}

static struct entry *
find(struct cache *c, uint64_t a, uint64_t b)
{
	struct entry *e;

	SLIST_FOREACH(e, bucket_of(c, a, b), chain)
		if (e->a == a && e->b == b)
			return e;
	return NULL;
}

static void
entry_remove(struct cache *c, struct entry *e)
{
	TAILQ_REMOVE(&c->ages, e, age);
	SLIST_REMOVE(bucket_of(c, e->a, e->b), e, entry, chain);
	c->n--;
	free(e->value);
	free(e);
}

void *
cache_get(struct cache *c, uint64_t a, uint64_t b)
{
	struct entry *e = find(c, a, b);

	if (e == NULL)
		return NULL;
	if (e != TAILQ_FIRST(&c->ages)) {
		TAILQ_REMOVE(&c->ages, e, age);
		TAILQ_INSERT_HEAD(&c->ages, e, age);
	}
	return e->value;
}

int
cache_put(struct cache *c, uint64_t a, uint64_t b, void *value)
{
	struct entry *e = find(c, a, b);

	if (e != NULL)
		entry_remove(c, e);
	else if (c->n >= c->max)
		entry_remove(c, TAILQ_LAST(&c->ages, ages));
	e = malloc(sizeof(*e));
	if (e == NULL)
		return -1;
	*e = (struct entry){ .a = a, .b = b, .value = value };
	TAILQ_INSERT_HEAD(&c->ages, e, age);
	SLIST_INSERT_HEAD(bucket_of(c, a, b), e, chain);
	c->n++;
	return 0;
}

void
cache_empty(struct cache *c)
{
	struct entry *e;

	while ((e = TAILQ_FIRST(&c->ages)) != NULL)
		entry_remove(c, e);
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	cache_empty(c);
	free(c);
}
