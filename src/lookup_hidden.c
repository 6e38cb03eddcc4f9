/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules that drop or count, and a "no"; see lookup_hidden.h. */
#include "lookup_hidden.h"

#include <stdlib.h>
#include <string.h>

#include "lookup_cover.h"
#include "lookup_hosts.h"
#include "lookup_list.h"
#include "text.h"

#define SECOND	INT64_C(1000000)	/* us */
#define HOLD	(10 * SECOND)	/* a message may be told so much later */
#define HOUR	(3600 * SECOND)	/* then a DIGEST tells what was counted */

/* "a=12; b=0; ..." -> "a (12), ..."; "" if all are 0. */
static void
counted_ones(struct str list, struct buf *b)
{
	const char *p = list.s, *end = list.s + list.n, *stop, *count;

	for (; p < end; p = stop + 1, p += p < end && *p == ' ') {
		stop = memchr(p, ';', end - p);
		if (stop == NULL)
			stop = end;
		count = memchr(p, '=', stop - p);
		if (count != NULL && stop - count == 2 && count[1] == '0')
			continue;
		if (b->len > 0)
			buf_adds(b, ", ");
		text_escape(b, p, (count != NULL ? count : stop) - p);
		if (count == NULL)
			continue;
		buf_adds(b, " (");
		buf_add(b, count + 1, stop - count - 1);
		buf_addc(b, ')');
	}
}

static int
add(struct host *h, size_t series, const struct message *m, struct str list,
    bool digest)
{
	char mem[2048];
	struct buf b;
	struct hidden new = { m->start != NUM_NONE ? m->start : m->time,
	    m->time, series, digest, NULL };

	buf_init(&b, mem, sizeof(mem));
	counted_ones(list, &b);
	if (b.len == 0)
		return 0;
	if (list_grow(&h->hidden.v, h->hidden.n, sizeof(new)) < 0 ||
	    (new.rules = strndup(b.p, b.len)) == NULL)
		return -1;
	h->hidden.v[h->hidden.n++] = new;
	return 0;
}

int
hidden_add(struct host *h, struct series *s, const struct message *m)
{
	size_t i = s - h->series;

	if (m->time >= s->told) {
		s->told = m->time;
		s->drops = m->drops.s != NULL;
	}
	if ((m->drops.s != NULL && add(h, i, m, m->drops, false) < 0) ||
	    (m->digests.s != NULL && add(h, i, m, m->digests, true) < 0))
		return -1;
	return 0;
}

static bool
touches(const struct cover *c, int64_t first, int64_t last)
{
	return first <= c->until && last >= c->from;
}

static int64_t
last_of(const struct series *s)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < s->nstretches; i++)
		if (s->stretch[i].last > last)
			last = s->stretch[i].last;
	return last;
}

/* Has what was counted then been told, or did that collector end before? */
static bool
was_told(const struct series *s, int64_t counted)
{
	return last_of(s) > counted + HOUR + HOLD ||
	    (s->stopped != NUM_NONE && s->stopped >= counted);
}

/* After the last word about it, something may have been dropped. */
static void
not_told(struct cover *c, const struct series *s, const char *name)
{
	int64_t last = s->stopped != NUM_NONE ? s->stopped : last_of(s) + HOLD;
	char t[COVER_TIME];

	if (s->drops && s->told < last && touches(c, s->told, INT64_MAX) &&
	    c->from <= last)
		cover_add(c, "there are rules on %s that drop, and what they "
		    "dropped after %s is not told", name,
		    cover_time(t, s->told));
}

void
hidden_judge(struct cover *c, const struct host *h, const char *name)
{
	char t0[COVER_TIME], t1[COVER_TIME];
	const struct hidden *v;

	for (size_t i = 0; i < h->hidden.n; i++) {
		v = h->hidden.v + i;
		if (!touches(c, v->from - HOLD, v->until) || (v->digest &&
		    was_told(h->series + v->series, v->until)))
			continue;
		cover_add(c, v->digest ? "rules on %s counted connections "
		    "from %s to %s that no DIGEST here tells of: %s" :
		    "rules on %s dropped connections from %s to %s: %s", name,
		    cover_time(t0, v->from), cover_time(t1, v->until),
		    v->rules);
	}
	for (size_t i = 0; i < h->nseries; i++)
		not_told(c, h->series + i, name);
}

void
hidden_free(struct hidden_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].rules);
	free(l->v);
}
