/* SPDX-License-Identifier: BSD-2-Clause */
/* For people: the chain of names, and the sentence at the end of a line. */
#include <ctype.h>
#include <string.h>

#include "sentence_impl.h"
#include "text.h"

#define NEAREST		8	/* processes of a chain that are shown */
#define OUTERMOST	2

void
sentence_value(struct writer *w, const struct str *s, enum emit how,
    size_t most)
{
	writer_settle(w);
	if (s->n == 0)
		*w->p++ = '?';
	else
		writer_value(w, s, how, w->plan->rest < most ?
		    w->plan->rest : most);
	writer_settle(w);
}

static void
put_pid(struct writer *w, const struct generation *g)
{
	if (g->pid < 0)
		return;
	*w->p++ = '(';
	writer_number(w, g->pid);
	*w->p++ = ')';
}

/* Names from the caller outwards; "(+N)" stands for those not shown. */
static void
put_chain(struct writer *w, enum emit how, bool pids)
{
	const struct message *m = w->m;
	int64_t dist, last = 0;
	size_t i;

	for (i = 0; i < m->ngen; i++) {
		if (i == NEAREST && m->ngen > NEAREST + OUTERMOST)
			i = m->ngen - OUTERMOST;
		dist = m->gen[i].dist > 0 ? m->gen[i].dist : (int64_t)i;
		if (i > 0)
			*w->p++ = '<';
		if (dist > last + 1) {
			writer_text(w, "(+");
			writer_number(w, dist - last - 1);
			writer_text(w, ")<");
		}
		last = dist;
		sentence_value(w, &m->gen[i].comm, how, NAME_MOST);
		if (pids)
			put_pid(w, m->gen + i);
	}
}

void
sentence_chain(struct writer *w)
{
	put_chain(w, EMIT_COMM, true);
}

void
sentence_end(struct writer *w, const struct in6_addr *addr, int64_t port,
    char unknown)
{
	const struct message *m = w->m;
	bool v6 = !IN6_IS_ADDR_V4MAPPED(addr);
	size_t i;

	if (!writer_addr_known(m, addr))
		*w->p++ = unknown;
	else {
		if (v6)
			*w->p++ = '[';
		w->p += text_put_addr(w->p, addr);
		if (v6)
			*w->p++ = ']';
	}
	if (port >= 0) {
		*w->p++ = ':';
		writer_number(w, port);
	}
	if (m->proto.n == 0 || m->proto.n > 8)
		return;
	*w->p++ = '/';
	for (i = 0; i < m->proto.n; i++)
		*w->p++ = isalnum((unsigned char)m->proto.s[i]) ?
		    tolower((unsigned char)m->proto.s[i]) : '?';
}

void
sentence_known(struct writer *w, const char *before, const struct str *s)
{
	if (s->n == 0)
		return;
	writer_text(w, before);
	sentence_value(w, s, EMIT_MSG, RFC5424_VALUE);
}

void
sentence_caller(struct writer *w)
{
	static const struct generation none = { .pid = NUM_NONE };
	const struct generation *g = w->m->ngen > 0 ? w->m->gen : &none;

	sentence_value(w, &g->comm, EMIT_MSG_COMM, NAME_MOST);
	put_pid(w, g);
}

void
sentence_line(struct writer *w)
{
	if (w->m->ngen > 1 && w->plan->chain) {
		writer_text(w, "; ");
		put_chain(w, EMIT_MSG_COMM, false);
	}
}

void
sentence_times(struct writer *w)
{
	if ((w->m->id != MSG_DIGEST && w->m->id != MSG_CAPABLE) ||
	    w->m->cnt < 0)
		return;
	writer_text(w, ", ");
	writer_number(w, w->m->cnt);
	writer_text(w, " times");
}

/* "web-7 alice: " */
static void
put_where(struct writer *w)
{
	const struct message *m = w->m;
	bool user = m->ngen > 0 && m->gen[0].user.n > 0;
	bool uid = m->ngen > 0 && !user && m->gen[0].uid >= 0;

	if (m->hostname.n > 0)
		sentence_value(w, &m->hostname, EMIT_MSG_COMM, NAME_MOST);
	if (m->hostname.n > 0 && (user || uid))
		*w->p++ = ' ';
	if (user)
		sentence_value(w, &m->gen[0].user, EMIT_MSG_COMM,
		    NAME_MOST);
	else if (uid)
		writer_number(w, m->gen[0].uid);
	if (m->hostname.n > 0 || user || uid)
		writer_text(w, ": ");
}

void
sentence(struct writer *w)
{
	static const char mark[] = "\xef\xbb\xbf";
	const struct str *text = &w->m->text;

	if (text->n > 0) {
		/* A text that begins like the mark would lose its own. */
		if (text->n >= 3 && memcmp(text->s, mark, 3) == 0)
			writer_text(w, mark);
		sentence_value(w, text, EMIT_MSG, RFC5424_VALUE);
	} else {
		put_where(w);
		if (!sentence_event(w))
			sentence_own(w);
	}
}
