/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in one line; see lineprint.h. */
#include "lineprint.h"

#include <inttypes.h>
#include <stddef.h>

#include "fields.h"
#include "headline.h"
#include "text.h"

/* How a message of the collector begins. */
static const struct {
	const char *what;
	enum style style;
} intro[NMSGIDS] = {
	[MSG_START] = { "collector started", STYLE_STRONG },
	[MSG_STOP] = { "collector stopped", STYLE_STRONG },
	[MSG_RELOAD] = { "configuration read", STYLE_STRONG },
	[MSG_STATS] = { "statistics", STYLE_PLAIN },
	[MSG_LOST] = { "LOST", STYLE_BAD },
	[MSG_CLOCK] = { "clock stepped", STYLE_NOTE },
	[MSG_HOST] = { "host", STYLE_PLAIN },
	[MSG_TEST] = { "test", STYLE_NOTE },
};

/* Is the row a counter of losses? */
static bool
is_loss(const struct field *f)
{
#define X(name, cls, doc) [COUNTER_##name] = COUNTER_##cls,
	static const enum counter_class kernel[] = { COUNTERS(X) };
#undef X
#define X(name, cls, doc) [UCOUNTER_##name] = COUNTER_##cls,
	static const enum counter_class user[] = { UCOUNTERS(X) };
#undef X
	const struct message *m = NULL;
	size_t k = offsetof(struct message, counter);
	size_t u = offsetof(struct message, ucounter);

	if (f->offset >= k && f->offset < k + sizeof(m->counter))
		return kernel[(f->offset - k) / sizeof(m->counter[0])] ==
		    COUNTER_L;
	if (f->offset >= u && f->offset < u + sizeof(m->ucounter))
		return user[(f->offset - u) / sizeof(m->ucounter[0])] ==
		    COUNTER_L;
	return false;
}

static bool
is_said(const struct field *f, const struct message *m)
{
	if (f->sd != SD_EVENT || (f->msgids >> m->id & 1) == 0)
		return false;
	if (f->offset == offsetof(struct message, filter))
		return false;	/* long; its hash is there, --json has it */
	if (m->id == MSG_LOST && f->offset == offsetof(struct message, cause))
		return false;	/* the same as the counters */
	if (field_is_number(f))
		return field_number(f, m) != NUM_NONE &&
		    field_number(f, m) != 0;
	return field_str(f, m)->s != NULL;
}

static void
say(struct term *t, const struct field *f, const struct message *m)
{
	char text[TEXT_TIME];

	term_puts(t, f->name);
	term_puts(t, " ");
	if (f->type == FIELD_UINT)
		term_printf(t, "%" PRId64, field_number(f, m));
	else if (field_is_number(f))
		term_put(t, (struct str){ text,
		    text_put_time(text, field_number(f, m), 3) });
	else
		term_put(t, *field_str(f, m));
}

static void
collector(struct term *t, const struct message *m)
{
	const char *separator = ": ";
	const struct field *f;
	int losses;

	if (m->procid != NUM_NONE)
		term_printf(t, "pidtreed[%" PRId64 "] ", m->procid);
	term_style(t, intro[m->id].style);
	term_puts(t, intro[m->id].what);
	term_style(t, STYLE_PLAIN);
	for (losses = 1; losses >= 0; losses--)
		for (f = fields; f < fields + nfields; f++) {
			if (!is_said(f, m) || is_loss(f) != (bool)losses)
				continue;
			term_puts(t, separator);
			separator = ", ";
			term_style(t, losses ? STYLE_BAD : STYLE_PLAIN);
			if (losses && m->id != MSG_LOST)
				term_puts(t, "lost ");
			say(t, f, m);
			term_style(t, STYLE_PLAIN);
			if (losses && m->id == MSG_LOST)
				term_printf(t, " (%s)", f->doc);
		}
}

static void
outcome(struct term *t, const struct message *m)
{
	const struct generation *g = &m->gen[0];

	term_puts(t, "outcome: ");
	if (m->ngen > 0) {
		headline_user(t, g->user, g->uid);
		term_puts(t, " ");
		term_word(t, g->comm);
		if (g->pid != NUM_NONE)
			term_printf(t, "(%" PRId64 ")", g->pid);
	}
	term_puts(t, " -> ");
	headline_target(t, m);
	if (m->waited != NUM_NONE) {
		term_puts(t, " ");
		headline_waited(t, m->waited);
	}
}

static void
bytes(struct term *t, int64_t n, const char *which)
{
	if (n != NUM_NONE)
		term_printf(t, ", %" PRId64 " bytes %s", n, which);
}

static void
close_of(struct term *t, const struct message *m)
{
	term_puts(t, "close: -> ");
	headline_target(t, m);
	if (m->closedby.s != NULL) {
		term_puts(t, " by ");
		term_word(t, m->closedby);
	}
	if (m->duration != NUM_NONE) {
		term_puts(t, " ");
		headline_waited(t, m->duration);
	}
	if (m->cnt != NUM_NONE)
		term_printf(t, ", %" PRId64 " datagram%s", m->cnt,
		    m->cnt == 1 ? "" : "s");
	bytes(t, m->in, "in");
	bytes(t, m->out, "out");
}

void
lineprint(struct term *t, const struct message *m)
{
	headline_time(t, m);
	if (m->id == MSG_OUTCOME)
		outcome(t, m);
	else if (m->id == MSG_CLOSE)
		close_of(t, m);
	else
		collector(t, m);
	term_newline(t);
}
