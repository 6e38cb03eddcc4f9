/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer to one question, for people: what was asked, what was found,
   whether it was seen before, and what the logs prove. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "headline.h"
#include "lookup_aws.h"
#include "lookup_group.h"
#include "lookup_impl.h"
#include "text.h"
#include "treeprint.h"

#define INDENT		2	/* columns */
#define GROUPS_SHOWN	4
#define ROWS		9	/* of a tree, on a terminal */
#define ROWS_OF_MANY	6
#define OTHERS_SHOWN	3
#define CLIENTS_SHOWN	3

static void
put(struct term *t, const char *s)
{
	term_put(t, (struct str){ s, strlen(s) });
}

static void
word(struct term *t, const char *s)
{
	term_word(t, (struct str){ s, s == NULL ? 0 : strlen(s) });
}

static void
count(struct term *t, uint64_t n, const char *what)
{
	term_printf(t, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void
moment(struct term *t, int64_t us)
{
	char text[COVER_TIME];

	term_puts(t, cover_time(text, us));
}

/* The date is not said again. */
static void
range(struct term *t, int64_t a, int64_t b)
{
	char from[COVER_TIME], until[COVER_TIME];

	moment(t, a);
	if (a == b)
		return;
	cover_time(from, a);
	cover_time(until, b);
	term_puts(t, " to ");
	term_puts(t, strncmp(from, until, 10) == 0 && strlen(until) > 11 ?
	    until + 11 : until);
}

static void
begin(struct term *t, unsigned column, const char *s)
{
	term_pad(t, column);
	t->indent = column + INDENT;
	term_puts(t, s);
}

static void
address(struct term *t, const struct in6_addr *a, int64_t port)
{
	char text[TEXT_ADDR];
	size_t n = text_put_addr(text, a);
	bool v6 = memchr(text, ':', n) != NULL && port != NUM_NONE;

	if (IN6_IS_ADDR_UNSPECIFIED(a))
		term_puts(t, "?");
	else {
		term_puts(t, v6 ? "[" : "");
		term_put(t, (struct str){ text, n });
		term_puts(t, v6 ? "]" : "");
	}
	if (port != NUM_NONE)
		term_printf(t, ":%" PRId64, port);
}

static void
tuple(struct term *t, const struct finding *f)
{
	const struct finding_tuple *tp = f->tuple;
	bool local = !IN6_IS_ADDR_UNSPECIFIED(&tp->local) ||
	    tp->lport != NUM_NONE;

	if (f->direction == FINDING_IN) {
		address(t, &tp->remote, tp->rport);
		term_puts(t, " -> ");
		address(t, &tp->local, tp->lport);
	} else {
		if (local) {
			address(t, &tp->local, tp->lport);
			term_puts(t, " ");
		}
		term_puts(t, "-> ");
		address(t, &tp->remote, tp->rport);
	}
	if (f->proto != NULL) {
		term_puts(t, " ");
		word(t, f->proto);
	}
	if (f->ntuples > 1)
		term_printf(t, " and %zu more", f->ntuples - 1);
}

/* What the finding says, in two lines. */
static void
question(struct term *t, const struct query *q)
{
	const struct finding *f = q->f;
	const char *separator = "";

	t->indent = INDENT;
	if (f->sample)
		term_puts(t, "AWS's sample finding: ");
	term_style(t, STYLE_STRONG);
	put(t, q->own != NULL ? "connections" : f->type != NULL ? f->type :
	    "finding without a type");
	term_style(t, STYLE_PLAIN);
	if (f->severity >= 0)
		term_printf(t, ", severity %g", f->severity);
	if (f->count > 1)
		term_printf(t, ", %" PRId64 " times", f->count);
	if (f->id != NULL) {
		term_puts(t, ", ");
		put(t, f->id);
	}
	term_newline(t);
	begin(t, INDENT, "");
	if (f->instance != NULL || (q->own != NULL && f->nnames > 0)) {
		word(t, f->instance != NULL ? f->instance : f->name[0]);
		separator = " ";
	}
	if (f->ntuples > 0 && (!IN6_IS_ADDR_UNSPECIFIED(&f->tuple->remote) ||
	    f->tuple->lport != NUM_NONE || f->tuple->rport != NUM_NONE)) {
		term_puts(t, separator);
		tuple(t, f);
		separator = " ";
	}
	if (f->domain != NULL) {
		term_puts(t, separator);
		word(t, f->domain);
		separator = " ";
	}
	if (f->first != NUM_NONE && f->last != NUM_NONE) {
		term_puts(t, *separator == '\0' ? "" : ", ");
		range(t, f->first, f->last);
	}
	term_newline(t);
}

static void
host_name(struct term *t, const struct host *h)
{
	word(t, h->name != NULL ? h->name : h->id);
}

/* Which match it was, and how much of it. */
static void
verdict(struct term *t, const struct query *q)
{
	uint64_t n = q->more;
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		n += q->group[i].n;
	term_style(t, STYLE_STRONG);
	t->indent = INDENT;
	term_printf(t, "match: %s", match_names[q->match]);
	term_style(t, STYLE_PLAIN);
	if (q->ngroups > 0) {
		term_puts(t, "; ");
		count(t, n, "connection");
		term_puts(t, " of ");
		count(t, q->ngroups, "lineage");
	} else
		term_puts(t, ": no such connection in the window");
	if (q->host != NULL) {
		term_puts(t, " on ");
		host_name(t, q->host);
		if (strcmp(q->how, "id") != 0)
			term_printf(t, " (found by its %s%s)", q->how,
			    q->nsame > 1 ? ", which others have too" : "");
	}
	if (q->ngroups > 0 && strcmp(q->probe.msgid, "CONNECT") != 0)
		term_printf(t, "; outbound ones: the finding is about %s",
		    q->probe.of);
	if (q->match == MATCH_BEFORE)
		term_puts(t, "; the same ports, opened before the window: it "
		    "may still have been open");
	term_newline(t);
}

static void
seen_line(struct term *t, const struct seen *s, const char *what)
{
	term_puts(t, what);
	if (s->n == 0) {
		term_puts(t, " never");
		return;
	}
	term_puts(t, " ");
	count(t, s->n, "time");
	term_puts(t, " since ");
	moment(t, s->first);
	if (s->nhosts > 1 || s->here == 0) {
		term_puts(t, " on ");
		count(t, s->nhosts, "host");
		if (s->here == 0)
			term_puts(t, ", not this one");
	}
}

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
	moment(t, g->host->first);
	if (l->hosts.n > 1 && begins(l, NULL) < g->host->first) {
		term_puts(t, ", others from ");
		moment(t, begins(l, NULL));
	}
	term_puts(t, " on)");
}

static void
before(struct term *t, const struct lookup *l, const struct query *q,
    const struct group *g)
{
	bool to = q->f->ntuples > 0 &&
	    !IN6_IS_ADDR_UNSPECIFIED(&q->f->tuple->remote);

	begin(t, INDENT, "seen before? ");
	if (g->any.here == 0)
		never(t, l, g);
	if (g->any.n > 0 && g->any.here == 0)
		term_puts(t, "; elsewhere: ");
	if (g->any.n > 0 && to) {
		seen_line(t, &g->dest, "this lineage to this destination");
		term_puts(t, ";");
		seen_line(t, &g->net, IN6_IS_ADDR_V4MAPPED(
		    &q->f->tuple->remote) ? " to its /24" : " to its /48");
		term_puts(t, ";");
		seen_line(t, &g->any, " anywhere");
	} else if (g->any.n > 0)
		seen_line(t, &g->any, "this lineage, anywhere");
	term_newline(t);
}

static void
others(struct term *t, const struct group *g)
{
	uint64_t more = g->more_others;
	size_t i;

	begin(t, INDENT, "its processes in the window: ");
	if (g->nothers == 0)
		term_puts(t, "no other connection");
	for (i = 0; i < g->nothers; i++) {
		if (i >= OTHERS_SHOWN) {
			more += g->other[i].n;
			continue;
		}
		term_puts(t, i == 0 ? "" : ", ");
		address(t, &g->other[i].dst, g->other[i].dpt);
		if (g->other[i].n > 1)
			term_printf(t, " (%" PRIu64 ")", g->other[i].n);
	}
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
		host_name(t, c->host);
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

	begin(t, INDENT, "");
	term_style(t, STYLE_NOTE);
	term_printf(t, "%s forwards for others", g->forwarder);
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

/* Who, where to, how often, when. */
static void
group_head(struct term *t, const struct query *q, const struct group *g,
    const struct message *m)
{
	begin(t, INDENT, "");
	if (q->any_host) {
		host_name(t, g->host);
		term_puts(t, " ");
	}
	if (m->ngen > 0)
		headline_user(t, m->gen[0].user, m->gen[0].uid);
	term_puts(t, " ");
	address(t, &m->src, m->spt);
	term_puts(t, " -> ");
	headline_target(t, m);
	term_puts(t, ", ");
	if (g->n > 1) {
		count(t, g->n, "time");
		outcomes(t, g);
		term_puts(t, " ");
	}
	range(t, g->first, g->last);
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

static void
group(struct term *t, const struct lookup *l, const struct query *q,
    const struct group *g)
{
	struct message m;
	char *mem;

	if (group_read(g, &m, &mem)) {
		group_head(t, q, g, &m);
		treeprint_short(t, &m, q->ngroups > 1 ? ROWS_OF_MANY : ROWS);
	}
	free(mem);
	if (g->forwarder != NULL)
		forwarder(t, g);
	before(t, l, q, g);
	others(t, g);
}

/* The finding's own line of processes, beside the best of ours. */
static void
aws(struct term *t, const struct query *q)
{
	struct message m;
	char *mem = NULL;
	bool ours = q->ngroups > 0 && group_read(q->group, &m, &mem);

	lookup_aws(t, q->f, ours ? &m : NULL);
	free(mem);
}

static void
coverage(struct term *t, const struct query *q)
{
	const struct cover *c = &q->cover;
	size_t i;

	term_style(t, STYLE_STRONG);
	begin(t, 0, "coverage: ");
	term_style(t, c->proven ? STYLE_PLAIN : STYLE_BAD);
	if (c->proven) {
		term_puts(t, "complete, ");
		range(t, c->from, c->until);
		term_puts(t, ": ");
		count(t, c->messages, "message");
		term_puts(t, " without a gap, nothing lost, the filter logs "
		    "it, its probe was active");
		term_newline(t);
		return;
	}
	term_puts(t, q->ngroups > 0 ? "not complete: " :
	    "this proves nothing: ");
	for (i = 0; i < c->nwhy && i < 3; i++) {
		term_puts(t, i == 0 ? "" : "; ");
		put(t, c->why[i]);
	}
	if (c->nwhy > i)
		term_printf(t, "; and %zu more", c->nwhy - i);
	term_style(t, STYLE_PLAIN);
	term_newline(t);
}

/* Nothing in the window: was there ever anything with this address? */
static void
elsewhere(struct term *t, const struct query *q)
{
	if (q->dest.n == 0)
		return;
	begin(t, INDENT, "");
	seen_line(t, &q->dest, "but outbound to this address");
	term_puts(t, ", the last ");
	moment(t, q->dest.last);
	term_newline(t);
}

void
lookup_text(struct lookup *l, const struct query *q)
{
	struct term *t = &l->term;
	size_t i;

	if (q > l->query)
		term_newline(t);
	question(t, q);
	if (q->f->kind == FINDING_SKIPPED) {
		begin(t, INDENT, "skipped: ");
		put(t, q->f->skipped);
		term_newline(t);
		return;
	}
	verdict(t, q);
	for (i = 0; i < q->ngroups && i < GROUPS_SHOWN; i++)
		group(t, l, q, q->group + i);
	if (q->ngroups > GROUPS_SHOWN) {
		begin(t, INDENT, "and ");
		term_printf(t, "%zu more lineages", q->ngroups - GROUPS_SHOWN);
		term_newline(t);
	}
	if (q->ngroups == 0)
		elsewhere(t, q);
	aws(t, q);
	coverage(t, q);
}
