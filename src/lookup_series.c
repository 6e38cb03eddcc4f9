/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of a collector; see lookup_series.h. */
#include "lookup_series.h"

#include "lookup_list.h"

static ssize_t
texts_add(struct texts *t, struct str s)
{
	size_t i;

	if (s.s == NULL)
		s = (struct str){ "", 0 };
	for (i = t->n; i-- > 0; )
		if (list_is(t->text[i], s))
			return i;
	if (list_grow(&t->text, t->n, sizeof(*t->text)) < 0 ||
	    (t->text[t->n] = strndup(s.s, s.n)) == NULL)
		return -1;
	return t->n++;
}

void
texts_free(struct texts *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->text[i]);
	free(t->text);
}

/* b follows a: are they one? */
static bool
join(struct series *s, size_t i)
{
	struct stretch *a = s->stretch + i, *b = a + 1;

	if (i + 1 >= s->nstretches || b->a > a->b + 1)
		return false;
	if (b->b > a->b)
		a->b = b->b;
	if (b->last > a->last)
		a->last = b->last;
	if (b->first < a->first)
		a->first = b->first;
	s->nstretches--;
	memmove(b, b + 1, (s->nstretches - i - 1) * sizeof(*b));
	return true;
}

/* The last stretch that begins at or before seq, or n. */
static size_t
stretch_at(const struct series *s, int64_t seq)
{
	size_t low = 0, high = s->nstretches;

	if (high > 0 && s->stretch[high - 1].a <= seq)
		return high - 1;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->stretch[mid].a <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? s->nstretches : low - 1;
}

int
series_number(struct series *s, int64_t seq, int64_t time)
{
	size_t i = stretch_at(s, seq), at = i == s->nstretches ? 0 : i + 1;

	if (i < s->nstretches && seq <= s->stretch[i].b + 1) {
		struct stretch *st = s->stretch + i;

		if (seq > st->b)
			st->b = seq;
		if (time > st->last)
			st->last = time;
		if (time < st->first)
			st->first = time;
		join(s, i);
		return 0;
	}
	if (list_insert(&s->stretch, &s->nstretches, sizeof(*s->stretch),
	    at) < 0)
		return -1;
	s->stretch[at] = (struct stretch){ seq, seq, time, time };
	join(s, at);
	return 0;
}

int
series_stretch(struct series *s, const struct stretch *st)
{
	size_t i = stretch_at(s, st->a), at = i == s->nstretches ? 0 : i + 1;

	if (list_insert(&s->stretch, &s->nstretches, sizeof(*st), at) < 0)
		return -1;
	s->stretch[at] = *st;
	if (at > 0 && join(s, at - 1))
		at--;
	while (join(s, at))
		continue;
	return 0;
}

/* A moment falls in the middle of the force before i: it becomes two. */
static int
split_force(struct series *s, size_t i, int64_t time)
{
	struct force *f;

	if (list_insert(&s->force, &s->nforces, sizeof(*f), i) < 0)
		return -1;
	f = s->force + i;
	*f = f[-1];
	f->first = time;
	f->reload = false;
	f[-1].last = time;
	return 0;
}

static bool
same_force(const struct force *a, const struct force *b)
{
	return a->filter == b->filter && a->probes == b->probes &&
	    a->listens == b->listens;
}

/* Filter and probes from the message's time on, or at it: neighbours that say
   the same become one. */
int
series_force(struct series *s, const struct message *m, struct texts *filters,
    struct texts *probes)
{
	ssize_t filter = texts_add(filters, m->filter);
	ssize_t probe = texts_add(probes, m->probes);
	size_t i = s->nforces;
	ssize_t listens = texts_add(filters, m->listenfilter);
	struct force new = { m->time, m->time, filter, probe, listens,
	    m->id != MSG_STATS }, *f;

	if (filter < 0 || probe < 0 || listens < 0)
		return -1;
	while (i > 0 && s->force[i - 1].first > m->time)
		i--;
	if (i > 0) {
		f = s->force + i - 1;
		if (same_force(f, &new)) {
			if (m->time > f->last)
				f->last = m->time;
			return 0;
		}
		if (f->last > m->time && split_force(s, i, m->time) < 0)
			return -1;
	}
	if (i < s->nforces && !s->force[i].reload &&
	    same_force(s->force + i, &new)) {
		s->force[i].first = m->time;
		s->force[i].reload = new.reload;
		return 0;
	}
	if (list_insert(&s->force, &s->nforces, sizeof(new), i) < 0)
		return -1;
	s->force[i] = new;
	return 0;
}
