/* SPDX-License-Identifier: BSD-2-Clause */
/* Would it be in these logs?  See lookup_cover.h. */
#define _GNU_SOURCE	/* vasprintf */
#include "lookup_cover.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "lookup_logged.h"
#include "lookup_name.h"
#include "text.h"

#define SECOND	INT64_C(1000000)	/* us */
#define HOLD	(10 * SECOND)	/* a message may be told so much later */
#define QUIET	(600 * SECOND)	/* two of STATS, by default */
#define STEP	(60 * SECOND)	/* more makes times doubtful */

/* A time that was recorded without a gap. */
struct span {
	int64_t first, last;
	const struct series *series;
	const struct stretch *stretch;
};

struct judge {
	struct cover *cover;
	const struct hosts *hosts;
	const struct host *host;
	const struct wanted *w;
	struct span *span;
	size_t nspans;
	char name[128];		/* of the host, as text */
};

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

static bool
touches(const struct judge *j, int64_t first, int64_t last)
{
	return first <= j->cover->until && last >= j->cover->from;
}

static int
earlier(const void *va, const void *vb)
{
	const struct span *a = va, *b = vb;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->last < b->last ? -1 : a->last > b->last;
}

static int
spans(struct judge *j)
{
	const struct host *h = j->host;
	size_t i, k, n = 0;

	for (i = 0; i < h->nseries; i++)
		n += h->series[i].nstretches;
	if ((j->span = calloc(n + 1, sizeof(*j->span))) == NULL)
		return -1;
	for (i = 0; i < h->nseries; i++)
		for (k = 0; k < h->series[i].nstretches; k++) {
			const struct series *s = h->series + i;
			struct span *sp = j->span + j->nspans++;

			*sp = (struct span){ s->stretch[k].first,
			    s->stretch[k].last, s, s->stretch + k };
			/* What is told after START may be older. */
			if (sp->stretch->a == 1 && s->started != NUM_NONE &&
			    !s->adopted)
				sp->first = s->started;
		}
	qsort(j->span, j->nspans, sizeof(*j->span), earlier);
	return 0;
}

/* Numbers of one series that are missing, whatever their neighbours' times. */
static void
missing_numbers(struct judge *j)
{
	const struct host *h = j->host;
	char t0[COVER_TIME], t1[COVER_TIME];
	size_t i, k;

	for (i = 0; i < h->nseries; i++)
		for (k = 1; k < h->series[i].nstretches; k++) {
			const struct stretch *b = h->series[i].stretch + k;
			const struct stretch *a = b - 1;
			int64_t first = a->last < b->first ? a->last : b->first;
			int64_t last = a->last < b->first ? b->first : a->last;

			if (!touches(j, first - HOLD, last))
				continue;
			cover_add(j->cover, "%" PRId64 " message%s missing: "
			    "sequenceId %" PRId64 " to %" PRId64
			    " of pidtreed[%" PRId64 "] on %s, between %s and "
			    "%s", b->a - a->b - 1, b->a - a->b == 2 ? " is" :
			    "s are", a->b + 1, b->a - 1, h->series[i].procid,
			    j->name, cover_time(t0, first),
			    cover_time(t1, last));
		}
}

/* Between two runs of a collector, or before the first that is known. */
static void
between(struct judge *j, const struct span *a, const struct span *b)
{
	char t0[COVER_TIME], t1[COVER_TIME];
	bool whole = b->stretch->a == 1;

	cover_time(t1, b->first);
	if (a == NULL && !whole)
		cover_add(j->cover, "these logs have nothing of %s before %s",
		    j->name, t1);
	else if (a == NULL)
		cover_add(j->cover, "no collector ran on %s before %s, as far "
		    "as these logs go back", j->name, t1);
	else if (!whole)
		cover_add(j->cover, "the first %" PRId64 " messages of "
		    "pidtreed[%" PRId64 "] on %s are missing, before %s",
		    b->stretch->a - 1, b->series->procid, j->name, t1);
	else
		cover_add(j->cover, "no collector ran on %s from %s to %s%s",
		    j->name, cover_time(t0, a->last), t1,
		    a->series->stopped == NUM_NONE ?
		    " (it ended without STOP)" : "");
}

/* After the last message that is known. */
static void
after(struct judge *j, const struct span *a)
{
	char t[COVER_TIME];

	if (a->last >= j->cover->until)
		return;
	cover_time(t, a->last);
	if (a->series->stopped != NUM_NONE && a->last <= a->series->stopped)
		cover_add(j->cover, "the collector on %s stopped at %s and "
		    "was not started again in these logs", j->name, t);
	else if (j->w->now - a->last > QUIET)
		cover_add(j->cover, "these logs have nothing of %s after %s",
		    j->name, t);
}

static void
recording(struct judge *j)
{
	const struct span *last = NULL, *sp;
	size_t i;

	for (i = 0; i < j->nspans; i++) {
		sp = j->span + i;
		if (touches(j, sp->first, sp->last))
			j->cover->messages += sp->stretch->b -
			    sp->stretch->a + 1;
		if (last == NULL ? sp->first > j->cover->from :
		    sp->series != last->series && sp->first > last->last &&
		    !(sp->series->adopted && sp->stretch->a == 1))
			if (touches(j, last == NULL ? j->cover->from :
			    last->last, sp->first))
				between(j, last, sp);
		if (last == NULL || sp->last > last->last)
			last = sp;
	}
	if (last != NULL)
		after(j, last);
}

static bool
has_word(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	for (; *list != '\0'; list += n, list += strspn(list, ", ")) {
		n = strcspn(list, ", ");
		if (n == len && memcmp(list, word, n) == 0)
			return true;
	}
	return false;
}

/* All words of a list? */
static bool
has_words(const char *list, const char *words)
{
	char copy[64], *word, *save = NULL;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, ",", &save); word != NULL;
	    word = strtok_r(NULL, ",", &save))
		if (!has_word(list, word))
			return false;
	return true;
}

static bool
is_dns(const struct wanted *w)
{
	return strcmp(w->msgid, msgid_names[MSG_DNS].name) == 0;
}

/* Does this version look through such messages at all? */
static bool
is_searched(const char *name)
{
	return strcmp(name, msgid_names[MSG_CONNECT].name) == 0 ||
	    strcmp(name, msgid_names[MSG_UDP].name) == 0 ||
	    strcmp(name, msgid_names[MSG_LISTEN].name) == 0 ||
	    strcmp(name, msgid_names[MSG_DNS].name) == 0;
}

static void
judge_force(struct judge *j, const struct force *f)
{
	const struct wanted *w = j->w;
	const char *filter = j->hosts->filter.text[w->listening ? f->listens :
	    f->filter];
	char addr[TEXT_ADDR + 1], port[32] = "", since[COVER_TIME];

	if (!has_words(j->hosts->probes.text[f->probes], w->probe)) {
		cover_add(j->cover, "%s: the probe that logs them (%s, "
		    "messages %s) was not active on %s", w->of, w->probe,
		    w->msgid, j->name);
		return;
	}
	if (!is_searched(w->msgid)) {
		cover_add(j->cover, "%s: messages %s are not searched by "
		    "this command", w->of, w->msgid);
		return;
	}
	if (w->addr == NULL)
		return;
	addr[text_put_addr(addr, w->addr)] = '\0';
	if (w->port != NUM_NONE)
		snprintf(port, sizeof(port), " port %" PRId64, w->port);
	cover_time(since, f->first);
	switch (logged(filter, w->addr, w->port)) {
	case LOGGED_YES:
		break;
	case LOGGED_NO:
		cover_add(j->cover, "the filter of %s did not log %s%s "
		    "(in force at %s)", j->name, addr, port, since);
		break;
	case LOGGED_BOXES:
		cover_add(j->cover, "the filter of %s did not log those of "
		    "some containers:%s (in force at %s)", j->name,
		    strstr(filter, "; containers ") + strlen("; containers"),
		    since);
		break;
	case LOGGED_SOME:
		cover_add(j->cover, "the filter of %s logged only some ports "
		    "of %s (in force at %s)", j->name, addr, since);
		break;
	case LOGGED_UNKNOWN:
		cover_add(j->cover, "what the filter of %s logged at %s is "
		    "not known: its text is %s", j->name, since,
		    *filter == '\0' ? "missing" : "cut off");
	}
}

/* Is there another force between this one and the window? */
static bool
in_force(const struct judge *j, const struct series *s, size_t i)
{
	int64_t first = s->force[i].first, last = INT64_MAX;

	/* STATS say what had been so all the time. */
	if (!s->force[i].reload)
		first = i == 0 ? INT64_MIN : s->force[i - 1].last;
	if (i + 1 < s->nforces)
		last = s->force[i + 1].first;
	return touches(j, first, last);
}

/* Messages of the series around the window. */
static bool
ran(const struct judge *j, const struct series *s)
{
	size_t n = s->nstretches;

	return n > 0 && touches(j, s->stretch[0].first, s->stretch[n - 1].last);
}

static void
forces(struct judge *j)
{
	const struct host *h = j->host;
	size_t i, k, before = j->cover->nwhy;
	bool known;

	for (i = 0; i < h->nseries; i++) {
		if (!ran(j, h->series + i))
			continue;
		known = false;
		for (k = 0; k < h->series[i].nforces; k++)
			if (in_force(j, h->series + i, k)) {
				known = true;
				if (j->cover->nwhy == before)
					judge_force(j, h->series[i].force + k);
			}
		if (!known && j->cover->nwhy == before)
			cover_add(j->cover, "what pidtreed[%" PRId64 "] on %s "
			    "logged is not known: no START, RELOAD or STATS "
			    "of it is in these logs", h->series[i].procid,
			    j->name);
	}
}

static void
mishaps(struct judge *j)
{
	const struct host *h = j->host;
	bool datagrams = strcmp(j->w->msgid, "UDP") == 0;
	bool questions = is_dns(j->w);
	char t[COVER_TIME];
	size_t i;

	for (i = 0; i < h->nmishaps; i++) {
		const struct mishap *m = h->mishap + i;
		int64_t n = m->n + (datagrams ? m->datagrams : 0) +
		    (questions ? m->questions : 0);

		if (!touches(j, m->time - HOLD, m->time) || n == 0)
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

		if (!touches(j, c->from, c->until) ||
		    !counted_has(c, j->w->counted, j->w->addr,
		    j->w->port))
			continue;
		if (is_dns(j->w)) {
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
	if (spans(&j) < 0) {
		cover_add(c, "out of memory");
		return;
	}
	forces(&j);
	recording(&j);
	if (is_dns(w))
		asked_before(&j);
	missing_numbers(&j);
	mishaps(&j);
	counted(&j);
	hidden_judge(c, host, j.name);
	if (host->forwards)
		cover_add(c, "%s forwards for others, whose connections are "
		    "not seen there", j.name);
	free(j.span);
}
