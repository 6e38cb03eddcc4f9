/* SPDX-License-Identifier: BSD-2-Clause */
/* What to look for in the logs so that --where need not be asked of every
   message. */
#include "lookup_pass.h"

#define LITERALS	64

static int
needle(struct pass *p, const struct query *q, const struct expr_literal *l,
    const char *name)
{
	struct search_needle n = { .what = SEARCH_NET, .name = name,
	    .net = l->net.addr, .bits = l->net.len,
	    .since = q->from == NUM_NONE ? 0 : q->from,
	    .until = q->until == NUM_NONE ? 0 : q->until };

	if (l->value.s == NULL)
		return search_needle(p->l->search, &n);
	return pass_needle(p, l->generation ? SEARCH_GENERATION :
	    SEARCH_PARAM, name, l->value, q->from, q->until);
}

int
pass_where(struct pass *p, const struct query *q)
{
	struct expr_literal l[LITERALS];
	size_t i, n = expr_literals(q->where, false, l, LITERALS);

	for (i = 0; i < n; i++)
		if (needle(p, q, l + i, l[i].name) < 0 ||
		    /* The IPv4 address inside a destination counts too. */
		    (l[i].value.s == NULL && needle(p, q, l + i, "nat64") < 0))
			return -1;
	return n > 0;
}
