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

void
tally_ready(struct tally *t)
{
	if (t->n > 0)
		qsort(t->row, t->n, sizeof(*t->row), in_order);
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

int
tally_count(struct tally *t, uint64_t key, int64_t time, const struct host *h)
{
	size_t low = 0, high = t->n, mid;
	struct seen *s;

	while (low < high) {
		const struct tally_row *row = t->row + (mid = (low + high) / 2);

		if (row->key < key || (row->key == key && row->before <= time))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == t->n || t->row[low].key != key)
		return 0;
	s = &t->row[low].seen;
	if (s->n++ == 0 || time < s->first)
		s->first = time;
	if (s->n == 1 || time > s->last)
		s->last = time;
	return set_host(s, h->number);
}

/* What b has is in a too. */
static int
add(struct seen *a, const struct seen *b)
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
		if (b->hosts[i / 64] >> i % 64 & 1 && set_host(a, i) < 0)
			return -1;
	return 0;
}

static int
answer(const struct tally_row *row)
{
	struct seen *to = row->to;
	size_t i;

	if (row->seen.n == 0)
		return 0;
	if (row->here) {
		if (to->here == 0 || row->seen.first < to->here_first)
			to->here_first = row->seen.first;
		to->here += row->seen.n;
		return 0;
	}
	if (add(to, &row->seen) < 0)
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
		    add(&t->row[i].seen, &t->row[i - 1].seen) < 0)
			return -1;
		if (answer(t->row + i) < 0)
			return -1;
	}
	return 0;
}

void
tally_free(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		seen_free(&t->row[i].seen);
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
