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

static bool
is_text(struct str s, const char *want)
{
	return s.n == strlen(want) && memcmp(s.s, want, s.n) == 0;
}

/* A question's datagram is counted with the datagrams, too. */
static int
kinds_of(const struct message *m)
{
	if (is_text(m->act, "listen"))
		return COUNTED_LISTEN;
	if (is_text(m->act, "accept"))
		return COUNTED_ACCEPT;
	if (is_text(m->act, "ask"))
		return COUNTED_DNS;
	if (is_text(m->proto, "TCP"))
		return COUNTED_TCP;
	return is_text(m->proto, "UDP") ? COUNTED_UDP : COUNTED_OUT;
}

/* One more about everything: it may have been any of them. */
static void
widen(struct counted *c, const struct message *m)
{
	c->n += m->cnt;
	c->net.len = 0;
	c->port = NUM_NONE;
	c->kinds = COUNTED_ANY;
	if (m->start < c->from)
		c->from = m->start;
	if (m->end > c->until)
		c->until = m->end;
}

int
counted_add(struct counted_list *l, const struct message *m)
{
	struct counted new = { m->start, m->end, m->cnt, .kinds = kinds_of(m) };
	struct counted *more;

	if (new.kinds == COUNTED_DNS && m->query.s != NULL)
		return 0;
	if (m->cnt == NUM_NONE || m->start == NUM_NONE || m->end == NUM_NONE)
		return 0;
	if (l->n == MOST) {
		widen(&l->v[l->n - 1], m);
		return 0;
	}
	new.port = new.kinds == COUNTED_LISTEN ? m->spt : m->dpt;
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
counted_has(const struct counted *c, int kinds, const struct in6_addr *addr,
    int64_t port)
{
	if (!(c->kinds & kinds))
		return false;
	if (kinds == COUNTED_DNS)
		return true;
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
