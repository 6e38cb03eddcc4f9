/* SPDX-License-Identifier: BSD-2-Clause */
/* What lineages did, counted by many threads; see lookup_count.h. */
#include "lookup_count.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_once.h"
#include "prefix.h"
#include "record.h"

#define NET4	(96 + 24)	/* bits of a network, v4-mapped */
#define NET6	48
#define SHARDS	64		/* a power of two: threads hardly ever meet */

/* What one thread has. */
struct share {
	struct record *record;
	struct hosts hosts;
	struct tally tally;
	bool nomem;
};

/* A part of the externalIds that were met, by any thread. */
struct shard {
	pthread_mutex_t lock;
	struct once met;
};

struct counts {
	struct tally *tally;
	struct shard shard[SHARDS];
	unsigned n;
	struct share share[];
};

unsigned
count_net_bits(const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a) ? NET4 : NET6;
}

/* Of a lineage, the address and a host's hash, which is 0 for any. */
static uint64_t
key(uint64_t lineage, const struct in6_addr *addr, unsigned bits,
    uint64_t here)
{
	struct {
		uint64_t lineage, bits, here;
		struct in6_addr net;
	} k = { lineage, bits, here, { { { 0 } } } };

	if (bits != 0)
		memcpy(&k.net, addr, bits / 8);
	return once_hash(0, &k, sizeof(k));
}

uint64_t
count_key(uint64_t lineage, const struct in6_addr *addr, unsigned bits,
    const char *host)
{
	return key(lineage, addr, bits,
	    host == NULL ? 0 : once_hash(0, host, strlen(host)));
}

#define NAMES	255		/* `bits' of them */

static uint64_t
name_key(uint64_t lineage, uint64_t name, uint64_t here)
{
	uint64_t k[] = { lineage, NAMES, here, name };

	return once_hash(1, k, sizeof(k));
}

uint64_t
count_name_key(uint64_t lineage, uint64_t name, const char *host)
{
	return name_key(lineage, name,
	    host == NULL ? 0 : once_hash(0, host, strlen(host)));
}

struct counts *
counts_new(unsigned threads, struct tally *t)
{
	struct counts *c = calloc(1, sizeof(*c) +
	    threads * sizeof(c->share[0]));
	size_t i;

	if (c == NULL)
		return NULL;
	c->tally = t;
	for (i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&c->shard[i].lock, NULL);
		c->shard[i].met.most = ONCE_MOST / SHARDS;
	}
	for (; c->n < threads; c->n++) {
		struct share *own = c->share + c->n;

		if ((own->record = record_new()) == NULL ||
		    tally_share(&own->tally, t) < 0) {
			record_free(own->record);
			counts_free(c);
			return NULL;
		}
	}
	return c;
}

static bool
is_new(struct counts *c, uint64_t event)
{
	struct shard *s = c->shard + (event >> 32) % SHARDS;
	bool new;

	if (event == 0)
		return true;
	pthread_mutex_lock(&s->lock);
	new = once_add(&s->met, event);
	pthread_mutex_unlock(&s->lock);
	return new;
}

/* A question for a name. */
static int
count_name(struct counts *c, struct tally *t, const struct lineage *line,
    int64_t time, uint64_t here, size_t host)
{
	const uint64_t name[] = { 0, line->query };
	size_t i;

	if (!tally_asks(t, name_key(line->id, 0, 0), time) ||
	    !is_new(c, line->event))
		return 0;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (tally_count(t, name_key(line->id, name[i], 0), time,
		    host) < 0 ||
		    tally_count(t, name_key(line->id, name[i], here), time,
		    host) < 0)
			return -1;
	return 0;
}

/* Everything that may be asked of a connection.  Whoever asks about anything
   else of a lineage asks about all of it, too. */
static int
count(struct counts *c, struct tally *t, const struct lineage *line,
    int64_t time, uint64_t here, size_t host)
{
	struct in6_addr dst = prefix_judged(&line->dst);
	const unsigned bits[] = { 0, count_net_bits(&dst), 128 };
	size_t i;

	if (line->asks)
		return count_name(c, t, line, time, here, host);
	if (!tally_asks(t, key(line->id, NULL, 0, 0), time) ||
	    !is_new(c, line->event))
		return 0;
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (tally_count(t, key(line->id, &dst, bits[i], 0), time,
		    host) < 0 ||
		    tally_count(t, key(line->id, &dst, bits[i], here), time,
		    host) < 0)
			return -1;
	return 0;
}

int
counts_one(struct counts *c, const struct host *h, int64_t time,
    const struct lineage *line)
{
	return count(c, c->tally, line, time,
	    once_hash(0, h->id, strlen(h->id)), h->number);
}

enum count
counts_take(struct counts *c, unsigned thread, const struct search_hit *hit,
    struct light *light, struct lineage *line)
{
	struct share *own = c->share + thread;
	struct host *h;
	const char *msg;
	size_t n;

	if (record_find(own->record, hit->line, hit->n, &msg, &n) !=
	    RECORD_MESSAGE || !light_read(light, msg, n) ||
	    !light_much(light->id))
		return COUNT_OTHER;
	if (light->hostid.s == NULL)
		return COUNT_LATER;
	if (hosts_line(&own->hosts, light, false, &h) < 0) {
		own->nomem = true;
		return COUNT_OTHER;
	}
	if (!lineage_read(line, msg, n))
		return COUNT_OTHER;
	if (count(c, &own->tally, line, light->time, once_hash(0,
	    light->hostid.s, light->hostid.n), h->number) < 0)
		own->nomem = true;
	return COUNT_DONE;
}

/* The thread's hosts are others with the same ids. */
static int
merge(struct counts *c, struct share *own, const struct hosts *hs)
{
	size_t *number, i;
	int rc;

	if ((number = calloc(own->hosts.n + 1, sizeof(*number))) == NULL)
		return -1;
	for (i = 0; i < own->hosts.n; i++) {
		const struct host *h = own->hosts.host[i];

		number[h->number] = hosts_find(hs, (struct str){ h->id,
		    strlen(h->id) })->number;
	}
	rc = tally_add(c->tally, &own->tally, number);
	free(number);
	return rc;
}

int
counts_merge(struct counts *c, struct hosts *hs)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		if (c->share[i].nomem ||
		    hosts_merge(hs, &c->share[i].hosts) < 0 ||
		    merge(c, c->share + i, hs) < 0)
			return -1;
	return 0;
}

void
counts_free(struct counts *c)
{
	unsigned i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		record_free(c->share[i].record);
		hosts_free(&c->share[i].hosts);
		tally_unshare(&c->share[i].tally);
	}
	for (i = 0; i < SHARDS; i++) {
		once_free(&c->shard[i].met);
		pthread_mutex_destroy(&c->shard[i].lock);
	}
	free(c);
}
