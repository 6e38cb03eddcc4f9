/* SPDX-License-Identifier: BSD-2-Clause */
/* What a line has to have in it for an expression to be true of its message:
   a search for that is cheaper than reading all messages. */
#include <string.h>

#include "expr_impl.h"

/* How rare a value is, and so how good to look for. */
enum rarity { RARE, SELDOM, OFTEN, PART, NEVER };

/* What a node of the tree offers. */
struct offer {
	enum rarity rarity;	/* of the most frequent */
	size_t n;		/* parameters */
};

/* Written in a line as it is, and in no other way. */
static bool
is_plain(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.s[i] < ' ' || s.s[i] > '~' ||
		    strchr("\"\\]", s.s[i]) != NULL)
			return false;
	return true;
}

static enum rarity
rarity(const struct expr_test *t, const union expr_value *v)
{
	switch (t->field.kind) {
	case EXPR_TEXT:
		if (t->field.f->type != FIELD_STR || !is_plain(v->text))
			return NEVER;
		return t->field.f->generation ? SELDOM : OFTEN;
	case EXPR_ADDRESS:
		return v->net.len == 128 ? RARE : SELDOM;
	case EXPR_NUMBER:
	case EXPR_PORT:
	case EXPR_TIME:
		break;
	}
	return NEVER;
}

/* Of a regular expression, of which a test has one. */
static struct offer
offer_pattern(const struct expr *e, const struct expr_test *t, bool parts)
{
	const struct pattern_needs *needs = &e->value[t->first].pattern->needs;

	if (!parts || t->no || t->field.msgid || t->field.f->sd < SD_HOST ||
	    needs->n == 0)
		return (struct offer){ NEVER, 0 };
	return (struct offer){ PART, needs->n };
}

/* The header is no parameter. */
static struct offer
offer_test(const struct expr *e, const struct expr_test *t, bool parts)
{
	struct offer o = { RARE, t->n };
	enum rarity r;
	size_t i;

	if (t->op == EXPR_MATCH)
		return offer_pattern(e, t, parts);
	if (t->no || t->field.fold || t->field.f->sd < SD_HOST ||
	    (t->op != EXPR_EQUAL && t->op != EXPR_IN))
		o.rarity = NEVER;
	for (i = 0; i < t->n && o.rarity != NEVER; i++)
		if ((r = rarity(t, e->value + t->first + i)) > o.rarity)
			o.rarity = r;
	return o;
}

static bool
is_better(const struct offer *a, const struct offer *b)
{
	return a->rarity < b->rarity ||
	    (a->rarity == b->rarity && a->n <= b->n);
}

static struct offer
offer(const struct expr *e, const struct expr_node *n, const struct offer *of,
    bool parts)
{
	const struct offer *l = of + n->left, *r = of + n->right;

	switch (n->join) {
	case EXPR_TEST:
		return offer_test(e, &n->test, parts);
	case EXPR_AND:
		return is_better(l, r) ? *l : *r;
	case EXPR_OR:
		return (struct offer){ l->rarity > r->rarity ? l->rarity :
		    r->rarity, l->n + r->n };
	case EXPR_NOT:
		break;
	}
	return (struct offer){ NEVER, 0 };
}

static size_t
take_parts(const struct expr_test *t, const struct pattern_needs *needs,
    struct expr_literal *out)
{
	for (size_t i = 0; i < needs->n; i++)
		out[i] = (struct expr_literal){ .name = t->field.f->name,
		    .generation = t->field.dist != 0, .part = true,
		    .value = { needs->mem + needs->v[i].at,
		    needs->v[i].len } };
	return needs->n;
}

static size_t
take_test(const struct expr *e, const struct expr_test *t,
    struct expr_literal *out)
{
	const union expr_value *v = e->value + t->first;
	size_t i;

	if (t->op == EXPR_MATCH)
		return take_parts(t, &v->pattern->needs, out);
	for (i = 0; i < t->n; i++) {
		out[i] = (struct expr_literal){ .name = t->field.f->name,
		    .generation = t->field.dist != 0 };
		if (t->field.kind == EXPR_ADDRESS)
			out[i].net = v[i].net;
		else
			out[i].value = v[i].text;
	}
	return t->n;
}

/* What the offer of this node is made of. */
static size_t
take(const struct expr *e, size_t i, const struct offer *of,
    struct expr_literal *out)
{
	const struct expr_node *n = e->node + i;
	size_t k;

	if (n->join == EXPR_TEST)
		return take_test(e, &n->test, out);
	if (n->join == EXPR_AND)
		return take(e, is_better(of + n->left, of + n->right) ?
		    n->left : n->right, of, out);
	k = take(e, n->left, of, out);
	return k + take(e, n->right, of, out + k);
}

size_t
expr_literals(const struct expr *e, bool parts, struct expr_literal *out,
    size_t most)
{
	struct offer of[EXPR_NODES];
	size_t i;

	/* What is joined comes before what joins it. */
	for (i = 0; i < e->nnodes; i++)
		of[i] = offer(e, e->node + i, of, parts);
	if (of[e->root].rarity == NEVER || of[e->root].n > most)
		return 0;
	return take(e, e->root, of, out);
}
