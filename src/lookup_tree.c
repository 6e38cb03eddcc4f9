/* SPDX-License-Identifier: BSD-2-Clause */
/* One lineage for people: its tree, whether it was seen before, what else its
   processes did, for whom it forwards. */
#include <inttypes.h>
#include <stdlib.h>

#include "headline.h"
#include "lookup_group.h"
#include "lookup_impl.h"
#include "lookup_say.h"
#include "treeprint.h"

#define ROWS		9	/* of a tree, on a terminal */
#define ROWS_OF_MANY	6
#define OTHERS_SHOWN	3
#define CLIENTS_SHOWN	3

/* How far back these logs go, on this host and at all. */
static int64_t
begins(const struct lookup *l, const struct host *h)
{
	int64_t first = INT64_MAX;
	size_t i;

	if (h != NULL)
		return h->first;
	for (i = 0; i < l->hosts.n; i++)
		if (l->hosts.host[i]->first < first)
			first = l->hosts.host[i]->first;
	return first;
}

static void
never(struct term *t, const struct lookup *l, const struct group *g)
{
	term_style(t, STYLE_NOTE);
	term_puts(t, "no, new on this host");
	if (g->any.n == 0)
		term_puts(t, l->hosts.n > 1 ? " and in all these logs" :
		    " and in these logs");
	term_style(t, STYLE_PLAIN);
	term_puts(t, " (recorded from ");
	say_moment(t, g->host->first);
	if (l->hosts.n > 1 && begins(l, NULL) < g->host->first) {
		term_puts(t, ", others from ");
		say_moment(t, begins(l, NULL));
	}
	term_puts(t, " on)");
}

static void
before(struct term *t, const struct lookup *l, const struct query *q,
    const struct group *g)
{
	bool to = q->f->ntuples > 0 &&
	    !IN6_IS_ADDR_UNSPECIFIED(&q->f->tuple->remote);
	bool asks = g->kind == GROUP_ASKS;

	say_begin(t, SAY_INDENT, "seen before? ");
	if (g->any.here == 0)
		never(t, l, g);
	if (g->any.n > 0 && g->any.here == 0)
		term_puts(t, "; elsewhere: ");
	if (g->any.n > 0 && asks) {
		say_seen(t, &g->dest, "this lineage asking for it");
		term_puts(t, ";");
		say_seen(t, &g->any, " for any name");
	} else if (g->any.n > 0 && to) {
		say_seen(t, &g->dest, "this lineage to this destination");
		term_puts(t, ";");
		say_seen(t, &g->net, IN6_IS_ADDR_V4MAPPED(
		    &q->f->tuple->remote) ? " to its /24" : " to its /48");
		term_puts(t, ";");
		say_seen(t, &g->any, " anywhere");
	} else if (g->any.n > 0)
		say_seen(t, &g->any, "this lineage, anywhere");
	term_newline(t);
}

static void
others(struct term *t, const struct group *g)
{
	uint64_t more = g->more_others;
	size_t i;

	say_begin(t, SAY_INDENT, "its processes in the window: ");
	if (g->nothers == 0)
		term_puts(t, "no other connection");
	for (i = 0; i < g->nothers; i++) {
		if (i >= OTHERS_SHOWN) {
			more += g->other[i].n;
			continue;
		}
		term_puts(t, i == 0 ? "" : ", ");
		say_address(t, &g->other[i].dst, g->other[i].dpt);
		if (g->other[i].n > 1)
			term_printf(t, " (%" PRIu64 ")", g->other[i].n);
	}
	if (more > 0)
		term_printf(t, ", %" PRIu64 " more", more);
	term_newline(t);
}

/* Connections to the name, of the lineage that asked for it. */
static void
followed(struct term *t, const struct query *q, const struct group *g)
{
	uint64_t more = 0;
	size_t i, k, shown = 0;

	say_begin(t, SAY_INDENT, "then connected to that name: ");
	for (i = 0; i < q->ngroups; i++) {
		const struct group *c = q->group + i;

		if (!c->by_asker || c->lineage != g->lineage ||
		    c->host != g->host)
			continue;
		more += c->more_to;
		for (k = 0; k < c->nto; k++) {
			if (shown >= OTHERS_SHOWN) {
				more += c->to[k].n;
				continue;
			}
			term_puts(t, shown++ == 0 ? "" : ", ");
			say_address(t, &c->to[k].dst, c->to[k].dpt);
			if (c->to[k].n > 1)
				term_printf(t, " (%" PRIu64 ")", c->to[k].n);
		}
	}
	if (shown == 0)
		term_puts(t, "nothing that is logged");
	if (more > 0)
		term_printf(t, ", %" PRIu64 " more", more);
	term_newline(t);
}

static void
client(struct term *t, const struct group *c)
{
	struct message m;
	char *mem;

	if (group_read(c, &m, &mem) && m.ngen > 0) {
		term_puts(t, " ");
		say_host(t, c->host);
		term_puts(t, " ");
		headline_user(t, m.gen[0].user, m.gen[0].uid);
		term_puts(t, " ");
		term_word(t, m.gen[0].exe.s != NULL ? m.gen[0].exe :
		    m.gen[0].comm);
		if (c->n > 1)
			term_printf(t, " (%" PRIu64 ")", c->n);
	}
	free(mem);
}

static void
forwarder(struct term *t, const struct group *g)
{
	size_t i;

	say_begin(t, SAY_INDENT, "");
	term_style(t, STYLE_NOTE);
	say_word(t, g->forwarder);
	term_puts(t, " forwards for others");
	term_style(t, STYLE_PLAIN);
	if (g->nclients == 0)
		term_puts(t, ": who asked it is not in these logs");
	else
		term_puts(t, "; connected to its host in the window:");
	for (i = 0; i < g->nclients && i < CLIENTS_SHOWN; i++) {
		term_puts(t, i == 0 ? "" : ",");
		client(t, g->client + i);
	}
	if (g->nclients > CLIENTS_SHOWN)
		term_printf(t, " and %zu more", g->nclients - CLIENTS_SHOWN);
	term_newline(t);
}

static void
outcomes(struct term *t, const struct group *g)
{
	static const char *const name[] = { "established", "pending",
	    "not established" };
	const char *separator = " (";
	size_t i;

	if (g->n == 1 || g->outcome[OUT_ESTABLISHED] == g->n)
		return;
	for (i = 0; i < NOUTCOMES; i++)
		if (g->outcome[i] > 0) {
			term_printf(t, "%s%" PRIu64 " %s", separator,
			    g->outcome[i], name[i]);
			separator = ", ";
		}
	term_puts(t, ")");
}

/* Of the newest. */
static void
closed(struct term *t, const struct group *g)
{
	if (g->end.time == NUM_NONE)
		return;
	term_puts(t, g->n > 1 ? ", the last closed" : ", closed");
	if (g->end.duration != NUM_NONE) {
		term_puts(t, " ");
		headline_waited(t, g->end.duration);
	}
	if (g->end.in != NUM_NONE)
		term_printf(t, ", %" PRId64 " bytes in", g->end.in);
	if (g->end.out != NUM_NONE)
		term_printf(t, ", %" PRId64 " bytes out", g->end.out);
}

/* Who listens where, and when that was told. */
static void
listener(struct term *t, const struct group *g, const struct message *m)
{
	term_puts(t, " listens on ");
	headline_target(t, m);
	term_puts(t, ", told ");
	if (g->n > 1) {
		say_count(t, g->n, "time");
		term_puts(t, " ");
	}
	say_range(t, g->first, g->last);
	if (m->snapshot == 1)
		term_puts(t, ", begun before");
}

/* From where somebody came, and to which port. */
static void
acceptor(struct term *t, const struct group *g, const struct message *m)
{
	term_puts(t, " accepted ");
	headline_target(t, m);
	term_puts(t, " from ");
	say_address(t, &m->src, m->spt);
	term_puts(t, ", ");
	if (g->n > 1) {
		say_count(t, g->n, "time");
		term_puts(t, " ");
	}
	say_range(t, g->first, g->last);
}

/* What was asked of whom. */
static void
asker(struct term *t, const struct group *g, const struct message *m)
{
	term_puts(t, g->resolver ? " answers questions, asked " : " asked ");
	headline_target(t, m);
	term_puts(t, ", ");
	if (g->n > 1 && m->id != MSG_DIGEST) {
		say_count(t, g->n, "time");
		term_puts(t, " ");
	}
	say_range(t, g->first, g->last);
}

static void
connection(struct term *t, const struct group *g, const struct message *m)
{
	term_puts(t, " ");
	say_address(t, &m->src, m->spt);
	term_puts(t, " -> ");
	headline_target(t, m);
	term_puts(t, ", ");
	if (g->n > 1) {
		say_count(t, g->n, "time");
		outcomes(t, g);
		term_puts(t, " ");
	}
	say_range(t, g->first, g->last);
	closed(t, g);
}

/* Who, where to, how often, when. */
static void
group_head(struct term *t, const struct query *q, const struct group *g,
    const struct message *m)
{
	say_begin(t, SAY_INDENT, "");
	if (q->any_host) {
		say_host(t, g->host);
		term_puts(t, " ");
	}
	if (m->ngen > 0)
		headline_user(t, m->gen[0].user, m->gen[0].uid);
	if (g->kind == GROUP_LISTENS)
		listener(t, g, m);
	else if (g->kind == GROUP_ACCEPTS)
		acceptor(t, g, m);
	else if (g->kind == GROUP_ASKS)
		asker(t, g, m);
	else
		connection(t, g, m);
	if (m->unit.s != NULL) {
		term_puts(t, ", unit ");
		term_word(t, m->unit);
	}
	if (m->container.s != NULL) {
		term_puts(t, ", container ");
		term_word(t, m->container);
	}
	term_newline(t);
}

void
lookup_group(struct lookup *l, const struct query *q, const struct group *g)
{
	struct term *t = &l->term;
	struct message m;
	char *mem;

	if (group_read(g, &m, &mem)) {
		group_head(t, q, g, &m);
		treeprint_short(t, &m, q->ngroups > 1 ? ROWS_OF_MANY : ROWS);
	}
	free(mem);
	if (g->forwarder != NULL)
		forwarder(t, g);
	if (g->kind == GROUP_ASKS)
		followed(t, q, g);
	if (g->kind != GROUP_LISTENS && g->kind != GROUP_ACCEPTS)
		before(t, l, q, g);
	others(t, g);
}
