/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second pass: whatever the executables of the lineages that were found
 * did, at any time, on any host.  How often is counted where it is found; only
 * what is shown comes here.
 */
#include <stdlib.h>
#include <string.h>

#include "lookup_count.h"
#include "lookup_group.h"
#include "lookup_pass.h"
#include "prefix.h"
#include "text.h"

/* A process of a group: what else did it do in the window? */
struct process {
	uint64_t id;
	const struct query *q;
	struct group *g;
};

struct again {
	struct pass pass;
	struct tally tally;
	struct counts *counts;
	int64_t from, until;		/* of all windows */
	int64_t last;			/* nobody asks about what is later */
	struct process *process;
	size_t nprocesses;
	const struct query **client_q;	/* groups that forward, */
	struct group **client_g;
	size_t nforwarders;
};

static int
ask(struct again *a, struct group *g, const struct in6_addr *addr,
    unsigned bits, struct seen *to)
{
	return tally_ask(&a->tally, count_key(g->lineage, addr, bits, NULL),
	    g->first, to, false) < 0 || tally_ask(&a->tally,
	    count_key(g->lineage, addr, bits, g->host->id), g->first, to,
	    true) < 0 ? -1 : 0;
}

static int
ask_name(struct again *a, struct group *g, uint64_t name, struct seen *to)
{
	return tally_ask(&a->tally, count_name_key(g->lineage, name, NULL),
	    g->first, to, false) < 0 || tally_ask(&a->tally,
	    count_name_key(g->lineage, name, g->host->id), g->first, to,
	    true) < 0 ? -1 : 0;
}

/* Is it the first of the tuples that has this address, or this network? */
static bool
is_first(const struct finding *f, size_t i, unsigned bits)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (prefix_bits(&f->tuple[k].remote, &f->tuple[i].remote, bits))
			return false;
	return true;
}

static int
ask_all(struct again *a, const struct query *q, struct group *g)
{
	size_t i;

	if (g->kind == GROUP_ASKS)
		return ask_name(a, g, 0, &g->any) < 0 ? -1 : ask_name(a, g,
		    once_hash(0, q->name, strlen(q->name)), &g->dest);
	if (ask(a, g, NULL, 0, &g->any) < 0)
		return -1;
	for (i = 0; i < q->f->ntuples; i++) {
		struct in6_addr r = prefix_judged(&q->f->tuple[i].remote);

		if (IN6_IS_ADDR_UNSPECIFIED(&r))
			continue;
		if (is_first(q->f, i, 128) && ask(a, g, &r, 128, &g->dest) < 0)
			return -1;
		if (is_first(q->f, i, count_net_bits(&r)) &&
		    ask(a, g, &r, count_net_bits(&r), &g->net) < 0)
			return -1;
	}
	return 0;
}

static int
add_processes(struct again *a, const struct query *q, struct group *g)
{
	struct process *more = reallocarray(a->process, a->nprocesses +
	    g->processes.n + 1, sizeof(*more));
	size_t i;

	if (more == NULL)
		return -1;
	a->process = more;
	for (i = 0; i < g->processes.size; i++)
		if (g->processes.hash[i] != 0)
			more[a->nprocesses++] = (struct process){
			    g->processes.hash[i], q, g };
	return 0;
}

/* Whoever connected to a forwarder's host while it did. */
static int
add_forwarder(struct again *a, const struct query *q, struct group *g)
{
	const char *p = g->host->addresses == NULL ? "" : g->host->addresses;
	struct in6_addr addr;
	size_t n;

	a->client_q[a->nforwarders] = q;
	a->client_g[a->nforwarders++] = g;
	for (; *p != '\0'; p += n, p += strspn(p, " ")) {
		n = strcspn(p, " ");
		if (text_parse_addr(p, n, &addr) == 0 &&
		    pass_address(&a->pass, &addr, q->from, q->until) < 0)
			return -1;
	}
	return 0;
}

static int
add_group(struct again *a, const struct query *q, struct group *g)
{
	struct generation *gen;
	int rc;

	a->pass.msg = g->line;
	a->pass.n = g->size;
	if ((rc = pass_parse(&a->pass)) <= 0 || a->pass.message.ngen == 0)
		return rc;
	gen = a->pass.message.gen;
	if (ask_all(a, q, g) < 0 || add_processes(a, q, g) < 0 ||
	    (g->forwarder != NULL && add_forwarder(a, q, g) < 0))
		return -1;
	return pass_needle(&a->pass, SEARCH_PARAM, gen->exe.s != NULL ?
	    "exe" : "sproc", gen->exe.s != NULL ? gen->exe : gen->comm,
	    NUM_NONE, a->last == INT64_MAX ? NUM_NONE : a->last);
}

static int
by_id(const void *va, const void *vb)
{
	const struct process *a = va, *b = vb;

	return a->id < b->id ? -1 : a->id > b->id;
}

static bool
inside(const struct query *q, int64_t time)
{
	return (q->from == NUM_NONE || time >= q->from) &&
	    (q->until == NUM_NONE || time <= q->until);
}

/* The first of this process, if it is one of a group's. */
static size_t
find_process(const struct again *a, uint64_t id)
{
	size_t low = 0, high = a->nprocesses, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (a->process[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < a->nprocesses && a->process[low].id == id ? low :
	    a->nprocesses;
}

static void
others(struct again *a, const struct host *h, const struct lineage *line)
{
	size_t i = find_process(a, line->process);

	for (; i < a->nprocesses && a->process[i].id == line->process; i++) {
		const struct process *p = a->process + i;

		if (p->g->host == h && inside(p->q, a->pass.light.time) &&
		    !once_has(&p->q->counted, line->event))
			group_other(p->g, line);
	}
}

/* Is it to the host of this forwarder, while that was used? */
static bool
is_client(const struct again *a, size_t i, int64_t time,
    const struct lineage *line)
{
	return inside(a->client_q[i], time) &&
	    host_has(a->client_g[i]->host, &line->dst);
}

static int
clients(struct again *a, const struct host *h, const struct lineage *line)
{
	struct pass *p = &a->pass;
	size_t i;
	int rc;

	for (i = 0; i < a->nforwarders; i++) {
		if (!is_client(a, i, p->light.time, line))
			continue;
		if ((rc = pass_parse(p)) <= 0)
			return rc;
		if (group_client(a->client_g[i], h, &p->message, p->msg,
		    p->n) < 0)
			return -1;
	}
	return 0;
}

/* In the threads that search: is it shown, and not only counted? */
static bool
check(void *arg, unsigned thread, const struct search_hit *hit)
{
	const struct again *a = arg;
	struct light light;
	struct lineage line;
	enum count how;
	size_t i;

	how = counts_take(a->counts, thread, hit, &light, &line);
	if (how != COUNT_DONE)
		return how == COUNT_LATER;
	if (line.asks || light.time < a->from || light.time > a->until)
		return false;
	for (i = 0; i < a->nforwarders; i++)
		if (is_client(a, i, light.time, &line))
			return true;
	return find_process(a, line.process) != a->nprocesses;
}

static int
found(void *arg, const struct search_hit *hit)
{
	struct again *a = arg;
	struct pass *p = &a->pass;
	struct lineage line;
	struct host *h;
	int rc;

	if ((rc = pass_hit(p, hit)) <= 0 || !light_much(p->light.id))
		return rc;
	if (hosts_line(&p->l->hosts, &p->light, false, &h) < 0)
		return -1;
	if (!lineage_read(&line, p->msg, p->n) ||
	    (line.event != 0 && !once_add(&p->met, line.event)))
		return 0;
	if (!line.asks)
		others(a, h, &line);
	if (p->light.hostid.s == NULL &&
	    counts_one(a->counts, h, p->light.time, &line) < 0)
		return -1;
	return line.asks ? 0 : clients(a, h, &line);
}

/* From when to when the answers need what lineages did. */
static void
widen(struct again *a, const struct query *q, const struct group *g)
{
	if (q->from == NUM_NONE || q->from < a->from)
		a->from = q->from == NUM_NONE ? INT64_MIN : q->from;
	if (q->until == NUM_NONE || q->until > a->until)
		a->until = q->until == NUM_NONE ? INT64_MAX : q->until;
	if (g->first > a->last)
		a->last = g->first;
	if (a->until > a->last)
		a->last = a->until;
}

static int
add_all(struct again *a, struct lookup *l, size_t n)
{
	size_t i, k;

	a->from = INT64_MAX;
	a->until = a->last = INT64_MIN;
	a->client_q = calloc(n, sizeof(*a->client_q));
	a->client_g = calloc(n, sizeof(*a->client_g));
	if (a->client_q == NULL || a->client_g == NULL)
		return -1;
	for (i = 0; i < l->n; i++)
		for (k = 0; k < l->query[i].ngroups; k++)
			widen(a, l->query + i, l->query[i].group + k);
	for (i = 0; i < l->n; i++)
		for (k = 0; k < l->query[i].ngroups; k++)
			if (add_group(a, l->query + i,
			    l->query[i].group + k) < 0)
				return -1;
	if (tally_ready(&a->tally) < 0)
		return -1;
	if (a->nprocesses > 0)
		qsort(a->process, a->nprocesses, sizeof(*a->process), by_id);
	a->counts = counts_new(search_threads(l->search), &a->tally);
	return a->counts == NULL ? -1 : 0;
}

int
lookup_again(struct lookup *l)
{
	struct search_calls calls = { .check = check, .found = found };
	struct again *a;
	size_t i, n = 0;
	int rc = -1;

	for (i = 0; i < l->n; i++)
		n += l->query[i].ngroups;
	if (n == 0)
		return 0;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return -1;
	calls.arg = a;
	if (pass_open(&a->pass, l) == 0 && add_all(a, l, n) == 0 &&
	    pass_search(&a->pass, &calls) == 0 &&
	    counts_merge(a->counts, &l->hosts) == 0)
		rc = tally_answer(&a->tally);
	pass_close(&a->pass);
	counts_free(a->counts);
	tally_free(&a->tally);
	free(a->process);
	free(a->client_q);
	free(a->client_g);
	free(a);
	return rc;
}
