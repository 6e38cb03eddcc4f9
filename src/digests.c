/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that are counted by rules; see digests.h.  The first that is
   counted stands for the others, kept as its line. */
#include "digests.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "lookup_once.h"
#include "prefix.h"
#include "rfc5424.h"

#define SLOTS	(2 * DIGESTS_MOST)	/* a power of two */

struct digest {
	uint64_t key;		/* 0: this slot is free */
	int64_t since;		/* clock_ms() */
	int64_t first, last;	/* us since 1970, of those that were counted */
	uint64_t n;
	char *line;		/* of the first of them; n > 0 */
	size_t len;
};

struct digests {
	struct digest slot[SLOTS];
	size_t used;
	uint64_t refused;
	int64_t next;		/* the earliest end of an hour, or before */
};

struct digests *
digests_new(void)
{
	return calloc(1, sizeof(struct digests));
}

static uint64_t
add(uint64_t h, struct str s)
{
	h = once_hash(h, s.s != NULL ? s.s : "", s.n);
	return once_hash(h, &s.n, sizeof(s.n));
}

static struct prefix
net_of(const struct message *m)
{
	struct prefix net = { m->dst, IN6_IS_ADDR_V4MAPPED(&m->dst) ?
	    96 + STORM_NET4 : STORM_NET6 };

	for (size_t i = net.len / 8; i < sizeof(net.addr); i++)
		net.addr.s6_addr[i] = 0;
	return net;
}

/* By what the storm guard counts, and the rule. */
static uint64_t
key_of(const struct message *m)
{
	struct prefix net = net_of(m);
	uint64_t h = add(once_hash(0, &m->dpt, sizeof(m->dpt)), m->rule);

	h = once_hash(h, &net.addr, sizeof(net.addr));
	h = add(add(h, m->cgroup), m->proto);
	for (size_t i = 0; i < m->ngen; i++) {
		const struct generation *g = m->gen + i;

		if (i == 0)
			h = once_hash(h, &g->uid, sizeof(g->uid));
		h = add(add(h, g->exe.s != NULL ? g->exe : g->comm),
		    g->script);
	}
	return h != 0 ? h : 1;
}

/* The slot of this key, or the free one for it. */
static struct digest *
find(struct digests *d, uint64_t key)
{
	size_t i = key & (SLOTS - 1);

	while (d->slot[i].key != 0 && d->slot[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return d->slot + i;
}

/* Takes the slot out, and moves up those that it was in the way of. */
static void
take_out(struct digests *d, size_t i)
{
	size_t k = i, home;

	d->used--;
	for (;;) {
		k = (k + 1) & (SLOTS - 1);
		if (d->slot[k].key == 0)
			break;
		home = d->slot[k].key & (SLOTS - 1);
		if (((k - home) & (SLOTS - 1)) < ((k - i) & (SLOTS - 1)))
			continue;
		d->slot[i] = d->slot[k];
		i = k;
	}
	memset(d->slot + i, 0, sizeof(*d->slot));
}

static bool
keep_line(struct digest *g, const struct message *m)
{
	char out[RFC5424_MAX];
	size_t n = rfc5424_write(m, out);

	g->line = malloc(n);
	if (g->line == NULL)
		return false;
	memcpy(g->line, out, n);
	g->len = n;
	return true;
}

bool
digests_take(struct digests *d, const struct message *m, int64_t now)
{
	struct digest *g = find(d, key_of(m));

	if (g->key == 0) {
		if (d->used == DIGESTS_MOST) {
			d->refused++;
			return false;
		}
		if (d->used++ == 0 || now + DIGESTS_MS < d->next)
			d->next = now + DIGESTS_MS;
		*g = (struct digest){ .key = key_of(m), .since = now };
		return false;
	}
	if (g->n == 0 && !keep_line(g, m)) {
		d->refused++;
		return false;
	}
	if (g->n++ == 0)
		g->first = m->time;
	g->last = m->time;
	return true;
}

static void
say(struct digest *g, digests_fn *fn, void *arg)
{
	char mem[RFC5424_MAX + 1024], text[INET6_ADDRSTRLEN + 4];
	struct message m;
	struct prefix net;
	const char *why;
	struct buf b;
	size_t where;

	if (rfc5424_parse(&m, g->line, g->len, mem, sizeof(mem), &where,
	    &why) == -1)
		return;		/* it is what rfc5424_write wrote */
	m.id = MSG_DIGEST;
	buf_init(&b, text, sizeof(text));
	net = net_of(&m);
	prefix_write(&net, &b);
	m.net = (struct str){ b.p, b.len };
	m.text = m.outcome = m.reason = (struct str){ NULL, 0 };
	m.spt = m.waited = NUM_NONE;
	m.start = g->first;
	m.time = m.end = g->last;
	m.cnt = g->n;
	fn(arg, &m);
}

/* It goes on for another hour if it has counted in this one. */
static bool
over(struct digest *g, int64_t now, digests_fn *fn, void *arg)
{
	if (g->n == 0)
		return true;
	say(g, fn, arg);
	free(g->line);
	g->line = NULL;
	g->n = 0;
	g->since = now;
	return false;
}

void
digests_tell(struct digests *d, int64_t now, bool all, digests_fn *fn,
    void *arg)
{
	struct digest *g;
	size_t i = 0;

	if (d->used == 0 || (!all && now < d->next))
		return;
	d->next = INT64_MAX;
	while (i < SLOTS) {
		g = d->slot + i;
		if (g->key != 0 && (all || now - g->since >= DIGESTS_MS) &&
		    over(g, now, fn, arg)) {
			take_out(d, i);
			continue;	/* another may be there now */
		}
		if (g->key != 0 && g->since + DIGESTS_MS < d->next)
			d->next = g->since + DIGESTS_MS;
		i++;
	}
}

uint64_t
digests_refused(const struct digests *d)
{
	return d->refused;
}

void
digests_free(struct digests *d)
{
	for (size_t i = 0; d != NULL && i < SLOTS; i++)
		free(d->slot[i].line);
	free(d);
}
