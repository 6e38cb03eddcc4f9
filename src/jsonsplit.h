/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of JSON in pieces that fit into memory: values that follow one
 * another, elements of a list (see jsonstep.h).  What is damaged is told, and
 * left behind where the next value can be found.
 */
#ifndef PIDTREED_JSONSPLIT_H
#define PIDTREED_JSONSPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSONSPLIT_SIZE	(1 << 20)	/* bytes of a value, at most */

struct jsonsplit;

struct jsonsplit_value {
	const char *text;	/* borrowed until the next call */
	size_t n;
	uint64_t first_line;	/* where it begins, from 1 */
	/* Damage: */
	bool inside;		/* in a value, not between two; */
	uint64_t line, column;	/* where, in bytes, from 1; 0: the file */
	const char *why;	/* what was expected, what is there */
};

/* A file, plain or gzip; "-" is standard input.  NULL with errno; a
   directory is EISDIR. */
struct jsonsplit *jsonsplit_open(const char *path);
/*
 * 1: a value, complete and balanced, in which numbers, escapes and UTF-8 have
 * not been looked at; 0: the end; -1: damage, and it may be called again.
 */
int jsonsplit_next(struct jsonsplit *, struct jsonsplit_value *);
void jsonsplit_close(struct jsonsplit *);

#endif
