/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections of one lineage; see lookup_group.h. */
#define _GNU_SOURCE	/* memrchr */
#include "lookup_group.h"

#include <stdlib.h>
#include <string.h>

#include "rfc5424.h"

#define CLIENTS_MOST	16
#define ROOM		1024	/* over the line's length, for the parser */

static uint64_t
hash_str(uint64_t h, struct str s)
{
	return s.s == NULL ? once_hash(h, "", 1) : once_hash(h, s.s, s.n);
}

const char *
group_forwarder(const struct items *known, const struct message *m)
{
	struct str s;
	const char *slash;
	size_t i;

	if (m->ngen == 0)
		return NULL;
	s = m->gen[0].exe.s != NULL ? m->gen[0].exe : m->gen[0].comm;
	slash = s.s == NULL ? NULL : memrchr(s.s, '/', s.n);
	if (slash != NULL) {
		s.n -= slash + 1 - s.s;
		s.s = slash + 1;
	}
	for (i = 0; i < known->n; i++)
		if (s.n == strlen(known->v[i].text) &&
		    memcmp(s.s, known->v[i].text, s.n) == 0)
			return known->v[i].text;
	return NULL;
}

static bool
keep_line(struct group *g, const struct message *m, const char *msg, size_t n)
{
	char *copy = malloc(n);

	if (copy == NULL)
		return false;
	memcpy(copy, msg, n);
	free(g->line);
	g->line = copy;
	g->size = n;
	g->line_time = m->time;
	g->line_id = hash_str(0, m->externalid);
	g->boot = hash_str(0, m->boot);
	return true;
}

uint64_t
group_id(struct str externalid)
{
	return hash_str(0, externalid);
}

unsigned
group_outcome_of(const struct message *m)
{
	static const char *const name[] = { "established", "pending" };
	unsigned i;

	for (i = 0; i < OUT_FAILED; i++)
		if (m->outcome.n == strlen(name[i]) &&
		    memcmp(m->outcome.s, name[i], m->outcome.n) == 0)
			break;
	return i;
}

/* The group of this lineage, made if there is none; NULL: no memory, or
   *full. */
static struct group *
find_group(struct group **all, size_t *n, size_t most, const struct host *h,
    uint64_t lineage, enum group_kind kind, bool *full)
{
	struct group *g;
	size_t i;

	*full = false;
	for (i = 0; i < *n; i++)
		if ((*all)[i].lineage == lineage && (*all)[i].host == h &&
		    (*all)[i].kind == kind)
			return *all + i;
	if ((*full = *n == most))
		return NULL;
	if ((g = reallocarray(*all, *n + 1, sizeof(*g))) == NULL)
		return NULL;
	*all = g;
	g += (*n)++;
	*g = (struct group){ .lineage = lineage, .host = h,
	    .kind = kind,
	    .end = { NUM_NONE, NUM_NONE, NUM_NONE, NUM_NONE } };
	return g;
}

static int
count(struct group *g, const struct message *m, enum match match,
    const char *msg, size_t n)
{
	bool digest = m->id == MSG_DIGEST;
	int64_t first = digest && m->start != NUM_NONE ? m->start : m->time;
	int64_t last = digest && m->end != NUM_NONE ? m->end : m->time;
	unsigned outcome;

	if (g->n == 0 || first < g->first)
		g->first = first;
	if (g->n == 0 || last > g->last)
		g->last = last;
	g->n += digest && m->cnt > 0 ? m->cnt : 1;
	outcome = group_outcome_of(m);
	g->outcome[outcome]++;
	if (outcome == OUT_PENDING)
		once_add(&g->pending, group_id(m->externalid));
	once_add(&g->processes, hash_str(0, m->pkey));
	/* A DIGEST has no answer. */
	if (g->line == NULL || (!digest && (g->line_digest ||
	    match > g->best || (match == g->best &&
	    m->time > g->line_time)))) {
		if (!keep_line(g, m, msg, n))
			return -1;
		g->line_digest = digest;
		g->resolver = m->resolver == 1;
	}
	if (match > g->best)
		g->best = match;
	return 0;
}

static enum group_kind
kind_of(const struct message *m)
{
	return m->id == MSG_LISTEN ? GROUP_LISTENS :
	    m->id == MSG_ACCEPT ? GROUP_ACCEPTS : m->id == MSG_DNS ||
	    m->id == MSG_DIGEST ? GROUP_ASKS : GROUP_CONNECTS;
}

/* Where one goes that was made under the name asked for. */
static void
add_to(struct group *g, const struct message *m)
{
	size_t i;

	for (i = 0; i < g->nto; i++)
		if (g->to[i].dpt == m->dpt && memcmp(&g->to[i].dst, &m->dst,
		    sizeof(m->dst)) == 0) {
			g->to[i].n++;
			return;
		}
	if (i == OTHERS_MOST)
		g->more_to++;
	else
		g->to[g->nto++] = (struct other){ m->dst, m->dpt, 1 };
}

int
group_add(struct query *q, const struct host *h, const struct message *m,
    enum match match, const char *msg, size_t n)
{
	struct lineage line;
	struct group *g;
	bool full;

	if (!lineage_read(&line, msg, n))
		return 0;
	g = find_group(&q->group, &q->ngroups, GROUPS_MOST, h, line.id,
	    kind_of(m), &full);
	if (g == NULL && full) {
		q->more++;
		return 0;
	}
	if (g == NULL)
		return -1;
	if (g->kind == GROUP_CONNECTS)
		g->forwarder = group_forwarder(q->forwarders, m);
	if (match == MATCH_DHOST)
		add_to(g, m);
	g->own_source |= query_is_host(q, m->id == MSG_ACCEPT ? &m->dst :
	    &m->src);
	once_add(&q->counted, group_id(m->externalid));
	return count(g, m, match, msg, n);
}

int
group_client(struct group *g, const struct host *h, const struct message *m,
    const char *msg, size_t n)
{
	struct lineage line;
	struct group *c;
	bool full;

	if (!lineage_read(&line, msg, n))
		return 0;
	c = find_group(&g->client, &g->nclients, CLIENTS_MOST, h, line.id,
	    GROUP_CONNECTS, &full);
	if (c == NULL)
		return full ? 0 : -1;
	return count(c, m, MATCH_NAME, msg, n);
}

void
group_other(struct group *g, const struct lineage *m)
{
	size_t i;

	for (i = 0; i < g->nothers; i++)
		if (g->other[i].dpt == m->dpt && memcmp(&g->other[i].dst,
		    &m->dst, sizeof(m->dst)) == 0) {
			g->other[i].n++;
			return;
		}
	if (i == OTHERS_MOST) {
		g->more_others++;
		return;
	}
	g->other[g->nothers++] = (struct other){ m->dst, m->dpt, 1 };
}

void
group_outcome(struct query *q, uint64_t id, unsigned outcome)
{
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		if (once_has(&q->group[i].pending, id) &&
		    q->group[i].outcome[OUT_PENDING] > 0) {
			q->group[i].outcome[OUT_PENDING]--;
			q->group[i].outcome[outcome]++;
		}
}

bool
group_read(const struct group *g, struct message *m, char **mem)
{
	const char *why;
	size_t where;

	*mem = malloc(g->size + ROOM);
	return *mem != NULL && rfc5424_parse(m, g->line, g->size, *mem,
	    g->size + ROOM, &where, &why) == 0;
}

void
group_free(struct group *g)
{
	size_t i;

	for (i = 0; i < g->nclients; i++)
		group_free(g->client + i);
	free(g->client);
	free(g->line);
	once_free(&g->pending);
	once_free(&g->processes);
	seen_free(&g->dest);
	seen_free(&g->net);
	seen_free(&g->any);
}
