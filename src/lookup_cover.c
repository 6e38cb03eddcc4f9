/* SPDX-License-Identifier: BSD-2-Clause */
/* Would it be in these logs?  See lookup_cover.h. */
#define _GNU_SOURCE	/* vasprintf */
#include "lookup_cover_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "lookup_name.h"
#include "text.h"

#define STEP	(60 * SECOND)	/* more makes times doubtful */

const char *
cover_time(char out[COVER_TIME], int64_t us)
{
	char text[TEXT_TIME];
	size_t n = text_put_time(text, us, 3);

	if (n < 20) {
		strcpy(out, "?");
		return out;
	}
	snprintf(out, COVER_TIME, "%.10s %.8sZ", text, text + 11);
	return out;
}

void
cover_add(struct cover *c, const char *fmt, ...)
{
	va_list ap;
	char *text;

	c->proven = false;
	if (c->nwhy == COVER_REASONS)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		c->why[c->nwhy++] = text;
	va_end(ap);
}

void
cover_free(struct cover *c)
{
	size_t i;

	for (i = 0; i < c->nwhy; i++)
		free(c->why[i]);
	memset(c, 0, sizeof(*c));
}

void
cover_set(struct cover *c, const char *why)
{
	cover_free(c);
	cover_add(c, "%s", why);
}

bool
cover_touches(const struct judge *j, int64_t first, int64_t last)
{
	return first <= j->cover->until && last >= j->cover->from;
}

bool
cover_is_dns(const struct wanted *w)
{
	return strcmp(w->msgid, msgid_names[MSG_DNS].name) == 0;
}

static void
mishaps(struct judge *j)
{
	const struct host *h = j->host;
	bool datagrams = strcmp(j->w->msgid, "UDP") == 0;
	bool questions = cover_is_dns(j->w);
	char t[COVER_TIME];
	size_t i;

	for (i = 0; i < h->nmishaps; i++) {
		const struct mishap *m = h->mishap + i;
		int64_t n = m->n + (datagrams ? m->datagrams : 0) +
		    (questions ? m->questions : 0);

		if (!cover_touches(j, m->time - HOLD, m->time) || n == 0)
			continue;
		cover_time(t, m->time);
		if (m->id == MSG_LOST)
			cover_add(j->cover, "%" PRId64 " event%s lost on %s "
			    "until %s: %s", n, n == 1 ? " was" : "s were",
			    j->name, t, m->cause == NULL ? "?" : m->cause);
		else if (m->id == NMSGIDS)
			cover_add(j->cover, "a message of %s about it, %s, "
			    "cannot be read: %s", j->name, t, m->cause);
		else if (m->n > STEP || m->n < -STEP)
			cover_add(j->cover, "the clock of %s was stepped by "
			    "%" PRId64 " s at %s: times around it are "
			    "doubtful", j->name, m->n / SECOND, t);
	}
}

/* What was counted has no message of its own. */
static void
counted(struct judge *j)
{
	const struct counted_list *l = &j->host->counted;
	char t0[COVER_TIME], t1[COVER_TIME], to[96];
	struct buf b;

	for (size_t i = 0; i < l->n; i++) {
		const struct counted *c = &l->v[i];

		if (!cover_touches(j, c->from, c->until) ||
		    !counted_has(c, j->w->counted, j->w->addr,
		    j->w->port))
			continue;
		if (cover_is_dns(j->w)) {
			cover_add(j->cover, "%" PRId64 " questions for many "
			    "names were counted on %s, not logged one by one, "
			    "from %s to %s: %s", c->n, j->name,
			    cover_time(t0, c->from), cover_time(t1, c->until),
			    c->chain == NULL ? "?" : c->chain);
			continue;
		}
		buf_init(&b, to, sizeof(to));
		if (c->net.len > 0)
			prefix_write(&c->net, &b);
		else
			buf_adds(&b, "many networks");
		if (c->port != NUM_NONE)
			buf_addf(&b, " port %" PRId64, c->port);
		cover_add(j->cover, "%" PRId64 " %s %s were "
		    "counted on %s, not logged one by one, from %s to %s: %s",
		    c->n, c->kinds == COUNTED_LISTEN ?
		    "times listening on" : "connections to",
		    buf_cstr(&b), j->name, cover_time(t0, c->from),
		    cover_time(t1, c->until), c->chain == NULL ? "?" :
		    c->chain);
	}
}

/* A name that was asked for shortly before is only counted for an hour, which
   then tells its DIGEST: one of both must be in the logs. */
static void
asked_before(struct judge *j)
{
	int64_t first = INT64_MAX;
	bool whole = false;
	char t[COVER_TIME];

	for (size_t i = 0; i < j->nspans; i++)
		if (j->span[i].first < first) {
			first = j->span[i].first;
			whole = j->span[i].stretch->a == 1 &&
			    !j->span[i].series->adopted;
		}
	if (!whole && first > j->cover->from - NAME_HOUR &&
	    j->host->last < j->cover->from + NAME_HOUR + HOLD)
		cover_add(j->cover, "these logs have nothing of %s before %s: "
		    "what was asked for by then was counted for an hour",
		    j->name, cover_time(t, first));
}

/* What began to listen, or was told in a snapshot, at the start before. */
static void
from_start(struct judge *j)
{
	int64_t from = j->cover->from, start = INT64_MIN;
	char t[COVER_TIME];

	for (size_t i = 0; i < j->host->nseries; i++) {
		int64_t started = j->host->series[i].started;

		if (started != NUM_NONE && started <= from && started > start)
			start = started;
	}
	if (start != INT64_MIN)
		j->cover->from = start;
	else
		cover_add(j->cover, "no START of %s is in these logs before "
		    "%s: what listened by then is not told", j->name,
		    cover_time(t, from));
}

void
cover_judge(struct cover *c, const struct hosts *hosts, const struct host *host,
    const struct wanted *w)
{
	struct judge j = { .cover = c, .hosts = hosts, .host = host, .w = w };
	char t0[COVER_TIME], t1[COVER_TIME];

	memset(c, 0, sizeof(*c));
	c->proven = true;
	if (host == NULL) {
		cover_add(c, "this host is not in these logs");
		return;
	}
	snprintf(j.name, sizeof(j.name), "%s",
	    host->name != NULL ? host->name : host->id);
	c->from = w->from != NUM_NONE ? w->from : host->first;
	c->until = w->until != NUM_NONE ? w->until : host->last;
	if (c->from > w->now) {
		cover_add(c, "the window begins at %s, it is only %s",
		    cover_time(t0, c->from), cover_time(t1, w->now));
		return;
	}
	if (c->until > w->now)
		c->until = w->now;
	if (w->listening)
		from_start(&j);
	if (cover_spans(&j) < 0) {
		cover_add(c, "out of memory");
		return;
	}
	cover_forces(&j);
	cover_recording(&j);
	if (cover_is_dns(w))
		asked_before(&j);
	cover_missing_numbers(&j);
	mishaps(&j);
	counted(&j);
	hidden_judge(c, host, j.name);
	if (host->forwards)
		cover_add(c, "%s forwards for others, whose connections are "
		    "not seen there", j.name);
	free(j.span);
}
