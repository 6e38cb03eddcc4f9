/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to leave out of a message that would be longer than RFC5424_MAX: what
 * repeats or tells least goes first.  The order is in pidtreed.log(5); the
 * event, the parent and pid 1 always stay.
 *
 * A process can make any of its values long, so no step may cost more than
 * the writing of one message: measuring stops where a message is full, and
 * what was cut is given back as far as there is room.
 */
#include <string.h>

#include "writer.h"

#define CMD_LEAST	64	/* of an ancestor's command line stays */
#define EXE_LEAST	48
#define CALLER_LEAST	512	/* of any value, before ancestors go */
#define LEAST		64	/* of any value, in the end */
#define STEP		16	/* of the search between them */
/* ` cmdlen31="1048576"`, `,cmd31`: to cut less than this does not pay. */
#define MENTION		32
/* A value may end a few bytes before its size, where its next escape would
   not fit; the writer must not meet the end there. */
#define ROOM		(RFC5424_MAX - WRITER_SLACK - 2 * EMIT_SLACK)

/* Bytes that are free with this plan, or -1: it does not fit. */
static long
room(struct writer *w, const struct plan *plan)
{
	char *out = w->base;

	writer_init(w, w->m, plan, out);
	writer_measure(w, ROOM);
	writer_message(w);
	return w->full ? -1 : (long)(ROOM - w->total);
}

/* Bytes of s as written, at most most + 1. */
static size_t
written(struct writer *w, const struct str *s, enum emit how, size_t most)
{
	char *end = emit(w->base, w->base + most, s->s, s->n, how);

	return end == NULL ? most + 1 : (size_t)(end - w->base);
}

static uint16_t
least_of(struct writer *w, const struct str *s, enum emit how, size_t least)
{
	bool pays = written(w, s, how, least + MENTION) > least + MENTION;

	return pays ? least : least + MENTION;
}

/* Ancestors' command lines and executables as short as can be. */
static void
cut_ancestors(struct writer *w, struct plan *plan)
{
	const struct generation *g = w->m->gen;
	size_t i;

	for (i = 1; i < w->m->ngen; i++) {
		plan->cmd[i] = least_of(w, &g[i].cmd, EMIT_TEXT, CMD_LEAST);
		plan->exe[i] = least_of(w, &g[i].exe, EMIT_STR, EXE_LEAST);
	}
}

/* Lets a value of at most *to bytes be longer, as far as there is room. */
static void
give(struct writer *w, uint16_t *to, const struct str *s, enum emit how,
    long *free)
{
	size_t most = *to + *free, size;

	if (most > RFC5424_VALUE)
		most = RFC5424_VALUE;
	size = written(w, s, how, most);
	if (size > most)
		size = most;
	if (size <= *to)
		return;
	*free -= size - *to;
	*to = size;
}

/* The nearest first, so that what stays short are the outermost; command
   lines last, so that they go first. */
static void
give_back(struct writer *w, struct plan *plan, long free)
{
	const struct generation *g = w->m->gen;
	size_t i;

	for (i = 1; i < w->m->ngen; i++)
		give(w, &plan->exe[i], &g[i].exe, EMIT_STR, &free);
	for (i = 1; i < w->m->ngen; i++)
		give(w, &plan->cmd[i], &g[i].cmd, EMIT_TEXT, &free);
}

/* The most that every value may have, from least to what it is, so that the
   message fits; false if it does not even so. */
static bool
cut_rest(struct writer *w, struct plan *plan, unsigned least)
{
	unsigned low = 0, high = (plan->rest - least) / STEP, mid;

	plan->rest = least;
	if (room(w, plan) < 0)
		return false;
	while (low < high) {
		mid = low + (high - low + 1) / 2;
		plan->rest = least + mid * STEP;
		if (room(w, plan) < 0)
			high = mid - 1;
		else
			low = mid;
	}
	plan->rest = least + low * STEP;
	return true;
}

/* n generations from the middle, sparing gen[0], gen[1] and the last. */
static void
drop(const struct message *m, struct plan *plan, size_t n)
{
	size_t from = (m->ngen + 1 - n) / 2;

	if (from < 2)
		from = 2;
	plan->from = from;
	plan->to = from + n;
}

/* As few generations as need be. */
static bool
drop_generations(struct writer *w, struct plan *plan)
{
	const struct message *m = w->m;
	size_t low = 0, high, mid;

	if (m->ngen < 4)
		return false;
	high = m->ngen - 3;
	drop(m, plan, high);
	if (room(w, plan) < 0)
		return false;
	while (low + 1 < high) {
		mid = (low + high) / 2;
		drop(m, plan, mid);
		if (room(w, plan) < 0)
			low = mid;
		else
			high = mid;
	}
	drop(m, plan, high);
	return true;
}

/* After all else: every value is short. */
static void
cut_all(struct writer *w, struct plan *plan)
{
	size_t i;

	for (i = 0; i < GENERATIONS; i++)
		plan->cmd[i] = plan->exe[i] = EXE_LEAST;
	cut_rest(w, plan, LEAST);
}

void
budget_plan(struct writer *w, struct plan *plan)
{
	long free;

	*plan = *w->plan;
	w->base = w->p;
	cut_ancestors(w, plan);
	if ((free = room(w, plan)) >= 0) {
		give_back(w, plan, free);
		return;
	}
	plan->born = false;
	if (room(w, plan) >= 0)
		return;
	plan->chain = false;
	if (room(w, plan) >= 0)
		return;
	if (cut_rest(w, plan, CALLER_LEAST))
		return;
	if (!drop_generations(w, plan))
		cut_all(w, plan);
}
