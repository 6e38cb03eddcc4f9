/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to leave out of a message that would be longer than RFC5424_MAX: what
 * repeats or tells least goes first.  The order is in pidtreed.log(5); the
 * event, the parent and pid 1 always stay.
 */
#include <string.h>

#include "writer.h"

#define CMD_LEAST	64	/* of an ancestor's command line stays */
#define EXE_LEAST	48
#define CALLER_LEAST	512	/* of any value, before ancestors go */
#define LEAST		64	/* of any value, in the end */
/* ` cmdlen31="1048576"` and `,cmd31`, the first with ` truncated=""`. */
#define MENTION		40

/* Bytes too many with this plan; 0 or less: it fits. */
static long
excess(struct writer *w, const struct plan *plan)
{
	char *out = w->base;

	writer_init(w, w->m, plan, out);
	writer_measure(w);
	writer_message(w);
	return (long)w->total - (RFC5424_MAX - WRITER_SLACK);
}

/* As written, at most RFC5424_VALUE. */
static size_t
written(struct writer *w, const struct str *s, enum emit how)
{
	char *end = emit(w->base, w->base + RFC5424_VALUE, s->s, s->n, how);

	return end == NULL ? RFC5424_VALUE : (size_t)(end - w->base);
}

/* Cuts a value of size bytes to no less than least; returns what is saved. */
static long
trim(uint16_t *to, size_t size, size_t least, long over)
{
	long keep = (long)size - over - MENTION;

	if (size <= least + MENTION)
		return 0;
	if (keep < (long)least)
		keep = least;
	*to = keep;
	return (long)size - keep - MENTION;
}

static void
trim_ancestors(struct writer *w, struct plan *plan, long over)
{
	const struct generation *gen = w->m->gen;
	size_t g;

	for (g = w->m->ngen; g > 1 && over > 0; g--)
		over -= trim(&plan->cmd[g - 1],
		    written(w, &gen[g - 1].cmd, EMIT_TEXT), CMD_LEAST, over);
	for (g = w->m->ngen; g > 1 && over > 0; g--)
		over -= trim(&plan->exe[g - 1],
		    written(w, &gen[g - 1].exe, EMIT_STR), EXE_LEAST, over);
}

/* The most that each value may have, between least and what it is now, so
   that the message fits; least if it never does. */
static void
trim_rest(struct writer *w, struct plan *plan, uint16_t least)
{
	uint16_t low = least, high = plan->rest, mid;

	while (low < high) {
		mid = low + (high - low + 1) / 2;
		plan->rest = mid;
		if (excess(w, plan) > 0)
			high = mid - 1;
		else
			low = mid;
	}
	plan->rest = low;
}

static long
size_of(struct writer *w, size_t g)
{
	size_t before = w->total;

	writer_generation(w, g);
	return w->total - before;
}

/* From the middle to both sides, sparing gen[0], gen[1] and the last. */
static void
drop_generations(struct writer *w, struct plan *plan, long over)
{
	size_t last = w->m->ngen - 1, mid = w->m->ngen / 2;

	if (w->m->ngen < 4)
		return;
	plan->from = plan->to = mid;
	over += MENTION;		/* cut="..." */
	while (over > 0 && (plan->from > 2 || plan->to < last))
		if (plan->to < last &&
		    (plan->from <= 2 || plan->to - mid <= mid - plan->from))
			over -= size_of(w, plan->to++);
		else
			over -= size_of(w, --plan->from);
}

void
budget_plan(struct writer *w, struct plan *plan)
{
	long over;
	size_t g;

	*plan = *w->plan;
	w->base = w->p;
	if ((over = excess(w, plan)) > 0)
		trim_ancestors(w, plan, over);
	if ((over = excess(w, plan)) <= 0)
		return;
	plan->born = false;
	if ((over = excess(w, plan)) <= 0)
		return;
	plan->chain = false;
	if ((over = excess(w, plan)) <= 0)
		return;
	trim_rest(w, plan, CALLER_LEAST);
	if ((over = excess(w, plan)) <= 0)
		return;
	drop_generations(w, plan, over);
	if ((over = excess(w, plan)) <= 0)
		return;
	trim_rest(w, plan, LEAST);
	for (g = 0; g < w->m->ngen; g++) {
		if (plan->cmd[g] > plan->rest)
			plan->cmd[g] = plan->rest;
		if (plan->exe[g] > plan->rest)
			plan->exe[g] = plan->rest;
	}
}
