/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections that were counted; see lookup_counted.h. */
#include "lookup_counted.h"

#include <stdlib.h>
#include <string.h>

#define MOST		16384	/* of one host */
#define CHAIN_MOST	200	/* bytes that are shown */

static bool
read_net(const struct message *m, struct prefix *net)
{
	char mem[128];
	struct buf why;

	buf_init(&why, mem, sizeof(mem));
	return m->net.s != NULL &&
	    prefix_parse(net, m->net.s, m->net.n, &why) == 0;
}

/* One more about everything: it may have been any of them. */
static void
widen(struct counted *c, const struct message *m)
{
	c->n += m->cnt;
	c->net.len = 0;
	c->port = NUM_NONE;
	if (m->start < c->from)
		c->from = m->start;
	if (m->end > c->until)
		c->until = m->end;
}

int
counted_add(struct counted_list *l, const struct message *m)
{
	struct counted new = { m->start, m->end, m->cnt, .port = m->dpt };
	struct counted *more;

	if (m->cnt == NUM_NONE || m->start == NUM_NONE || m->end == NUM_NONE)
		return 0;
	if (l->n == MOST) {
		widen(&l->v[l->n - 1], m);
		return 0;
	}
	if (!read_net(m, &new.net))
		new.net.len = 0;
	if ((l->n & (l->n - 1)) == 0) {
		more = reallocarray(l->v, l->n == 0 ? 1 : 2 * l->n,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		l->v = more;
	}
	if (m->chain.s != NULL && (new.chain = strndup(m->chain.s,
	    m->chain.n < CHAIN_MOST ? m->chain.n : CHAIN_MOST)) == NULL)
		return -1;
	l->v[l->n++] = new;
	return 0;
}

bool
counted_has(const struct counted *c, const struct in6_addr *addr, int64_t port)
{
	if (c->port != NUM_NONE && port != NUM_NONE && c->port != port)
		return false;
	return addr == NULL || c->net.len == 0 || prefix_has(&c->net, addr);
}

void
counted_free(struct counted_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].chain);
	free(l->v);
}
