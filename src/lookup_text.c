/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer to one question, for people: what was asked, what was found,
   whether it was seen before, and what the logs prove. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_aws.h"
#include "lookup_group.h"
#include "lookup_impl.h"
#include "lookup_say.h"

#define GROUPS_SHOWN	4

static void
tuple(struct term *t, const struct finding *f)
{
	const struct finding_tuple *tp = f->tuple;
	bool local = !IN6_IS_ADDR_UNSPECIFIED(&tp->local) ||
	    tp->lport != NUM_NONE;

	if (f->direction == FINDING_IN) {
		say_address(t, &tp->remote, tp->rport);
		term_puts(t, " -> ");
		say_address(t, &tp->local, tp->lport);
	} else {
		if (local) {
			say_address(t, &tp->local, tp->lport);
			term_puts(t, " ");
		}
		term_puts(t, "-> ");
		say_address(t, &tp->remote, tp->rport);
	}
	if (f->proto != NULL) {
		term_puts(t, " ");
		say_word(t, f->proto);
	}
	if (f->ntuples > 1)
		term_printf(t, " and %zu more", f->ntuples - 1);
}

/* A word of the question, behind those that there are. */
static void
word(struct term *t, const char **separator, const char *what, const char *s)
{
	if (s == NULL)
		return;
	term_puts(t, *separator);
	term_puts(t, what);
	say_word(t, s);
	*separator = " ";
}

static bool
has_tuple(const struct finding *f)
{
	const struct finding_tuple *tp = f->tuple;

	return f->ntuples > 0 && (!IN6_IS_ADDR_UNSPECIFIED(&tp->remote) ||
	    !IN6_IS_ADDR_UNSPECIFIED(&tp->local) || tp->lport != NUM_NONE ||
	    tp->rport != NUM_NONE);
}

/* What is looked for, in one line; without a finding it is what the options
   say. */
static void
wanted(struct term *t, const struct query *q)
{
	const struct finding *f = q->f;
	const char *separator = "";

	word(t, &separator, "", f->instance != NULL ? f->instance :
	    q->own != NULL && f->nnames > 0 ? f->name[0] : NULL);
	if (has_tuple(f)) {
		term_puts(t, separator);
		tuple(t, f);
		separator = " ";
	} else if (q->own != NULL)
		word(t, &separator, "", f->proto);
	word(t, &separator, "", f->domain);
	word(t, &separator, "user ", q->user);
	word(t, &separator, "exe ", q->exe);
	if (q->where_text != NULL) {
		term_puts(t, separator);
		term_puts(t, "where ");
		say(t, q->where_text);
		separator = " ";
	}
	if (f->first != NUM_NONE && f->last != NUM_NONE) {
		term_puts(t, *separator == '\0' ? "" : ", ");
		say_range(t, f->first, f->last);
	} else if (f->first != NUM_NONE || f->last != NUM_NONE) {
		term_puts(t, *separator == '\0' ? "" : ", ");
		term_puts(t, f->first != NUM_NONE ? "since " : "until ");
		say_moment(t, f->first != NUM_NONE ? f->first : f->last);
	} else if (*separator == '\0' && q->own != NULL)
		term_puts(t, "all that is logged");
}

/* What the finding says, in two lines. */
static void
question(struct term *t, const struct query *q)
{
	const struct finding *f = q->f;

	t->indent = SAY_INDENT;
	if (f->sample)
		term_puts(t, "AWS's sample finding: ");
	term_style(t, STYLE_STRONG);
	say(t, q->own != NULL ? q->asking ? "questions for a name" :
	    "connections" : f->type != NULL ? f->type :
	    "finding without a type");
	term_style(t, STYLE_PLAIN);
	if (f->severity >= 0)
		term_printf(t, ", severity %g", f->severity);
	if (f->count > 1)
		term_printf(t, ", %" PRId64 " times", f->count);
	if (f->id != NULL) {
		term_puts(t, ", ");
		say(t, f->id);
	}
	term_newline(t);
	say_begin(t, SAY_INDENT, "");
	wanted(t, q);
	term_newline(t);
}

/* Questions for the name, and what was connected to under it. */
static void
asked(struct term *t, const struct query *q)
{
	uint64_t questions = 0, connections = 0;
	size_t i, lineages = 0;

	for (i = 0; i < q->ngroups; i++)
		if (q->group[i].kind == GROUP_ASKS) {
			questions += q->group[i].n;
			lineages++;
		} else
			connections += q->group[i].n;
	term_puts(t, "; ");
	say_count(t, questions, "question");
	term_puts(t, " of ");
	say_count(t, lineages, "lineage");
	term_puts(t, ", ");
	say_count(t, connections, "connection");
	term_puts(t, " to the name");
}

/* Which match it was, and how much of it. */
static void
verdict(struct term *t, const struct query *q)
{
	bool listens = q->ngroups > 0 && q->group->kind == GROUP_LISTENS;
	bool asks = q->ngroups > 0 && q->group->kind == GROUP_ASKS;
	bool accepts = q->ngroups > 0 && q->group->kind == GROUP_ACCEPTS;
	uint64_t n = q->more;
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		n += q->group[i].n;
	term_style(t, STYLE_STRONG);
	t->indent = SAY_INDENT;
	term_printf(t, "match: %s", match_names[q->match]);
	term_style(t, STYLE_PLAIN);
	if (listens) {
		term_puts(t, "; ");
		say_count(t, q->ngroups, "lineage");
		term_puts(t, q->ngroups == 1 ? " listens" : " listen");
	} else if (asks) {
		asked(t, q);
	} else if (q->ngroups > 0) {
		term_puts(t, "; ");
		say_count(t, n, accepts ? "inbound connection" : "connection");
		term_puts(t, accepts ? " to " : " of ");
		say_count(t, q->ngroups, "lineage");
	} else
		term_puts(t, q->listening ? ": nothing is logged to listen "
		    "there" : q->asking ? ": nobody asked for it in the "
		    "window" : ": no such connection in the window");
	if (q->host != NULL) {
		term_puts(t, " on ");
		say_host(t, q->host);
		if (strcmp(q->how, "id") != 0)
			term_printf(t, " (found by its %s%s)", q->how,
			    q->nsame > 1 ? ", which others have too" : "");
	}
	if (q->ngroups > 0 && !listens && !accepts && !asks &&
	    strcmp(q->probe.msgid, "CONNECT") != 0 &&
	    strcmp(q->probe.msgid, "UDP") != 0)
		term_printf(t, "; outbound ones: the finding is about %s",
		    q->probe.of);
	if (listens)
		term_puts(t, q->match == MATCH_BEFORE ?
		    "; it began before the window, and when it ended is not "
		    "logged" : "; told inside the window");
	else if (asks && q->match == MATCH_BEFORE)
		term_puts(t, "; in the hour before the window, in which "
		    "further questions are only counted");
	else if (q->match == MATCH_BEFORE)
		term_puts(t, q->group->end.time != NUM_NONE ?
		    "; the same ports, opened before the window and closed "
		    "later" : "; the same ports, opened before the window: it "
		    "may still have been open");
	term_newline(t);
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
	say_begin(t, 0, "coverage: ");
	term_style(t, c->proven ? STYLE_PLAIN : STYLE_BAD);
	if (c->proven) {
		term_puts(t, "complete, ");
		say_range(t, c->from, c->until);
		term_puts(t, ": ");
		say_count(t, c->messages, "message");
		term_puts(t, q->asking ? " without a gap, nothing lost, its "
		    "probe was active" : " without a gap, nothing lost, the "
		    "filter logs it, its probe was active");
		term_newline(t);
		return;
	}
	term_puts(t, q->ngroups > 0 ? "not complete: " :
	    "this proves nothing: ");
	for (i = 0; i < c->nwhy && i < 3; i++) {
		term_puts(t, i == 0 ? "" : "; ");
		say(t, c->why[i]);
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
	say_begin(t, SAY_INDENT, "");
	say_seen(t, &q->dest, q->asking ? "but asked for" :
	    "but outbound to this address");
	term_puts(t, ", the last ");
	say_moment(t, q->dest.last);
	term_newline(t);
}

void
lookup_text(struct lookup *l, const struct query *q)
{
	struct term *t = &l->term;
	size_t i, shown = 0;

	if (q > l->query)
		term_newline(t);
	question(t, q);
	if (q->f->kind == FINDING_SKIPPED) {
		say_begin(t, SAY_INDENT, "skipped: ");
		say(t, q->f->skipped);
		term_newline(t);
		return;
	}
	verdict(t, q);
	for (i = 0; i < q->ngroups; i++) {
		if (q->group[i].by_asker)
			continue;
		if (shown++ < GROUPS_SHOWN)
			lookup_group(l, q, q->group + i);
	}
	if (shown > GROUPS_SHOWN) {
		say_begin(t, SAY_INDENT, "and ");
		term_printf(t, "%zu more lineages", shown - GROUPS_SHOWN);
		term_newline(t);
	}
	if (q->ngroups == 0)
		elsewhere(t, q);
	aws(t, q);
	coverage(t, q);
}
