/* SPDX-License-Identifier: BSD-2-Clause */
/* When was recorded without a gap: times, and numbers of messages. */
#include <inttypes.h>
#include <stdlib.h>

#include "lookup_cover_impl.h"

#define QUIET	(600 * SECOND)	/* two of STATS, by default */

static int
earlier(const void *va, const void *vb)
{
	const struct span *a = va, *b = vb;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->last < b->last ? -1 : a->last > b->last;
}

int
cover_spans(struct judge *j)
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
void
cover_missing_numbers(struct judge *j)
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

			if (!cover_touches(j, first - HOLD, last))
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

void
cover_recording(struct judge *j)
{
	const struct span *last = NULL, *sp;
	size_t i;

	for (i = 0; i < j->nspans; i++) {
		sp = j->span + i;
		if (cover_touches(j, sp->first, sp->last))
			j->cover->messages += sp->stretch->b -
			    sp->stretch->a + 1;
		if (last == NULL ? sp->first > j->cover->from :
		    sp->series != last->series && sp->first > last->last &&
		    !(sp->series->adopted && sp->stretch->a == 1))
			if (cover_touches(j, last == NULL ? j->cover->from :
			    last->last, sp->first))
				between(j, last, sp);
		if (last == NULL || sp->last > last->last)
			last = sp;
	}
	if (last != NULL)
		after(j, last);
}
