/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows are sorted by key and moment.  What happens is counted in the first
 * row of its key whose moment is later; in the end each row of a key gets
 * what the rows before it have.
 */
#include "lookup_tally.h"

#include <stdlib.h>
#include <string.h>

int
tally_ask(struct tally *t, uint64_t key, int64_t before, struct seen *to,
    bool here)
{
	struct tally_row *more;

	if ((t->n & (t->n - 1)) == 0) {
		more = reallocarray(t->row, t->n == 0 ? 1 : 2 * t->n,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		t->row = more;
	}
	t->row[t->n++] = (struct tally_row){ .key = key, .before = before,
	    .to = to, .here = here };
	return 0;
}

static int
in_order(const void *va, const void *vb)
{
	const struct tally_row *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->before < b->before ? -1 : a->before > b->before;
}

int
tally_ready(struct tally *t)
{
	if (t->n > 0)
		qsort(t->row, t->n, sizeof(*t->row), in_order);
	t->seen = calloc(t->n + 1, sizeof(*t->seen));
	return t->seen == NULL ? -1 : 0;
}

static int
set_host(struct seen *s, size_t number)
{
	size_t words = number / 64 + 1;
	uint64_t *more;

	if (words > s->words) {
		more = reallocarray(s->hosts, words, sizeof(*more));
		if (more == NULL)
			return -1;
		memset(more + s->words, 0, (words - s->words) * sizeof(*more));
		s->hosts = more;
		s->words = words;
	}
	s->hosts[number / 64] |= UINT64_C(1) << number % 64;
	return 0;
}

/* The row in which it is counted, or n. */
static size_t
row_of(const struct tally *t, uint64_t key, int64_t time)
{
	size_t low = 0, high = t->n, mid;

	while (low < high) {
		const struct tally_row *row = t->row + (mid = (low + high) / 2);

		if (row->key < key || (row->key == key && row->before <= time))
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->n && t->row[low].key == key ? low : t->n;
}

bool
tally_asks(const struct tally *t, uint64_t key, int64_t time)
{
	return row_of(t, key, time) != t->n;
}

int
tally_count(struct tally *t, uint64_t key, int64_t time, size_t host)
{
	size_t i = row_of(t, key, time);
	struct seen *s = t->seen + i;

	if (i == t->n)
		return 0;
	if (s->n++ == 0 || time < s->first)
		s->first = time;
	if (s->n == 1 || time > s->last)
		s->last = time;
	return set_host(s, host);
}

/* What b has is in a too; host: the numbers of its hosts in a, NULL: the
   same. */
static int
add(struct seen *a, const struct seen *b, const size_t *host)
{
	size_t i;

	if (b->n == 0)
		return 0;
	if (a->n == 0 || b->first < a->first)
		a->first = b->first;
	if (a->n == 0 || b->last > a->last)
		a->last = b->last;
	a->n += b->n;
	for (i = 0; i < b->words * 64; i++)
		if (b->hosts[i / 64] >> i % 64 & 1 &&
		    set_host(a, host == NULL ? i : host[i]) < 0)
			return -1;
	return 0;
}

int
tally_share(struct tally *t, const struct tally *of)
{
	*t = (struct tally){ of->row, of->n,
	    calloc(of->n + 1, sizeof(*t->seen)) };
	return t->seen == NULL ? -1 : 0;
}

int
tally_add(struct tally *t, const struct tally *shared, const size_t *host)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (add(t->seen + i, shared->seen + i, host) < 0)
			return -1;
	return 0;
}

static int
answer(const struct tally_row *row, const struct seen *seen)
{
	struct seen *to = row->to;
	size_t i;

	if (seen->n == 0)
		return 0;
	if (row->here) {
		if (to->here == 0 || seen->first < to->here_first)
			to->here_first = seen->first;
		to->here += seen->n;
		return 0;
	}
	if (add(to, seen, NULL) < 0)
		return -1;
	for (i = to->nhosts = 0; i < to->words; i++)
		to->nhosts += __builtin_popcountll(to->hosts[i]);
	return 0;
}

int
tally_answer(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (i > 0 && t->row[i].key == t->row[i - 1].key &&
		    add(t->seen + i, t->seen + i - 1, NULL) < 0)
			return -1;
		if (answer(t->row + i, t->seen + i) < 0)
			return -1;
	}
	return 0;
}

void
tally_unshare(struct tally *t)
{
	size_t i;

	for (i = 0; t->seen != NULL && i < t->n; i++)
		seen_free(t->seen + i);
	free(t->seen);
}

void
tally_free(struct tally *t)
{
	tally_unshare(t);
	free(t->row);
}

bool
seen_on(const struct seen *s, const struct host *h)
{
	return h->number / 64 < s->words &&
	    s->hosts[h->number / 64] >> h->number % 64 & 1;
}

void
seen_free(struct seen *s)
{
	free(s->hosts);
}
