/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the text of an expression to its tree:
 *
 *	expression = term { "or" term }
 *	term       = factor { "and" factor }
 *	factor     = "not" factor | "(" expression ")" | comparison
 *	comparison = field [ operator value | ["not"] "in" list ]
 *	list       = value | "(" value { "," value } ")"
 */
#include <stdlib.h>
#include <string.h>

#include "expr_impl.h"

struct parse {
	struct expr_lex lex;
	struct expr *e;
	unsigned msgids;
	int64_t now;
	unsigned depth;
};

static size_t
add_node(struct parse *p, enum expr_join join, size_t left, size_t right)
{
	struct expr *e = p->e;

	if (e->nnodes == EXPR_NODES) {
		expr_complain(&p->lex, p->lex.from, "expected at most %d "
		    "comparisons, and, or, not", EXPR_NODES);
		return 0;
	}
	e->node[e->nnodes] = (struct expr_node){ .join = join,
	    .left = left, .right = right };
	return e->nnodes++;
}

/* The token at hand, a word, as a value of this test. */
static void
add_value(struct parse *p, struct expr_test *t)
{
	struct expr *e = p->e;
	char *s = e->mem + e->used, mem[200];
	struct buf why;
	size_t n;

	if (p->lex.token != TOKEN_WORD) {
		expr_expected(&p->lex, "a value");
		return;
	}
	if (e->nvalues == EXPR_VALUES || (t->op == EXPR_MATCH &&
	    e->npatterns == EXPR_PATTERNS)) {
		expr_complain(&p->lex, p->lex.from, "expected at most %d %s",
		    t->op == EXPR_MATCH ? EXPR_PATTERNS : EXPR_VALUES,
		    t->op == EXPR_MATCH ? "regular expressions" : "values");
		return;
	}
	n = expr_word(&p->lex, s);
	s[n] = '\0';
	e->used += n + 1;
	buf_init(&why, mem, sizeof(mem) - 1);
	if (memchr(s, '\0', n) != NULL)
		buf_adds(&why, "a NUL, expected \\x00 for it");
	else if (expr_value(e->value + e->nvalues, t, s, n, p->now, &why)) {
		if (t->op == EXPR_MATCH)
			e->pattern[e->npatterns++] =
			    e->value[e->nvalues].pattern;
		e->nvalues++;
		t->n++;
		return;
	}
	mem[why.len] = '\0';
	expr_complain(&p->lex, p->lex.from, "%s", mem);
}

static void
list(struct parse *p, struct expr_test *t)
{
	struct expr_lex *l = &p->lex;

	expr_next_value(l);
	if (l->token != TOKEN_OPEN) {
		add_value(p, t);
		return;
	}
	do {
		expr_next_value(l);
		add_value(p, t);
		expr_next(l);
	} while (l->token == TOKEN_COMMA);
	if (l->token != TOKEN_CLOSE)
		expr_expected(l, "\",\" or \")\"");
}

static void
set_op(struct expr_test *t, const char *s, size_t n)
{
	t->no = n == 2;
	switch (n == 2 && *s == '!' ? s[1] : *s) {
	case '=':
		t->op = EXPR_EQUAL;
		break;
	case '~':
		t->op = EXPR_MATCH;
		break;
	case '<':	/* <= is not > */
		t->op = t->no ? EXPR_MORE : EXPR_LESS;
		break;
	case '>':
		t->op = t->no ? EXPR_LESS : EXPR_MORE;
	}
}

static bool
allowed(struct parse *p, const struct expr_test *t)
{
	const char *why = expr_refuses(&t->field, t->op);

	if (why != NULL)
		expr_complain(&p->lex, p->lex.from, "\"%s\" is %s",
		    t->field.f->name, why);
	return why == NULL;
}

/* What comes after the field; a field alone asks whether it is there. */
static void
compare(struct parse *p, struct expr_test *t)
{
	struct expr_lex *l = &p->lex;

	t->op = EXPR_THERE;
	if (l->token == TOKEN_OPERATOR) {
		set_op(t, l->text + l->from, l->at - l->from);
		if (!allowed(p, t))
			return;
		expr_next_value(l);
		add_value(p, t);
		expr_next(l);
		return;
	}
	if (expr_is_word(l, "not")) {
		t->no = true;
		expr_next(l);
		if (!expr_is_word(l, "in")) {
			expr_expected(l, "in");
			return;
		}
	}
	if (expr_is_word(l, "in")) {
		t->op = EXPR_IN;
		list(p, t);
		expr_next(l);
	}
}

static size_t
comparison(struct parse *p)
{
	struct expr_lex *l = &p->lex;
	struct expr_test t = { .first = p->e->nvalues };
	char mem[200];
	struct buf why;
	size_t i;

	if (l->token != TOKEN_WORD || l->quoted) {
		expr_expected(l, "a field");
		return 0;
	}
	buf_init(&why, mem, sizeof(mem) - 1);
	if (!expr_field(&t.field, l->text + l->from, l->at - l->from,
	    p->msgids, &why)) {
		mem[why.len] = '\0';
		expr_complain(l, l->from, "%s", mem);
		return 0;
	}
	expr_next(l);
	compare(p, &t);
	i = add_node(p, EXPR_TEST, 0, 0);
	if (l->token != TOKEN_BAD)
		p->e->node[i].test = t;
	return i;
}

static size_t expression(struct parse *);

static size_t
factor(struct parse *p)
{
	struct expr_lex *l = &p->lex;
	bool no = expr_is_word(l, "not");
	size_t i = 0;

	if (!no && l->token != TOKEN_OPEN)
		return comparison(p);
	if (p->depth == EXPR_DEPTH) {
		expr_complain(l, l->from, "expected at most %d brackets and "
		    "not, one in the other", EXPR_DEPTH);
		return 0;
	}
	p->depth++;
	expr_next(l);
	if (no)
		i = add_node(p, EXPR_NOT, factor(p), 0);
	else {
		i = expression(p);
		if (l->token != TOKEN_CLOSE)
			expr_expected(l, "and, or, or \")\"");
		expr_next(l);
	}
	p->depth--;
	return i;
}

static size_t
term(struct parse *p)
{
	size_t i = factor(p);

	while (expr_is_word(&p->lex, "and")) {
		expr_next(&p->lex);
		i = add_node(p, EXPR_AND, i, factor(p));
	}
	return i;
}

static size_t
expression(struct parse *p)
{
	size_t i = term(p);

	while (expr_is_word(&p->lex, "or")) {
		expr_next(&p->lex);
		i = add_node(p, EXPR_OR, i, term(p));
	}
	return i;
}

/* What the parse needs at most; the caller frees it, whatever is missing. */
static struct expr *
blank(size_t n)
{
	struct expr *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	/* A word and its end: never more than twice the text. */
	e->mem = malloc(2 * n + 2);
	e->node = malloc(EXPR_NODES * sizeof(*e->node));
	e->value = malloc(EXPR_VALUES * sizeof(*e->value));
	if (e->mem != NULL && e->node != NULL && e->value != NULL)
		return e;
	expr_free(e);
	return NULL;
}

/* Gives back what was not needed. */
static void
shrink(struct expr *e)
{
	void *p;

	if ((p = realloc(e->node, e->nnodes * sizeof(*e->node))) != NULL)
		e->node = p;
	if (e->nvalues > 0 && (p = realloc(e->value,
	    e->nvalues * sizeof(*e->value))) != NULL)
		e->value = p;
}

struct expr *
expr_new(const char *text, size_t n, unsigned msgids, int64_t now,
    struct expr_error *error)
{
	struct parse p = { .lex = { .text = text, .n = n, .error = error },
	    .msgids = msgids, .now = now };

	*error = (struct expr_error){ 0, "" };
	if (n > EXPR_LENGTH) {
		expr_complain(&p.lex, EXPR_LENGTH, "expected at most %d bytes",
		    EXPR_LENGTH);
		return NULL;
	}
	if ((p.e = blank(n)) == NULL) {
		strcpy(error->text, "out of memory");
		return NULL;
	}
	expr_next(&p.lex);
	p.e->root = expression(&p);
	if (p.lex.token != TOKEN_END)
		expr_expected(&p.lex, "and, or, or the end");
	if (p.lex.token == TOKEN_BAD) {
		expr_free(p.e);
		return NULL;
	}
	shrink(p.e);
	return p.e;
}
