/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the expressions share. */
#ifndef PIDTREED_EXPR_IMPL_H
#define PIDTREED_EXPR_IMPL_H

#include <regex.h>

#include "buf.h"
#include "expr.h"
#include "fields.h"
#include "pattern.h"
#include "prefix.h"

#define EXPR_ANY	(-1)	/* instead of a distance: any generation */

/* What a field is compared as. */
enum expr_kind {
	EXPR_TEXT, EXPR_NUMBER, EXPR_PORT, EXPR_TIME, EXPR_ADDRESS
};

enum expr_op {
	EXPR_EQUAL, EXPR_MATCH, EXPR_LESS, EXPR_MORE, EXPR_IN, EXPR_THERE
};

struct expr_field {
	const struct field *f, *other;	/* in other messages it may be another
				   row; NULL: it is not */
	enum expr_kind kind;
	bool msgid;		/* no row of the table: the MSGID */
	bool fold;		/* upper and lower case are the same */
	int64_t dist;		/* of a generation, or EXPR_ANY */
};

struct expr_pattern {
	regex_t re;
	struct pattern_needs needs;
};

union expr_value {
	struct str text;
	struct { int64_t from, to; } range;	/* both are in it */
	struct prefix net;	/* an address is one of 128 bits */
	struct expr_pattern *pattern;	/* one of the expression's */
};

struct expr_test {
	struct expr_field field;
	enum expr_op op;
	bool no;		/* != !~ >= <= not in */
	size_t first, n;	/* of the values */
};

enum expr_join { EXPR_TEST, EXPR_NOT, EXPR_AND, EXPR_OR };

struct expr_node {
	enum expr_join join;
	size_t left, right;	/* NOT has left alone, TEST none */
	struct expr_test test;
};

struct expr {
	struct expr_node *node;
	size_t nnodes, root;
	union expr_value *value;
	size_t nvalues;
	struct expr_pattern *pattern[EXPR_PATTERNS];
	size_t npatterns;
	char *mem;		/* of the texts: as long as the expression */
	size_t used;
};

enum expr_token {
	TOKEN_END, TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA,
	TOKEN_OPERATOR, TOKEN_BAD
};

/* A text that is read.  The next token is where `at` is. */
struct expr_lex {
	const char *text;
	size_t n, at;		/* at: behind the token */
	enum expr_token token;
	size_t from;		/* of the token */
	bool quoted;
	struct expr_error *error;
};

/* To the next token; a value may have = ! < > ~ inside.  TOKEN_BAD: the
   complaint was made. */
void expr_next(struct expr_lex *);
void expr_next_value(struct expr_lex *);
/* The token is this word, without quotes. */
bool expr_is_word(const struct expr_lex *, const char *);
/* The word, without its quotes, into out (as many bytes as the text has are
   enough); its length. */
size_t expr_word(const struct expr_lex *, char *out);
/* `WHAT, found TOKEN`, at the token. */
void expr_expected(struct expr_lex *, const char *what);
/* At this offset, unless there was a complaint before. */
void expr_complain(struct expr_lex *, size_t at, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* The word (n bytes) as a name.  False: *why says what is wrong. */
bool expr_field(struct expr_field *, const char *name, size_t n,
    unsigned msgids, struct buf *why);
/* Is this operator one of the field's?  Else what the field is, and which
   it has. */
const char *expr_refuses(const struct expr_field *, enum expr_op);

/* The n bytes at s as what the field is compared with; a text stays where it
   is.  False: *why. */
bool expr_value(union expr_value *, const struct expr_test *, char *s,
    size_t n, int64_t now, struct buf *why);

#endif
