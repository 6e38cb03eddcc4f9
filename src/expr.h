/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions over the fields of a message: `exe = /usr/bin/curl and not
 * dst in 203.0.113.0/24`.  The names are those of the field table; what the
 * language is, pidtree(1) says.
 */
#ifndef PIDTREED_EXPR_H
#define PIDTREED_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "prefix.h"

/* Bounds: what is beyond them is refused. */
#define EXPR_LENGTH	16384	/* bytes */
#define EXPR_NODES	512	/* comparisons, and, or, not */
#define EXPR_DEPTH	32	/* of brackets and not */
#define EXPR_VALUES	1024
#define EXPR_PATTERNS	32	/* regular expressions, see pattern.h */
#define EXPR_SUBJECT	4096	/* bytes of a value that they look at */

#define EXPR_ANY_MESSAGE	((1u << NMSGIDS) - 1)

struct expr;
struct field;

struct expr_error {
	unsigned column;	/* characters, from 1; 0: no memory */
	char text[256];		/* what is wrong and what was expected, clean */
};

/*
 * The n bytes at text, compiled.  msgids are the messages that it is for (1 <<
 * enum msgid): fields that none of them carries are refused.  now is what
 * times like -2h are before (us since 1970); NUM_NONE: there is no such time.
 * NULL: *error says where and why.
 */
struct expr *expr_new(const char *text, size_t n, unsigned msgids, int64_t now,
    struct expr_error *error);
/*
 * Is it true of m?  A comparison with a field that m does not have is false,
 * != too; of any generation, != says that it is none of them.  Keeps no
 * state: threads may share an expression.
 */
bool expr_match(const struct expr *, const struct message *m);
/* Does it ask for the field of this name, of any process? */
bool expr_asks(const struct expr *, const char *name);
/* Is the field of this name, of the message or the caller, always one of some
   given values (= or in) where it is true? */
bool expr_fixes(const struct expr *, const char *name);
/*
 * Is what is asked first a regular expression, without which nothing else is
 * asked and the expression is false?  Then its field, of all processes (any)
 * or of the message or the caller; and whether a value of it matches.
 */
bool expr_first(const struct expr *, const struct field **, bool *any);
bool expr_first_matches(const struct expr *, struct str value);
size_t expr_patterns(const struct expr *);	/* regular expressions in it */
/* Values that are compared, at most, of a message of so many processes. */
size_t expr_work(const struct expr *, size_t processes);
/* A parameter of a message, as it is written in a line. */
struct expr_literal {
	const char *name;
	bool generation;	/* of any process: name, name1, name2 ... */
	bool part;		/* value is somewhere in it */
	struct str value;	/* borrowed; s == NULL: an address in net */
	struct prefix net;	/* an address is one of 128 bits */
};

/*
 * At most `most` parameters, of which every message that the expression is
 * true of has one at least, so that others need not be read.  0: there are
 * no such, or more.  parts: also what regular expressions need of a value,
 * its first EXPR_SUBJECT bytes.
 */
size_t expr_literals(const struct expr *, bool parts, struct expr_literal *,
    size_t most);
void expr_free(struct expr *);

#endif
