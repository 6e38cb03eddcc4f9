/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Through the logs: first for what the findings name, and for what the
 * collectors said of themselves; then, if something was found, for all that
 * the same executables did at any time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_group.h"
#include "lookup_impl.h"
#include "prefix.h"
#include "rfc5424.h"
#include "text.h"

#define ROOM		1024	/* over the line's length, for the parser */
#define DOMAINS_MOST	8	/* each is a pass over the logs of its own */
#define LATE_MOST	65536

/* An OUTCOME: its CONNECT may be in a file that is read later. */
struct late {
	uint64_t id;
	unsigned outcome;
};

struct by_lineage {
	uint64_t lineage;
	struct query *q;
	struct group *g;
};

struct run {
	struct lookup *l;
	struct record *record;
	char *mem;
	size_t size;
	struct message message;
	const char *why;		/* it could not be read */
	struct once met;		/* externalIds */
	uint32_t own;			/* needles of the collectors' own */
	struct late *late;
	size_t nlate;
	struct by_lineage *by;
	size_t nby;
};

static int
needle(struct run *r, enum search_what what, const char *name, struct str value,
    int64_t from, int64_t until)
{
	struct search_needle n = { .what = what, .name = name, .value = value,
	    .since = from == NUM_NONE ? 0 : from,
	    .until = until == NUM_NONE ? 0 : until };

	return search_needle(r->l->search, &n);
}

static struct str
str(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : strlen(s) };
}

/* What coverage lives on: every message around the windows, and at any time
   those that are rare. */
static int
own_needles(struct run *r)
{
	static const char *const rare[] = { "START", "STOP", "RELOAD", "LOST",
	    "CLOCK", "HOST" };
	int64_t from = INT64_MAX, until = INT64_MIN;
	size_t i;
	int rc;

	for (i = 0; i < r->l->n; i++) {
		const struct query *q = r->l->query + i;

		if (q->f->kind == FINDING_SKIPPED)
			continue;
		if (q->from == NUM_NONE || q->from < from)
			from = q->from;
		if (until != NUM_NONE &&
		    (q->until == NUM_NONE || q->until > until))
			until = q->until;
	}
	if (from != NUM_NONE)
		from -= COVER_AROUND;
	if (until != NUM_NONE)
		until += COVER_AROUND;
	rc = needle(r, SEARCH_MSGID, NULL, str(NULL), from, until);
	for (i = 0; i < sizeof(rare) / sizeof(rare[0]) && rc >= 0; i++)
		rc = needle(r, SEARCH_MSGID, NULL, str(rare[i]), NUM_NONE,
		    NUM_NONE);
	r->own = rc;
	return rc;
}

static int
address_needle(struct run *r, const struct in6_addr *a, int64_t from,
    int64_t until)
{
	char text[TEXT_ADDR];
	struct str s = { text, text_put_addr(text, a) };

	if (IN6_IS_ADDR_V4MAPPED(a) &&
	    needle(r, SEARCH_PARAM, "nat64", s, from, until) < 0)
		return -1;
	return needle(r, SEARCH_PARAM, "dst", s, from, until);
}

static int
port_needle(struct run *r, const struct query *q, const char *name,
    int64_t port)
{
	char text[20];
	struct str s = { text, text_put_uint(text, port) - text };

	return needle(r, SEARCH_PARAM, name, s, q->from, q->until);
}

/* Without an address the rarest of what else was asked. */
static int
other_needle(struct run *r, const struct query *q, size_t *domains)
{
	const struct finding *f = q->f;
	const struct finding_tuple *t = f->ntuples > 0 ? f->tuple : NULL;

	if (f->kind == FINDING_RUNTIME && f->nprocesses > 0 &&
	    f->process[0].exe != NULL)
		return needle(r, SEARCH_GENERATION, "exe",
		    str(f->process[0].exe), q->from, q->until);
	if (f->domain != NULL && (*domains)++ < DOMAINS_MOST)
		return needle(r, SEARCH_TEXT, NULL, str(f->domain), q->from,
		    q->until);
	if (q->own == NULL)
		return 0;
	if (q->exe != NULL)
		return needle(r, SEARCH_GENERATION, "exe", str(q->exe),
		    q->from, q->until);
	if (q->user != NULL)
		return needle(r, SEARCH_GENERATION, "suser", str(q->user),
		    q->from, q->until);
	if (t != NULL && t->lport != NUM_NONE)
		return port_needle(r, q, "spt", t->lport);
	if (t != NULL && t->rport != NUM_NONE)
		return port_needle(r, q, "dpt", t->rport);
	return needle(r, SEARCH_MSGID, NULL, str("CONNECT"), q->from, q->until);
}

static int
first_needles(struct run *r)
{
	size_t i, k, domains = 0;

	if (own_needles(r) < 0)
		return -1;
	for (i = 0; i < r->l->n; i++) {
		const struct query *q = r->l->query + i;
		bool any = false;

		if (q->f->kind == FINDING_SKIPPED)
			continue;
		for (k = 0; k < q->f->ntuples; k++) {
			const struct in6_addr *a = &q->f->tuple[k].remote;

			if (IN6_IS_ADDR_UNSPECIFIED(a))
				continue;
			any = true;
			if (address_needle(r, a, NUM_NONE, NUM_NONE) < 0)
				return -1;
		}
		if ((!any || q->f->domain != NULL) &&
		    other_needle(r, q, &domains) < 0)
			return -1;
	}
	return 0;
}

/* The message in a hit; NULL if there is none. */
static const char *
message_in(struct run *r, const struct search_hit *hit, size_t *n)
{
	const char *msg;

	return record_find(r->record, hit->line, hit->n, &msg, n) ==
	    RECORD_MESSAGE ? msg : NULL;
}

/* 1: r->message; 0: not a message, r->why; -1: no memory. */
static int
parse(struct run *r, const char *msg, size_t n)
{
	size_t where;

	if (n + ROOM > r->size) {
		free(r->mem);
		r->size = 0;
		if ((r->mem = malloc(n + ROOM)) == NULL)
			return -1;
		r->size = n + ROOM;
	}
	return rfc5424_parse(&r->message, msg, n, r->mem, r->size, &where,
	    &r->why) == 0;
}

static int
add_late(struct run *r, const struct message *m)
{
	struct late *more;

	if (r->nlate == LATE_MOST || m->cid.s == NULL)
		return 0;
	if ((r->nlate & (r->nlate - 1)) == 0) {
		more = reallocarray(r->late, r->nlate == 0 ? 1 : 2 * r->nlate,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		r->late = more;
	}
	r->late[r->nlate++] = (struct late){ group_id(m->cid),
	    group_outcome_of(m) };
	return 0;
}

static int
ask_all(struct run *r, const struct host *h, const char *msg, size_t n)
{
	const struct message *m = &r->message;
	enum match match;
	size_t i;

	for (i = 0; i < r->l->n; i++) {
		struct query *q = r->l->query + i;

		if (q->f->kind == FINDING_SKIPPED)
			continue;
		if (query_about(q, &m->dst))
			seen_add(&q->dest, NULL, h, m->time);
		match = query_match(q, m);
		if (match != MATCH_NONE &&
		    group_add(q, h, m, match, msg, n) < 0)
			return -1;
	}
	return 0;
}

/* Was it said twice? */
static bool
is_new(struct run *r)
{
	return r->message.externalid.s == NULL ||
	    once_add(&r->met, group_id(r->message.externalid));
}

static int
first_found(void *arg, const struct search_hit *hit)
{
	struct run *r = arg;
	struct hosts *hs = &r->l->hosts;
	struct light light;
	struct host *h;
	const char *msg;
	size_t n;
	int rc;

	if ((msg = message_in(r, hit, &n)) == NULL ||
	    !light_read(&light, msg, n))
		return 0;
	/* A line that was cut off names no host: no host is made of it. */
	if (light.hostid.s == NULL && parse(r, msg, n) != 1)
		return 0;
	if (hosts_line(hs, &light, hit->needle[0] <= r->own, &h) < 0)
		return -1;
	if (light.id == NMSGIDS || (light.id == MSG_CONNECT &&
	    hit->needle[hit->nneedles - 1] <= r->own))
		return 0;
	if ((rc = parse(r, msg, n)) < 0)
		return -1;
	if (rc == 0)
		return hosts_unreadable(h, light.time, r->why);
	switch (light.id) {
	case MSG_CONNECT:
		return is_new(r) ? ask_all(r, h, msg, n) : 0;
	case MSG_OUTCOME:
		return add_late(r, &r->message);
	default:
		return hosts_own(hs, h, &r->message);
	}
}

/* The boot in which a host was in the window, or last before its end. */
static uint64_t
boot_in(const struct query *q, const struct host *h)
{
	const struct series *last = NULL, *s;
	int64_t first = INT64_MIN;

	for (s = h->series; s < h->series + h->nseries; s++)
		if (s->nstretches > 0 && s->stretch[0].first >= first &&
		    (q->until == NUM_NONE || s->stretch[0].first <= q->until)) {
			first = s->stretch[0].first;
			last = s;
		}
	return last == NULL ? 0 : group_id(str(last->boot));
}

static bool
stays(const struct query *q, const struct group *g, enum match least)
{
	return (q->any_host || g->host == q->host) && g->best >= least &&
	    (g->best != MATCH_BEFORE || g->boot == boot_in(q, g->host));
}

/* The groups that stay: those of the host in question, of the best fit. */
static void
settle(struct query *q)
{
	enum match best = MATCH_NONE, least;
	size_t i, n = 0;

	/* What fits before the window counts if nothing does inside. */
	for (i = 0; i < q->ngroups; i++)
		if (stays(q, q->group + i, best + 1))
			best = q->group[i].best;
	/* A finding counts more connections than the one that it shows. */
	least = best == MATCH_EXACT ? MATCH_PORT : best;
	for (i = 0; i < q->ngroups; i++) {
		if (stays(q, q->group + i, least))
			q->group[n++] = q->group[i];
		else
			group_free(q->group + i);
	}
	q->ngroups = n;
	q->match = best;
}

static int
best_first(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;

	if (a->best != b->best)
		return a->best > b->best ? -1 : 1;
	return a->last > b->last ? -1 : a->last < b->last;
}

static void
settle_all(struct run *r)
{
	size_t i, k;

	for (i = 0; i < r->l->n; i++) {
		struct query *q = r->l->query + i;

		query_find_host(q, &r->l->hosts);
		for (k = 0; k < q->dest.nhosts; k++)
			if (q->any_host || q->dest.host[k] == q->host)
				q->dest.here = 1;
		settle(q);
		if (q->ngroups > 0)
			qsort(q->group, q->ngroups, sizeof(*q->group),
			    best_first);
		for (k = 0; k < r->nlate; k++)
			group_outcome(q, r->late[k].id, r->late[k].outcome);
	}
}

static int
by_lineage(const void *va, const void *vb)
{
	const struct by_lineage *a = va, *b = vb;

	return a->lineage < b->lineage ? -1 : a->lineage > b->lineage;
}

/* Whoever connected to a forwarder's host while it did. */
static int
client_needles(struct run *r, const struct query *q, const struct group *g)
{
	const char *p = g->host->addresses == NULL ? "" : g->host->addresses;
	struct in6_addr a;
	size_t n;

	for (; *p != '\0'; p += n, p += strspn(p, " ")) {
		n = strcspn(p, " ");
		if (text_parse_addr(p, n, &a) == 0 &&
		    address_needle(r, &a, q->from, q->until) < 0)
			return -1;
	}
	return 0;
}

static int
second_needle(struct run *r, struct query *q, struct group *g)
{
	struct generation *gen;
	int rc;

	r->by[r->nby++] = (struct by_lineage){ g->lineage, q, g };
	if ((rc = parse(r, g->line, g->size)) <= 0 || r->message.ngen == 0)
		return rc;
	gen = r->message.gen;
	if (g->forwarder != NULL && client_needles(r, q, g) < 0)
		return -1;
	return needle(r, SEARCH_PARAM, gen->exe.s != NULL ? "exe" : "sproc",
	    gen->exe.s != NULL ? gen->exe : gen->comm, NUM_NONE, NUM_NONE);
}

static int
second_needles(struct run *r)
{
	size_t i, k, n = 0;

	for (i = 0; i < r->l->n; i++)
		n += r->l->query[i].ngroups;
	if (n == 0)
		return 0;
	if ((r->by = calloc(n, sizeof(*r->by))) == NULL)
		return -1;
	for (i = 0; i < r->l->n; i++)
		for (k = 0; k < r->l->query[i].ngroups; k++)
			if (second_needle(r, r->l->query + i,
			    r->l->query[i].group + k) < 0)
				return -1;
	qsort(r->by, r->nby, sizeof(*r->by), by_lineage);
	return 0;
}

static int
clients(struct run *r, const struct host *h, const char *msg, size_t n)
{
	const struct message *m = &r->message;
	size_t i;

	for (i = 0; i < r->nby; i++) {
		const struct query *q = r->by[i].q;
		struct group *g = r->by[i].g;

		if (g->forwarder != NULL && host_has(g->host, &m->dst) &&
		    (q->from == NUM_NONE || m->time >= q->from) &&
		    (q->until == NUM_NONE || m->time <= q->until) &&
		    group_client(g, h, m, msg, n) < 0)
			return -1;
	}
	return 0;
}

static int
second_found(void *arg, const struct search_hit *hit)
{
	struct run *r = arg;
	struct light light;
	struct host *h;
	const char *msg;
	uint64_t lineage;
	size_t i, n, low = 0, high = r->nby;
	int rc;

	if ((msg = message_in(r, hit, &n)) == NULL ||
	    !light_read(&light, msg, n) || light.id != MSG_CONNECT)
		return 0;
	if (hosts_line(&r->l->hosts, &light, false, &h) < 0)
		return -1;
	if ((rc = parse(r, msg, n)) <= 0 || !is_new(r))
		return rc < 0 ? -1 : 0;
	lineage = lineage_hash(&r->message);
	while (low < high) {
		i = (low + high) / 2;
		if (r->by[i].lineage < lineage)
			low = i + 1;
		else
			high = i;
	}
	for (i = low; i < r->nby && r->by[i].lineage == lineage; i++)
		group_seen(r->by[i].q, r->by[i].g, h, &r->message);
	return clients(r, h, msg, n);
}

static int
pass(struct run *r, int (*found)(void *, const struct search_hit *))
{
	struct search_calls calls = { NULL, found, r };

	errno = 0;
	if (search_run(r->l->search, &calls) < 0 || errno == ENOMEM)
		return -1;
	r->l->interrupted |= search_stats(r->l->search)->interrupted;
	once_free(&r->met);
	search_forget_needles(r->l->search);
	return 0;
}

int
lookup_run(struct lookup *l)
{
	struct run r = { .l = l };
	int rc = -1;

	if ((r.record = record_new()) == NULL || first_needles(&r) < 0 ||
	    pass(&r, first_found) < 0)
		goto out;
	search_say_problems(l->search);
	settle_all(&r);
	if (second_needles(&r) < 0 ||
	    (r.nby > 0 && pass(&r, second_found) < 0))
		goto out;
	rc = 0;
out:
	record_free(r.record);
	once_free(&r.met);
	free(r.mem);
	free(r.late);
	free(r.by);
	return rc;
}
