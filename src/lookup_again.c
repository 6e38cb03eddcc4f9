/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second pass: whatever the executables of the lineages that were found
 * did, at any time, on any host.  A line costs the same however many
 * questions share its lineage.
 */
#include <stdlib.h>
#include <string.h>

#include "lookup_group.h"
#include "lookup_pass.h"
#include "prefix.h"
#include "text.h"

#define NET4	(96 + 24)	/* bits of a network, v4-mapped */
#define NET6	48

/* A process of a group: what else did it do in the window? */
struct process {
	uint64_t id;
	const struct query *q;
	struct group *g;
};

struct again {
	struct pass pass;
	struct tally tally;
	struct process *process;
	size_t nprocesses;
	const struct query **client_q;	/* groups that forward, */
	struct group **client_g;
	size_t nforwarders;
};

/* What is asked of a lineage: anything, an address, a network; on a host. */
static uint64_t
key(uint64_t lineage, const struct in6_addr *addr, unsigned bits,
    const struct host *here)
{
	struct in6_addr net = { 0 };
	uint64_t h = once_hash(lineage, &bits, sizeof(bits));

	if (addr != NULL)
		memcpy(&net, addr, bits / 8);
	h = once_hash(h, &net, sizeof(net));
	return here == NULL ? h : once_hash(h, &here, sizeof(here));
}

static unsigned
net_bits(const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a) ? NET4 : NET6;
}

static int
ask(struct again *a, struct group *g, const struct in6_addr *addr,
    unsigned bits, struct seen *to)
{
	return tally_ask(&a->tally, key(g->lineage, addr, bits, NULL),
	    g->first, to, false) < 0 || tally_ask(&a->tally,
	    key(g->lineage, addr, bits, g->host), g->first, to, true) < 0 ?
	    -1 : 0;
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

	if (ask(a, g, NULL, 0, &g->any) < 0)
		return -1;
	for (i = 0; i < q->f->ntuples; i++) {
		struct in6_addr r = prefix_judged(&q->f->tuple[i].remote);

		if (IN6_IS_ADDR_UNSPECIFIED(&r))
			continue;
		if (is_first(q->f, i, 128) && ask(a, g, &r, 128, &g->dest) < 0)
			return -1;
		if (is_first(q->f, i, net_bits(&r)) &&
		    ask(a, g, &r, net_bits(&r), &g->net) < 0)
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
	    NUM_NONE, NUM_NONE);
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

static void
others(struct again *a, const struct host *h, const struct lineage *line)
{
	size_t low = 0, high = a->nprocesses, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (a->process[mid].id < line->process)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < a->nprocesses && a->process[low].id == line->process;
	    low++) {
		const struct process *p = a->process + low;

		if (p->g->host == h && inside(p->q, a->pass.light.time) &&
		    !once_has(&p->q->counted, line->event))
			group_other(p->g, line);
	}
}

/* Few lines: those to a forwarder's host while it was used. */
static int
clients(struct again *a, const struct host *h, const struct lineage *line)
{
	struct pass *p = &a->pass;
	size_t i;
	int rc;

	for (i = 0; i < a->nforwarders; i++) {
		if (!inside(a->client_q[i], p->light.time) ||
		    !host_has(a->client_g[i]->host, &line->dst))
			continue;
		if ((rc = pass_parse(p)) <= 0)
			return rc;
		if (group_client(a->client_g[i], h, &p->message, p->msg,
		    p->n) < 0)
			return -1;
	}
	return 0;
}

/* Everything that may be asked of this connection. */
static int
count(struct again *a, const struct host *h, const struct lineage *line)
{
	struct in6_addr dst = prefix_judged(&line->dst);
	const unsigned bits[] = { 0, net_bits(&dst), 128 };
	int64_t time = a->pass.light.time;
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (tally_count(&a->tally, key(line->id, &dst, bits[i], NULL),
		    time, h) < 0 || tally_count(&a->tally,
		    key(line->id, &dst, bits[i], h), time, h) < 0)
			return -1;
	return 0;
}

static int
found(void *arg, const struct search_hit *hit)
{
	struct again *a = arg;
	struct pass *p = &a->pass;
	struct lineage line;
	struct host *h;
	int rc;

	if ((rc = pass_hit(p, hit)) <= 0 || p->light.id != MSG_CONNECT)
		return rc;
	if (hosts_line(&p->l->hosts, &p->light, false, &h) < 0)
		return -1;
	if (!lineage_read(&line, p->msg, p->n) ||
	    (line.event != 0 && !once_add(&p->met, line.event)))
		return 0;
	others(a, h, &line);
	return count(a, h, &line) < 0 ? -1 : clients(a, h, &line);
}

static int
add_all(struct again *a, struct lookup *l, size_t n)
{
	size_t i, k;

	a->client_q = calloc(n, sizeof(*a->client_q));
	a->client_g = calloc(n, sizeof(*a->client_g));
	if (a->client_q == NULL || a->client_g == NULL)
		return -1;
	for (i = 0; i < l->n; i++)
		for (k = 0; k < l->query[i].ngroups; k++)
			if (add_group(a, l->query + i,
			    l->query[i].group + k) < 0)
				return -1;
	tally_ready(&a->tally);
	if (a->nprocesses > 0)
		qsort(a->process, a->nprocesses, sizeof(*a->process), by_id);
	return 0;
}

int
lookup_again(struct lookup *l)
{
	struct search_calls calls = { .found = found };
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
	    pass_search(&a->pass, &calls) == 0)
		rc = tally_answer(&a->tally);
	pass_close(&a->pass);
	tally_free(&a->tally);
	free(a->process);
	free(a->client_q);
	free(a->client_g);
	free(a);
	return rc;
}
