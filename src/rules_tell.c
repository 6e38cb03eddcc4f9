/* SPDX-License-Identifier: BSD-2-Clause */
/* What rules left out, for the collector's own messages. */
#include <stdlib.h>
#include <string.h>

#include "rules_impl.h"

#define MORE	"; ..."

static uint64_t
untold(const struct rule *r)
{
	return r->decided - r->told;
}

static int
most_first(const void *va, const void *vb)
{
	const struct rule *a = *(struct rule *const *)va;
	const struct rule *b = *(struct rule *const *)vb;

	if (untold(a) != untold(b))
		return untold(a) > untold(b) ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
put(struct buf *b, struct rule *r)
{
	size_t was = b->len, room = b->size - b->len - 1;
	size_t n = strlen(r->name);

	if (b->full)
		return;
	/* "; ", "=", digits, and what says that there are more */
	if (n + 2 + 1 + 20 + sizeof(MORE) > room) {
		buf_adds(b, MORE);
		b->full = true;
		return;
	}
	if (was > 0)
		buf_adds(b, "; ");
	buf_add(b, r->name, n);
	buf_addc(b, '=');
	buf_addu(b, untold(r));
}

/* Those that are gone and have nothing to tell any more. */
static void
forget(struct rules *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ngone; i++)
		if ((r->gone[i]->action == RULE_DIGEST ||
		    r->gone[i]->action == RULE_DROP) && untold(r->gone[i]) > 0)
			r->gone[n++] = r->gone[i];
		else
			rule_free(r->gone[i]);
	r->ngone = n;
}

void
rules_tell(struct rules *r, enum rule_action action, struct buf *b)
{
	struct rule **v = calloc(r->n + r->ngone + 1, sizeof(*v));
	size_t n = 0;

	if (v == NULL)		/* then next time */
		return;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i]->action == action)
			v[n++] = r->v[i];
	for (size_t i = 0; i < r->ngone; i++)
		if (r->gone[i]->action == action && untold(r->gone[i]) > 0)
			v[n++] = r->gone[i];
	qsort(v, n, sizeof(*v), most_first);
	for (size_t i = 0; i < n; i++) {
		put(b, v[i]);
		v[i]->told = v[i]->decided;
	}
	forget(r);
	free(v);
}
