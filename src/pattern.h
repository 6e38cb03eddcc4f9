/* SPDX-License-Identifier: BSD-2-Clause */
/* Which regular expressions are taken: POSIX extended ones whose time and
   memory have a bound; and what is found only where a text is. */
#ifndef PIDTREED_PATTERN_H
#define PIDTREED_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_MAX	256	/* bytes */
#define PATTERN_NEEDS	8	/* texts */
#define PATTERN_SHORTEST 2	/* bytes of one */

/* Texts of which a value that the expression is true of has one at least;
   n == 0: there are no such. */
struct pattern_text {
	uint16_t at, len;	/* in mem */
};
struct pattern_needs {
	size_t n;
	struct pattern_text v[PATTERN_NEEDS];
	char mem[PATTERN_MAX];
};

/* NULL, or what is wrong, a constant text; regcomp(3) may find more. */
const char *pattern_unsuitable(const char *);
/* Of an expression that is suitable and that regcomp(3) has taken. */
void pattern_needs(const char *, struct pattern_needs *);
/* Behind the bracket expression that begins at s. */
const char *pattern_behind_set(const char *s);

#endif
