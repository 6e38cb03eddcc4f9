/* SPDX-License-Identifier: BSD-2-Clause */
/* What an expression says of a message; see expr.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "expr_impl.h"

static bool
same_text(const struct expr_test *t, const union expr_value *v, struct str s)
{
	return v->text.n == s.n && (t->field.fold ?
	    strncasecmp(v->text.s, s.s, s.n) == 0 :
	    memcmp(v->text.s, s.s, s.n) == 0);
}

/* A copy: a value has no NUL behind it, and AddressSanitizer's regexec wants
   one also where the end is given. */
static bool
matches(const union expr_value *v, struct str s)
{
	size_t n = s.n > EXPR_SUBJECT ? EXPR_SUBJECT : s.n;
	regmatch_t m = { 0, n };
	char subject[EXPR_SUBJECT + 1];

	memcpy(subject, s.s, n);
	subject[n] = '\0';
	return regexec(&v->pattern->re, subject, 1, &m, REG_STARTEND) == 0;
}

static bool
text(const struct expr_test *t, const union expr_value *v, struct str s)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->op == EXPR_MATCH ? matches(v + i, s) :
		    same_text(t, v + i, s))
			return true;
	return false;
}

/* Of a time that has a length: before its begin, after its end. */
static bool
number(const struct expr_test *t, const union expr_value *v, int64_t n)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->op == EXPR_LESS ? n < v[i].range.from :
		    t->op == EXPR_MORE ? n > v[i].range.to :
		    n >= v[i].range.from && n <= v[i].range.to)
			return true;
	}
	return false;
}

/* An address is also the IPv4 address inside it (RFC 6052). */
static bool
address(const struct expr_test *t, const union expr_value *v,
    const struct in6_addr *a)
{
	struct in6_addr inside = prefix_judged(a);
	size_t i;

	for (i = 0; i < t->n; i++)
		if (prefix_has(&v[i].net, a) || prefix_has(&v[i].net, &inside))
			return true;
	return false;
}

/* The value at p, which is known. */
static bool
holds(const struct expr *e, const struct expr_test *t, const struct field *f,
    const void *p)
{
	const union expr_value *v = e->value + t->first;

	if (t->op == EXPR_THERE)
		return true;
	switch (t->field.kind) {
	case EXPR_TEXT:
		return text(t, v, *field_str(f, p));
	case EXPR_NUMBER:
	case EXPR_PORT:
	case EXPR_TIME:
		return number(t, v, field_number(f, p));
	case EXPR_ADDRESS:
		return address(t, v, field_addr(f, p));
	}
	return false;
}

static bool
message(const struct expr *e, const struct expr_test *t,
    const struct message *m)
{
	const char *id = msgid_names[m->id].name;
	const struct field *f = t->field.f;

	if (t->field.msgid)
		return t->op == EXPR_THERE || text(t, e->value + t->first,
		    (struct str){ id, strlen(id) }) != t->no;
	if (t->field.other != NULL && !(f->msgids >> m->id & 1))
		f = t->field.other;
	return field_is_known(f, m) && holds(e, t, f, m) != t->no;
}

/* Whether one of these processes has it; with `no`, whether it is known of
   one and none has it. */
static bool
generations(const struct expr *e, const struct expr_test *t,
    const struct message *m)
{
	bool known = false, one = false;
	size_t i;

	for (i = 0; i < m->ngen && !one; i++)
		if ((t->field.dist == EXPR_ANY ||
		    t->field.dist == m->gen[i].dist) &&
		    field_is_known(t->field.f, m->gen + i)) {
			known = true;
			one = holds(e, t, t->field.f, m->gen + i);
		}
	return known && one != t->no;
}

static bool
eval(const struct expr *e, size_t i, const struct message *m)
{
	const struct expr_node *n = e->node + i;

	switch (n->join) {
	case EXPR_AND:
		return eval(e, n->left, m) && eval(e, n->right, m);
	case EXPR_OR:
		return eval(e, n->left, m) || eval(e, n->right, m);
	case EXPR_NOT:
		return !eval(e, n->left, m);
	case EXPR_TEST:
		break;
	}
	return n->test.field.f->generation ? generations(e, &n->test, m) :
	    message(e, &n->test, m);
}

bool
expr_match(const struct expr *e, const struct message *m)
{
	return eval(e, e->root, m);
}

bool
expr_asks(const struct expr *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->nnodes; i++)
		if (e->node[i].join == EXPR_TEST &&
		    strcmp(e->node[i].test.field.f->name, name) == 0)
			return true;
	return false;
}

static bool
fixes(const struct expr *e, size_t i, const char *name)
{
	const struct expr_node *n = e->node + i;
	const struct expr_test *t = &n->test;

	switch (n->join) {
	case EXPR_AND:
		return fixes(e, n->left, name) || fixes(e, n->right, name);
	case EXPR_OR:
		return fixes(e, n->left, name) && fixes(e, n->right, name);
	case EXPR_NOT:
		return false;
	case EXPR_TEST:
		break;
	}
	return !t->no && (t->op == EXPR_EQUAL || t->op == EXPR_IN) &&
	    t->field.dist == 0 && strcmp(t->field.f->name, name) == 0;
}

bool
expr_fixes(const struct expr *e, const char *name)
{
	return fixes(e, e->root, name);
}

static const struct expr_test *
first(const struct expr *e)
{
	size_t i = e->root;

	while (e->node[i].join == EXPR_AND)
		i = e->node[i].left;
	return e->node[i].join == EXPR_TEST ? &e->node[i].test : NULL;
}

bool
expr_first(const struct expr *e, const struct field **f, bool *any)
{
	const struct expr_test *t = first(e);

	if (t == NULL || t->op != EXPR_MATCH || t->no || t->field.msgid ||
	    t->field.other != NULL ||
	    (t->field.dist != 0 && t->field.dist != EXPR_ANY))
		return false;
	*f = t->field.f;
	*any = t->field.dist == EXPR_ANY;
	return true;
}

bool
expr_first_matches(const struct expr *e, struct str value)
{
	const struct expr_test *t = first(e);

	return text(t, e->value + t->first, value);
}

size_t
expr_patterns(const struct expr *e)
{
	return e->npatterns;
}

size_t
expr_work(const struct expr *e, size_t processes)
{
	size_t work = 0, i;

	for (i = 0; i < e->nnodes; i++)
		if (e->node[i].join == EXPR_TEST)
			work += (1 + e->node[i].test.n) *
			    (e->node[i].test.field.f->generation ?
			    processes : 1);
	return work;
}

void
expr_free(struct expr *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->npatterns; i++) {
		regfree(&e->pattern[i]->re);
		free(e->pattern[i]);
	}
	free(e->node);
	free(e->value);
	free(e->mem);
	free(e);
}
