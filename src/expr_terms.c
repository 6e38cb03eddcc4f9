/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An expression as terms that the kernel can decide of a TCP connection.  They
 * need not say the same: they are true of less than the expression (what is
 * then certain), or of more (what is then possible).
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "expr_impl.h"
#include "expr_terms.h"

static const struct leave_term any = {
	.uid_to = UINT32_MAX, .port_to = UINT16_MAX
};

/* While an expression is read. */
struct terms {
	const struct expr *e;
	const struct expr_aim *aim;
	size_t n;		/* of the node at hand */
	struct leave_term *v;	/* LEAVE_TERMS of them */
	bool exact;
};

/* What cannot be said: nothing is certain, everything is possible. */
static void
unknown(struct terms *t)
{
	t->exact = false;
	t->n = !t->aim->certain;
	t->v[0] = any;
}

static void
add(struct terms *t, const struct leave_term *term)
{
	if (t->n < LEAVE_TERMS)
		t->v[t->n++] = *term;
	else if (t->aim->certain)
		t->exact = false;
	else
		unknown(t);
}

static void
net_of(struct leave_term *to, const struct prefix *p)
{
	bool v4 = prefix_is_v4(p);
	unsigned from = v4 ? 96 : 0;
	uint8_t net[16] = { 0 }, mask[16] = { 0 };

	for (unsigned i = from; i < p->len; i++)
		mask[(i - from) / 8] |= 0x80 >> i % 8;
	memcpy(net, p->addr.s6_addr + from / 8, v4 ? 4 : 16);
	for (unsigned i = 0; i < 16; i++)
		net[i] &= mask[i];
	memcpy(to->net, net, sizeof(net));
	memcpy(to->mask, mask, sizeof(mask));
	to->family = v4 ? LEAVE_V4 : LEAVE_V6;
}

/* Which numbers are meant; none: from > to. */
static void
range_of(const struct expr_test *t, const union expr_value *v, int64_t most,
    int64_t *from, int64_t *to)
{
	*from = t->op == EXPR_LESS ? 0 : t->op == EXPR_MORE ?
	    v->range.to + 1 : v->range.from;
	*to = t->op == EXPR_LESS ? v->range.from - 1 : t->op == EXPR_MORE ?
	    most : v->range.to;
	if (*from < 0)
		*from = 0;
	if (*to > most)
		*to = most;
}

static void
numbers(struct terms *t, const struct expr_test *test, bool port)
{
	int64_t most = port ? UINT16_MAX : UINT32_MAX, from, to;

	for (size_t i = 0; i < test->n; i++) {
		struct leave_term one = any;

		range_of(test, t->e->value + test->first + i, most, &from, &to);
		if (from > to)
			continue;
		if (port) {
			one.port_from = from;
			one.port_to = to;
		} else {
			one.uid_from = from;
			one.uid_to = to;
		}
		add(t, &one);
	}
}

static void
addresses(struct terms *t, const struct expr_test *test)
{
	for (size_t i = 0; i < test->n; i++) {
		struct leave_term one = any;

		net_of(&one, &t->e->value[test->first + i].net);
		add(t, &one);
	}
}

/* One that is made again has the same path and another id: so this is never
   all that the expression means. */
static void
cgroups(struct terms *t, const struct expr_test *test)
{
	t->exact = false;
	for (size_t i = 0; i < test->n; i++) {
		struct leave_term one = any;

		one.cgroup = t->aim->cgroup(t->aim->arg,
		    t->e->value[test->first + i].text);
		if (one.cgroup != 0)
			add(t, &one);
	}
}

static void
protocols(struct terms *t, const struct expr_test *test)
{
	const union expr_value *v = t->e->value + test->first;

	for (size_t i = 0; i < test->n; i++)
		if (v[i].text.n == 3 &&
		    strncasecmp(v[i].text.s, "TCP", 3) == 0) {
			add(t, &any);
			return;
		}
}

static bool
is(const struct expr_field *f, const char *name)
{
	return f->dist == 0 && strcmp(f->f->name, name) == 0;
}

static void
comparison(struct terms *t, const struct expr_test *test)
{
	bool order = test->op == EXPR_LESS || test->op == EXPR_MORE;

	t->n = 0;
	if (test->no || (!order && test->op != EXPR_EQUAL &&
	    test->op != EXPR_IN))
		unknown(t);
	else if (is(&test->field, "dpt"))
		numbers(t, test, true);
	else if (is(&test->field, "suid"))
		numbers(t, test, false);
	else if (is(&test->field, "dst"))
		addresses(t, test);
	else if (is(&test->field, "proto"))
		protocols(t, test);
	else if (is(&test->field, "cgroup") && t->aim->certain)
		cgroups(t, test);
	else
		unknown(t);
}

/* Is there an address in both?  That of NAT64 is of both families. */
static bool
nets_meet(const struct leave_term *a, const struct leave_term *b)
{
	const struct leave_term *v6 = a->family == LEAVE_V6 ? a : b;
	uint32_t differs = 0;

	if (a->family == LEAVE_ANY || b->family == LEAVE_ANY)
		return true;
	if (a->family != b->family)
		return ((htonl(0x0064ff9b) ^ v6->net[0]) & v6->mask[0]) == 0 &&
		    (v6->net[1] | v6->net[2]) == 0;
	for (int i = 0; i < 4; i++)
		differs |= (a->net[i] ^ b->net[i]) & a->mask[i] & b->mask[i];
	return differs == 0;
}

bool
expr_terms_meet(const struct leave_term *a, const struct leave_term *b)
{
	return a->port_from <= b->port_to && b->port_from <= a->port_to &&
	    a->uid_from <= b->uid_to && b->uid_from <= a->uid_to &&
	    (a->cgroup == 0 || b->cgroup == 0 || a->cgroup == b->cgroup) &&
	    nets_meet(a, b);
}

static void
take_net(struct leave_term *to, const struct leave_term *from)
{
	memcpy(to->net, from->net, sizeof(to->net));
	memcpy(to->mask, from->mask, sizeof(to->mask));
	to->family = from->family;
}

/* Is a's mask longer than b's? */
static bool
longer(const struct leave_term *a, const struct leave_term *b)
{
	for (int i = 0; i < 4; i++)
		if ((a->mask[i] & ~b->mask[i]) != 0)
			return true;
	return false;
}

/* Both of them.  Of two networks of different families a NAT64 address can be
   in both; then it is certain of none, and possible of either. */
static void
both(struct terms *t, const struct leave_term *a, const struct leave_term *b)
{
	struct leave_term one = *a;

	if (!expr_terms_meet(a, b))
		return;
	if (a->family != LEAVE_ANY && b->family != LEAVE_ANY &&
	    a->family != b->family) {
		t->exact = false;
		if (t->aim->certain)
			return;
	} else if (a->family == LEAVE_ANY || (b->family == a->family &&
	    longer(b, a)))
		take_net(&one, b);
	if (b->port_from > one.port_from)
		one.port_from = b->port_from;
	if (b->port_to < one.port_to)
		one.port_to = b->port_to;
	if (b->uid_from > one.uid_from)
		one.uid_from = b->uid_from;
	if (b->uid_to < one.uid_to)
		one.uid_to = b->uid_to;
	if (one.cgroup == 0)
		one.cgroup = b->cgroup;
	add(t, &one);
}

static void node(struct terms *, size_t);

/* What one side has is kept while the other is read. */
static void
join(struct terms *t, const struct expr_node *n)
{
	struct leave_term *left, *right;
	size_t nleft, nright;

	node(t, n->left);
	left = calloc(2 * LEAVE_TERMS, sizeof(*left));
	if (left == NULL) {
		unknown(t);
		return;
	}
	right = left + LEAVE_TERMS;
	memcpy(left, t->v, (nleft = t->n) * sizeof(*left));
	node(t, n->right);
	memcpy(right, t->v, (nright = t->n) * sizeof(*right));
	t->n = 0;
	if (n->join == EXPR_OR) {
		for (size_t i = 0; i < nleft; i++)
			add(t, left + i);
		for (size_t i = 0; i < nright; i++)
			add(t, right + i);
	} else
		for (size_t i = 0; i < nleft * nright; i++)
			both(t, left + i / nright, right + i % nright);
	free(left);
}

static void
node(struct terms *t, size_t i)
{
	const struct expr_node *n = t->e->node + i;

	switch (n->join) {
	case EXPR_TEST:
		comparison(t, &n->test);
		return;
	case EXPR_NOT:
		unknown(t);
		return;
	case EXPR_AND:
	case EXPR_OR:
		join(t, n);
	}
}

size_t
expr_terms(const struct expr *e, const struct expr_aim *aim,
    struct leave_term v[LEAVE_TERMS], bool *exact)
{
	struct terms t = { .e = e, .aim = aim, .v = v, .exact = true };

	node(&t, e->root);
	*exact = t.exact;
	return t.n;
}
