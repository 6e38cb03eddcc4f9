/* SPDX-License-Identifier: BSD-2-Clause */
/* What the logs are searched for: what the collectors said of themselves, and
   for each question the rarest that it has; see lookup_run.h. */
#include <stdlib.h>
#include <string.h>

#include "lookup_name.h"
#include "lookup_run.h"
#include "prefix.h"
#include "text.h"

#define DOMAIN_LEAST	4	/* of SEARCH_TEXT */

/* What coverage lives on: every message around the windows, and at any time
   those that are rare. */
static int
own_needles(struct run *r)
{
	static const char *const rare[] = { "START", "STOP", "RELOAD", "LOST",
	    "CLOCK", "HOST", "DIGEST" };
	int64_t from = INT64_MAX, until = INT64_MIN;
	size_t i;
	int rc;

	for (i = 0; i < r->pass.l->n; i++) {
		const struct query *q = r->pass.l->query + i;

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
	rc = pass_needle(&r->pass, SEARCH_MSGID, NULL, pass_str(NULL), from,
	    until);
	for (i = 0; i < sizeof(rare) / sizeof(rare[0]) && rc >= 0; i++)
		rc = pass_needle(&r->pass, SEARCH_MSGID, NULL,
		    pass_str(rare[i]), NUM_NONE, NUM_NONE);
	r->own = rc;
	return rc;
}

static int
port_needle(struct run *r, const struct query *q, const char *name,
    int64_t port)
{
	char text[20];
	struct str s = { text, text_put_uint(text, port) - text };

	return pass_needle(&r->pass, SEARCH_PARAM, name, s, q->from, q->until);
}

/* Nothing else was asked: whatever has this protocol. */
static int
kind_needles(struct run *r, struct query *q)
{
	const char *proto = q->f->proto;
	bool udp = proto != NULL && strcmp(proto, "UDP") == 0;

	if (!udp && pass_needle(&r->pass, SEARCH_MSGID, NULL,
	    pass_str("CONNECT"), q->from, q->until) < 0)
		return -1;
	return !udp && proto != NULL ? 0 : pass_needle(&r->pass,
	    SEARCH_MSGID, NULL, pass_str("UDP"), q->from, q->until);
}

/* Questions for the name at any time; what was connected to under it. */
static int
name_needles(struct run *r, struct query *q)
{
	struct str name = pass_str(q->name);

	r->named[r->nnamed++] = q;
	if (tally_ask(&r->tally, once_hash(0, name.s, name.n), INT64_MAX,
	    &q->dest, false) < 0 ||
	    pass_needle(&r->pass, SEARCH_PARAM, "query", name, NUM_NONE,
	    NUM_NONE) < 0)
		return -1;
	return pass_needle(&r->pass, SEARCH_PARAM, "dhost", name, q->from,
	    q->until);
}

/* Without an address the rarest of what else was asked. */
static int
other_needle(struct run *r, struct query *q, size_t *domains)
{
	const struct finding *f = q->f;
	const struct finding_tuple *t = f->ntuples > 0 ? f->tuple : NULL;
	int rc;

	if (q->asking && name_needles(r, q) < 0)
		return -1;
	if (f->kind == FINDING_RUNTIME && f->nprocesses > 0 &&
	    f->process[0].exe != NULL)
		return pass_needle(&r->pass, SEARCH_GENERATION, "exe",
		    pass_str(f->process[0].exe), q->from, q->until);
	if (f->domain != NULL && strlen(f->domain) >= DOMAIN_LEAST) {
		if ((*domains)++ < DOMAINS_MOST)
			return pass_needle(&r->pass, SEARCH_TEXT, NULL,
			    pass_str(f->domain), q->from, q->until);
		q->unsearched = true;
	}
	if (q->own == NULL)
		return 0;
	if (q->exe != NULL)
		return pass_needle(&r->pass, SEARCH_GENERATION, "exe",
		    pass_str(q->exe), q->from, q->until);
	if (q->user != NULL)
		return pass_needle(&r->pass, SEARCH_GENERATION, "suser",
		    pass_str(q->user), q->from, q->until);
	if (q->where != NULL && (rc = pass_where(&r->pass, q)) != 0)
		return rc;
	if (t != NULL && t->lport != NUM_NONE)
		return port_needle(r, q, "spt", t->lport);
	if (t != NULL && t->rport != NUM_NONE)
		return port_needle(r, q, "dpt", t->rport);
	return kind_needles(r, q);
}

/* Who listens there may have begun at any time before; who was connected to
   from there is in the window. */
static int
listen_needles(struct run *r, struct query *q)
{
	const struct finding *f = q->f;
	char text[20], addr[TEXT_ADDR];
	size_t k;

	r->listener[r->nlisteners++] = q;
	for (k = 0; k < f->ntuples; k++) {
		const struct in6_addr *a = &f->tuple[k].remote;

		if (!IN6_IS_ADDR_UNSPECIFIED(a) && pass_needle(&r->pass,
		    SEARCH_PARAM, "src", (struct str){ addr,
		    text_put_addr(addr, a) }, q->from, q->until) < 0)
			return -1;
		if (f->tuple[k].lport != NUM_NONE && pass_needle(&r->pass,
		    SEARCH_PARAM, "spt", (struct str){ text,
		    text_put_uint(text, f->tuple[k].lport) - text }, NUM_NONE,
		    q->until) < 0)
			return -1;
	}
	return 0;
}

/* Its addresses at any time, or whatever else it has. */
static int
add_query(struct run *r, struct query *q, size_t *domains)
{
	const struct finding *f = q->f;
	bool any = false;
	size_t k;

	if (q->listening && listen_needles(r, q) < 0)
		return -1;
	for (k = 0; k < f->ntuples; k++) {
		const struct in6_addr *a = &f->tuple[k].remote;
		struct in6_addr j = prefix_judged(a);

		if (IN6_IS_ADDR_UNSPECIFIED(a))
			continue;
		any = true;
		if (pass_address(&r->pass, a, NUM_NONE, NUM_NONE) < 0)
			return -1;
		r->asker[r->naskers++] = (struct asker){ j, q };
	}
	if (any && f->domain == NULL)
		return 0;
	r->any[r->nany++] = q;
	return other_needle(r, q, domains);
}

static int
by_address(const void *va, const void *vb)
{
	const struct asker *a = va, *b = vb;
	int d = memcmp(&a->addr, &b->addr, sizeof(a->addr));

	return d != 0 ? d : a->q < b->q ? -1 : a->q > b->q;
}

uint64_t
run_address_key(const struct in6_addr *a)
{
	return once_hash(0, a, sizeof(*a));
}

/* Each query once for each address. */
static int
sort_askers(struct run *r)
{
	size_t i, n = 0;

	if (r->naskers > 0)
		qsort(r->asker, r->naskers, sizeof(*r->asker), by_address);
	for (i = 0; i < r->naskers; i++)
		if (n == 0 || by_address(r->asker + n - 1, r->asker + i) != 0)
			r->asker[n++] = r->asker[i];
	r->naskers = n;
	for (i = 0; i < n; i++)
		if (tally_ask(&r->tally, run_address_key(&r->asker[i].addr),
		    INT64_MAX, &r->asker[i].q->dest, false) < 0)
			return -1;
	return tally_ready(&r->tally);
}

int
run_needles(struct run *r)
{
	struct lookup *l = r->pass.l;
	size_t i, n = 0, domains = 0;

	for (i = 0; i < l->n; i++)
		n += l->query[i].f->ntuples;
	r->asker = calloc(n + 1, sizeof(*r->asker));
	r->any = calloc(l->n + 1, sizeof(struct query *));
	r->listener = calloc(l->n + 1, sizeof(struct query *));
	r->named = calloc(l->n + 1, sizeof(struct query *));
	if (r->asker == NULL || r->any == NULL || r->listener == NULL ||
	    r->named == NULL || own_needles(r) < 0)
		return -1;
	for (i = 0; i < l->n; i++)
		if (l->query[i].f->kind != FINDING_SKIPPED &&
		    add_query(r, l->query + i, &domains) < 0)
			return -1;
	return sort_askers(r);
}
