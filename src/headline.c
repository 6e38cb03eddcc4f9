/* SPDX-License-Identifier: BSD-2-Clause */
/* Who connected where to, in a line or two; see headline.h. */
#define _GNU_SOURCE	/* memrchr */
#include "headline.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "text.h"

#define INDENT	4	/* columns, of what follows after a break */

static const struct str none = { "", 0 };

void
headline_time(struct term *t, const struct message *m)
{
	char mem[40];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	text_time(&b, m->time, 3);
	t->indent = INDENT;
	term_style(t, STYLE_FAINT);
	term_put(t, (struct str){ b.p, b.len });
	term_style(t, STYLE_PLAIN);
	term_puts(t, " ");
	if (m->hostname.s != NULL) {
		term_word(t, m->hostname);
		term_puts(t, " ");
	}
}

void
headline_user(struct term *t, struct str name, int64_t uid)
{
	if (name.s != NULL)
		term_word(t, name);
	if (name.s != NULL && uid != NUM_NONE)
		term_printf(t, "(%" PRId64 ")", uid);
	else if (uid != NUM_NONE)
		term_printf(t, "uid %" PRId64, uid);
	else if (name.s == NULL)
		term_puts(t, "?");
}

static void
address(struct term *t, int family, const struct in6_addr *a, int64_t port)
{
	char mem[64];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	text_addr(&b, a);
	if (memchr(b.p, ':', b.len) != NULL || family == AF_INET6)
		term_puts(t, "[");
	term_put(t, (struct str){ b.p, b.len });
	if (memchr(b.p, ':', b.len) != NULL || family == AF_INET6)
		term_puts(t, "]");
	if (port != NUM_NONE)
		term_printf(t, ":%" PRId64, port);
}

void
headline_waited(struct term *t, int64_t ms)
{
	if (ms < 10000)
		term_printf(t, "after %" PRId64 " ms", ms);
	else
		term_printf(t, "after %" PRId64 " s", ms / 1000);
}

/* Without an address: on all. */
static void
listening(struct term *t, const struct message *m)
{
	if (m->family != 0 && !IN6_IS_ADDR_UNSPECIFIED(&m->src))
		address(t, m->family, &m->src, m->spt);
	else if (m->spt != NUM_NONE)
		term_printf(t, "*:%" PRId64, m->spt);
	else
		term_puts(t, "*");
}

/* Of what failed, what was asked for. */
static void
executed(struct term *t, const struct message *m)
{
	struct str what = m->filepath;

	if (what.s == NULL && m->reason.s == NULL && m->ngen > 0)
		what = m->gen[0].script.s != NULL ? m->gen[0].script :
		    m->gen[0].exe;
	if (what.s != NULL)
		term_word(t, what);
	else
		term_puts(t, "?");
}

static bool
is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.s, word, s.n) == 0;
}

/* What was asked for, and what came back. */
static void
question(struct term *t, const struct message *m)
{
	if (m->query.s != NULL) {
		term_puts(t, " for ");
		term_word(t, m->query);
	}
	if (m->qtype.s != NULL) {
		term_puts(t, " ");
		term_word(t, m->qtype);
	}
	if (m->rcode.s != NULL) {
		term_puts(t, ": ");
		term_word(t, m->rcode);
	}
	if (m->answers.s != NULL) {
		term_puts(t, " ");
		term_word(t, m->answers);
	}
}

static bool
listens(const struct message *m)
{
	return m->id == MSG_LISTEN ||
	    (m->id == MSG_DIGEST && is_word(m->act, "listen"));
}

static bool
executes(const struct message *m)
{
	return m->id == MSG_EXEC ||
	    (m->id == MSG_DIGEST && is_word(m->act, "exec"));
}

void
headline_target(struct term *t, const struct message *m)
{
	size_t i;
	char c[2] = "";

	term_style(t, STYLE_STRONG);
	if (listens(m))
		listening(t, m);
	else if (executes(m))
		executed(t, m);
	else if (m->id == MSG_READLINE)
		term_word(t, m->line);
	else if (m->id == MSG_CAPABLE)
		term_word(t, m->capability);
	else if (is_word(m->way, "setns"))
		term_word(t, m->entered);
	else if (m->filepath.s != NULL &&
	    (is_word(m->act, "open") || is_word(m->act, "escape")))
		term_word(t, m->filepath);
	else if (m->family != 0)
		address(t, m->family, &m->dst, m->dpt);
	else
		term_puts(t, "?");
	if (m->proto.s != NULL)
		term_puts(t, "/");
	for (i = 0; i < m->proto.n; i++) {
		c[0] = m->proto.s[i];
		if (c[0] >= 'A' && c[0] <= 'Z')
			c[0] += 'a' - 'A';
		term_puts(t, c);
	}
	question(t, m);
	if (m->cnt != NUM_NONE && (m->id == MSG_DIGEST ||
	    m->id == MSG_CAPABLE))
		term_printf(t, ", %" PRId64 " times", m->cnt);
	if (m->net.s != NULL && !listens(m)) {
		term_puts(t, " to ");
		term_word(t, m->net);
	}
	term_style(t, is_word(m->outcome, "established") ||
	    is_word(m->outcome, "closed") ||
	    is_word(m->outcome, "success") ||
	    is_word(m->outcome, "granted") ? STYLE_PLAIN : STYLE_NOTE);
	if (m->outcome.s != NULL && m->rcode.s == NULL) {
		term_puts(t, " ");
		term_word(t, m->outcome);
	}
	if (m->reason.s != NULL) {
		term_puts(t, " ");
		term_word(t, m->reason);
	}
	term_style(t, STYLE_PLAIN);
}

void
headline(struct term *t, const struct message *m)
{
	const struct generation *g = &m->gen[0];

	headline_time(t, m);
	if (m->ngen > 0) {
		if (g->auid != NUM_NONE && g->auid != g->uid) {
			headline_user(t, g->auser, g->auid);
			term_puts(t, " as ");
		}
		term_style(t, STYLE_STRONG);
		headline_user(t, g->user, g->uid);
		term_style(t, STYLE_PLAIN);
	}
	term_puts(t, listens(m) ? " listens on " :
	    executes(m) ? " executes " :
	    m->id == MSG_READLINE ? " is told " :
	    m->id == MSG_CAPABLE ? " asked for " :
	    is_word(m->act, "open") ? " opens " :
	    is_word(m->way, "setns") ? " enters the host's " :
	    is_word(m->way, "exec") ? " executes, outside of its container, " :
	    is_word(m->way, "open") ? " opens, outside of its container, " :
	    is_word(m->act, "accept") ? " accepts " :
	    is_word(m->act, "ask") ? " asks " : " -> ");
	headline_target(t, m);
	term_newline(t);
}

/* One remark under the header; they are separated by commas. */
static void
note(struct term *t, bool *first, const char *what, struct str value)
{
	if (value.s == NULL)
		return;
	term_puts(t, *first ? "  " : ", ");
	if (*first)
		term_indent(t);
	*first = false;
	term_puts(t, what);
	if (value.n != 0)
		term_word(t, value);
}

static void
note_process(struct term *t, const struct message *m, bool *first)
{
	const struct generation *g = &m->gen[0];

	if (m->ngen > 0 && (g->auid != NUM_NONE || g->auser.s != NULL)) {
		note(t, first, "login ", none);
		headline_user(t, g->auser, g->auid);
	}
	if (m->ngen > 0 && g->ses != NUM_NONE) {
		note(t, first, "session ", none);
		term_printf(t, "%" PRId64, g->ses);
	}
	if (m->nsuid != NUM_NONE) {
		note(t, first, "uid inside ", none);
		term_printf(t, "%" PRId64, m->nsuid);
	}
	note(t, first, "unit ", m->unit);
	if (m->container.s != NULL && m->runtime.s != NULL) {
		note(t, first, "", m->runtime);
		term_puts(t, " container ");
		term_word(t, m->container);
	} else
		note(t, first, "container ", m->container);
	note(t, first, "named ", m->containername);
	note(t, first, "image ", m->image);
	note(t, first, "pod ", m->pod);
	note(t, first, "namespace ", m->space);
	if (m->unit.s == NULL && m->container.s == NULL)
		note(t, first, "cgroup ", m->cgroup);
	note(t, first, "thread ", m->thread);
	if (m->tid != NUM_NONE) {
		note(t, first, "tid ", none);
		term_printf(t, "%" PRId64, m->tid);
	}
}

/* comm(pid): the parentheses are the writer's, what is before them is not. */
static void
note_adopter(struct term *t, struct str adopter, bool *first)
{
	const char *pid = adopter.s == NULL ? NULL :
	    memrchr(adopter.s, '(', adopter.n);
	struct str comm = adopter;

	if (pid == NULL) {
		note(t, first, "adopted by ", adopter);
		return;
	}
	comm.n = pid - adopter.s;
	note(t, first, "adopted by ", comm);
	term_put(t, (struct str){ pid, adopter.n - comm.n });
}

void
headline_notes(struct term *t, const struct message *m)
{
	bool first = true;

	if (m->waited != NUM_NONE) {
		note(t, &first, "", none);
		headline_waited(t, m->waited);
	}
	if (!listens(m) && m->family != 0 && m->spt != NUM_NONE &&
	    !IN6_IS_ADDR_UNSPECIFIED(&m->src)) {
		note(t, &first, "from ", none);
		address(t, m->family, &m->src, m->spt);
	}
	note(t, &first, "from ", m->shost);
	note(t, &first, "to ", m->dhost);
	note(t, &first, "NAT64 of ", m->nat64);
	note_process(t, m, &first);
	note_adopter(t, m->adopter, &first);
	if (m->snapshot == 1)
		note(t, &first, "was there before", none);
	note(t, &first, "in ", m->cwd);
	note(t, &first, "below ", m->root);
	note(t, &first, "wanted ", m->argv);
	note(t, &first, "a file of ", m->place);
	note(t, &first, "for ", m->access);
	note(t, &first, "to itself ", m->ownpath);
	note(t, &first, "in its file system ", m->insidepath);
	note(t, &first, "asked for ", m->askedpath);
	note(t, &first, "", m->traits);
	if (m->random == 1)
		note(t, &first, "on a port of the kernel's choice", none);
	if (m->proxy == 1)
		note(t, &first, "to a proxy", none);
	if (m->kernel == 1)
		note(t, &first, "by the kernel", none);
	if (m->subflow == 1)
		note(t, &first, "MPTCP subflow", none);
	if (m->resolver == 1)
		note(t, &first, "a resolver, for others", none);
	if (m->quic == 1)
		note(t, &first, "QUIC", none);
	if (m->repair == 1)
		note(t, &first, "TCP_REPAIR: nothing was sent", none);
	if (!first)
		term_newline(t);
}
