/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Through the logs for what the findings name, and for what the collectors
 * said of themselves; then which host is meant, and what fits.
 */
#include "lookup_run.h"

#include <stdlib.h>
#include <string.h>

#include "lookup_name.h"
#include "prefix.h"

#define LATE_MOST	65536

/* Of more than RUN_ENDS the last ones stay. */
static int
add_end(struct run *r, const struct message *m)
{
	struct late_end *more;

	if (m->cid.s == NULL)
		return 0;
	if (r->nends < RUN_ENDS && (r->nends & (r->nends - 1)) == 0) {
		more = reallocarray(r->end, r->nends == 0 ? 1 : 2 * r->nends,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		r->end = more;
	}
	r->end[r->nends++ % RUN_ENDS] = (struct late_end){
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
	return tally_count(&r->tally, run_address_key(&dst), m->time,
	    h->number);
}

static int
ask_listeners(struct run *r, const struct host *h)
{
	const struct message *m = &r->pass.message;
	enum match match;
	size_t i;

	for (i = 0; i < r->nlisteners; i++) {
		match = m->id == MSG_ACCEPT ?
		    query_accepts(r->listener[i], m) :
		    query_listens(r->listener[i], m);
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
	case MSG_ACCEPT:
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
	if (pass_open(&r->pass, l) == 0 && run_needles(r) == 0 &&
	    first_pass(r) == 0 &&
	    tally_answer(&r->tally) == 0) {
		search_say_problems(l->search);
		run_settle(r);
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
