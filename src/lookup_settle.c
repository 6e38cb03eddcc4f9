/* SPDX-License-Identifier: BSD-2-Clause */
/* Of what fits a question: which host is meant, and what of it is the answer;
   see lookup_run.h. */
#include <stdlib.h>
#include <string.h>

#include "lookup_run.h"

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

/* Who was connected to, else who listens there, or asked for it, is the answer;
   outbound connections are if nobody did. */
static enum group_kind
answer_kind(const struct query *q)
{
	enum group_kind kind = GROUP_CONNECTS;
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		if (q->group[i].kind > kind &&
		    stays(q, q->group + i, MATCH_BEFORE))
			kind = q->group[i].kind;
	return kind;
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

void
run_settle(struct run *r)
{
	size_t i, k;

	if (r->nends > RUN_ENDS)
		r->nends = RUN_ENDS;
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
