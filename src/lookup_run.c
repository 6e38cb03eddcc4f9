/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Through the logs for what the findings name, and for what the collectors
 * said of themselves; then which host is meant, and what fits.
 */
#include <stdlib.h>
#include <string.h>

#include "lookup_group.h"
#include "lookup_name.h"
#include "lookup_number.h"
#include "lookup_pass.h"
#include "prefix.h"
#include "text.h"

#define DOMAIN_LEAST	4	/* of SEARCH_TEXT */
#define LATE_MOST	65536
#define ENDS_MOST	262144

/* An OUTCOME, a CLOSE: its CONNECT may be in a file that is read later. */
struct late {
	uint64_t id;
	unsigned outcome;
};
struct late_end {
	uint64_t id;
	struct end end;
};

/* Who asks about an address. */
struct asker {
	struct in6_addr addr;
	struct query *q;
};

struct run {
	struct pass pass;
	uint32_t own;			/* needles of the collectors' own */
	struct numbers *numbers;
	struct asker *asker;		/* by address */
	size_t naskers;
	struct query **any;		/* who asks about no address, or also
					   about a name */
	size_t nany;
	struct query **listener;	/* who asks who listens */
	size_t nlisteners;
	struct query **named;		/* who asks who asked for a name */
	size_t nnamed;
	struct tally tally;		/* of the addresses */
	struct late *late;
	size_t nlate;
	struct late_end *end;
	size_t nends;
};

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

/* Who listens there may have begun at any time before. */
static int
listen_needles(struct run *r, struct query *q)
{
	const struct finding *f = q->f;
	char text[20];
	size_t k;

	r->listener[r->nlisteners++] = q;
	for (k = 0; k < f->ntuples; k++)
		if (f->tuple[k].lport != NUM_NONE && pass_needle(&r->pass,
		    SEARCH_PARAM, "spt", (struct str){ text,
		    text_put_uint(text, f->tuple[k].lport) - text }, NUM_NONE,
		    q->until) < 0)
			return -1;
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

static uint64_t
address_key(const struct in6_addr *a)
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
		if (tally_ask(&r->tally, address_key(&r->asker[i].addr),
		    INT64_MAX, &r->asker[i].q->dest, false) < 0)
			return -1;
	return tally_ready(&r->tally);
}

static int
first_needles(struct run *r)
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

/* Of more than ENDS_MOST the last ones stay. */
static int
add_end(struct run *r, const struct message *m)
{
	struct late_end *more;

	if (m->cid.s == NULL)
		return 0;
	if (r->nends < ENDS_MOST && (r->nends & (r->nends - 1)) == 0) {
		more = reallocarray(r->end, r->nends == 0 ? 1 : 2 * r->nends,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		r->end = more;
	}
	r->end[r->nends++ % ENDS_MOST] = (struct late_end){
	    group_id(m->cid), { m->time, m->duration, m->in, m->out } };
	return 0;
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
ask(struct run *r, struct query *q, const struct host *h)
{
	const struct message *m = &r->pass.message;
	enum match match = query_match(q, m);

	return match == MATCH_NONE ? 0 :
	    group_add(q, h, m, match, r->pass.msg, r->pass.n);
}

static int
ask_all(struct run *r, const struct host *h)
{
	const struct message *m = &r->pass.message;
	struct in6_addr dst = prefix_judged(&m->dst);
	size_t i, low = 0, high = r->naskers;

	while (low < high) {
		i = (low + high) / 2;
		if (memcmp(&r->asker[i].addr, &dst, sizeof(dst)) < 0)
			low = i + 1;
		else
			high = i;
	}
	for (; low < r->naskers && memcmp(&r->asker[low].addr, &dst,
	    sizeof(dst)) == 0; low++)
		if (ask(r, r->asker[low].q, h) < 0)
			return -1;
	for (i = 0; i < r->nany; i++)
		if (!query_about(r->any[i], &m->dst) &&
		    ask(r, r->any[i], h) < 0)
			return -1;
	return tally_count(&r->tally, address_key(&dst), m->time,
	    h->number);
}

static int
ask_listeners(struct run *r, const struct host *h)
{
	const struct message *m = &r->pass.message;
	enum match match;
	size_t i;

	for (i = 0; i < r->nlisteners; i++) {
		match = query_listens(r->listener[i], m);
		if (match != MATCH_NONE && group_add(r->listener[i], h, m,
		    match, r->pass.msg, r->pass.n) < 0)
			return -1;
	}
	return 0;
}

/* Questions; a DIGEST is told to the hosts as well. */
static int
ask_names(struct run *r, const struct host *h)
{
	const struct message *m = &r->pass.message;
	enum match match;
	size_t i;

	for (i = 0; i < r->nnamed; i++) {
		match = query_asks(r->named[i], m);
		if (match != MATCH_NONE && group_add(r->named[i], h, m,
		    match, r->pass.msg, r->pass.n) < 0)
			return -1;
	}
	return m->id != MSG_DNS || m->query.s == NULL ? 0 :
	    tally_count(&r->tally, once_hash(0, m->query.s, m->query.n),
	    m->time, h->number);
}

/* In the threads that search. */
static bool
first_check(void *arg, unsigned thread, const struct search_hit *hit)
{
	const struct run *r = arg;

	return numbers_take(r->numbers, thread, hit);
}

static int
first_found(void *arg, const struct search_hit *hit)
{
	struct run *r = arg;
	struct pass *p = &r->pass;
	struct hosts *hs = &p->l->hosts;
	struct host *h;
	int rc;

	if ((rc = pass_hit(p, hit)) <= 0)
		return rc;
	if (hosts_line(hs, &p->light, hit->needle[0] <= r->own, &h) < 0)
		return -1;
	if (p->light.id == NMSGIDS || (light_much(p->light.id) &&
	    hit->needle[hit->nneedles - 1] <= r->own))
		return 0;
	if ((rc = pass_parse(p)) < 0)
		return -1;
	if (rc == 0)
		return hosts_unreadable(h, p->light.time, p->why);
	switch (p->light.id) {
	case MSG_CONNECT:
	case MSG_UDP:
		return pass_new(p) ? ask_all(r, h) : 0;
	case MSG_LISTEN:
		return pass_new(p) ? ask_listeners(r, h) : 0;
	case MSG_DNS:
		return pass_new(p) ? ask_names(r, h) : 0;
	case MSG_DIGEST:
		if (!pass_new(p))
			return 0;
		if (name_asks(&p->message) && ask_names(r, h) < 0)
			return -1;
		return hosts_own(hs, h, &p->message);
	case MSG_OUTCOME:
		return add_late(r, &p->message);
	case MSG_CLOSE:
		return add_end(r, &p->message);
	default:
		return hosts_own(hs, h, &p->message);
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
	return last == NULL ? 0 : group_id(pass_str(last->boot));
}

static bool
stays(const struct query *q, const struct group *g, enum match least)
{
	if (g->best == MATCH_BEFORE && g->end.time != NUM_NONE &&
	    g->end.time < q->from)
		return false;		/* it was closed by then */
	return (q->any_host || g->host == q->host) && g->best >= least &&
	    (g->best != MATCH_BEFORE || g->boot == boot_in(q, g->host));
}

/* Who listens there, or asked for it, is the answer; outbound connections are
   if nobody did. */
static enum group_kind
answer_kind(const struct query *q)
{
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		if (q->group[i].kind != GROUP_CONNECTS &&
		    stays(q, q->group + i, MATCH_BEFORE))
			return q->group[i].kind;
	return GROUP_CONNECTS;
}

/* Connections to the name that was asked for stay beside those who did. */
static bool
follows(const struct query *q, const struct group *g)
{
	return g->kind == GROUP_CONNECTS && g->best == MATCH_DHOST &&
	    stays(q, g, MATCH_DHOST);
}

/* The groups that stay: those of the host in question, of the best fit. */
static void
settle(struct query *q)
{
	enum match best = MATCH_NONE, least;
	enum group_kind kind = answer_kind(q);
	size_t i, n = 0;

	/* What fits before the window counts if nothing does inside. */
	for (i = 0; i < q->ngroups; i++)
		if (q->group[i].kind == kind &&
		    stays(q, q->group + i, best + 1))
			best = q->group[i].best;
	/* A finding counts more connections than the one that it shows. */
	least = kind == GROUP_LISTENS ? MATCH_BEFORE :
	    best == MATCH_EXACT ? MATCH_PORT : best;
	for (i = 0; i < q->ngroups; i++) {
		if ((q->group[i].kind == kind &&
		    stays(q, q->group + i, least)) ||
		    (kind == GROUP_ASKS && follows(q, q->group + i)))
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

	if (a->kind != b->kind)
		return a->kind > b->kind ? -1 : 1;
	if (a->resolver != b->resolver)
		return a->resolver ? 1 : -1;
	if (a->best != b->best)
		return a->best > b->best ? -1 : 1;
	return a->last > b->last ? -1 : a->last < b->last;
}

static int
by_event(const void *va, const void *vb)
{
	const struct late_end *a = va, *b = vb;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void
end_groups(const struct run *r, struct query *q)
{
	const struct late_end *found;
	struct late_end key;
	size_t i;

	for (i = 0; i < q->ngroups && r->nends > 0; i++) {
		key.id = q->group[i].line_id;
		found = bsearch(&key, r->end, r->nends, sizeof(key), by_event);
		if (found != NULL)
			q->group[i].end = found->end;
	}
}

/* What the askers themselves connected to is told with them. */
static void
join_askers(struct query *q)
{
	size_t i, k;

	for (i = 0; i < q->ngroups; i++)
		for (k = 0; k < q->ngroups && q->group[i].kind ==
		    GROUP_CONNECTS && q->group[i].best == MATCH_DHOST; k++)
			if (q->group[k].kind == GROUP_ASKS &&
			    q->group[k].lineage == q->group[i].lineage &&
			    q->group[k].host == q->group[i].host)
				q->group[i].by_asker = true;
}

static void
settle_all(struct run *r)
{
	size_t i, k;

	if (r->nends > ENDS_MOST)
		r->nends = ENDS_MOST;
	if (r->nends > 0)
		qsort(r->end, r->nends, sizeof(*r->end), by_event);
	for (i = 0; i < r->pass.l->n; i++) {
		struct query *q = r->pass.l->query + i;

		query_find_host(q, &r->pass.l->hosts);
		q->dest.here = q->any_host ||
		    (q->host != NULL && seen_on(&q->dest, q->host));
		end_groups(r, q);
		settle(q);
		if (q->ngroups > 0)
			qsort(q->group, q->ngroups, sizeof(*q->group),
			    best_first);
		join_askers(q);
		for (k = 0; k < r->nlate; k++)
			group_outcome(q, r->late[k].id, r->late[k].outcome);
	}
}

static int
first_pass(struct run *r)
{
	const struct search_calls calls = { first_check, first_found, r };
	struct lookup *l = r->pass.l;

	/* Of a connection to an address, CLOSE has that too. */
	r->numbers = numbers_new(search_threads(l->search), r->own,
	    r->nany > 0);
	if (r->numbers == NULL || pass_search(&r->pass, &calls) < 0)
		return -1;
	return numbers_merge(r->numbers, &l->hosts);
}

int
lookup_run(struct lookup *l)
{
	struct run *r = calloc(1, sizeof(*r));
	int rc = -1;

	if (r == NULL)
		return -1;
	if (pass_open(&r->pass, l) == 0 && first_needles(r) == 0 &&
	    first_pass(r) == 0 &&
	    tally_answer(&r->tally) == 0) {
		search_say_problems(l->search);
		settle_all(r);
		rc = 0;
	}
	pass_close(&r->pass);
	numbers_free(r->numbers);
	tally_free(&r->tally);
	free(r->asker);
	free(r->any);
	free(r->listener);
	free(r->named);
	free(r->late);
	free(r->end);
	free(r);
	return rc < 0 ? -1 : lookup_again(l);
}
