/* SPDX-License-Identifier: BSD-2-Clause */
/* Values into a message, escaped: the inner loop of the writer. */
#ifndef PIDTREED_EMIT_H
#define PIDTREED_EMIT_H

#include <stddef.h>

/* Bytes that may be written behind an end that is given here. */
#define EMIT_SLACK	8

/* What is escaped in a value, and how; see text.h for \xHH. */
enum emit {
	EMIT_STR,	/* PARAM-VALUE: \xHH, then RFC 5424 6.3.3 */
	EMIT_TEXT,	/* PARAM-VALUE of clean text: its own \xHH stay */
	EMIT_COMM,	/* as EMIT_STR, and what separates in a chain */
	EMIT_MSG_COMM,	/* in the sentence: \xHH alone, separators too */
	EMIT_MSG,	/* in the sentence: clean text */
};

/* Writes s at p; returns the new p, or NULL if it would be beyond end (then
   bytes up to end + EMIT_SLACK may have been written). */
char *emit(char *p, const char *end, const char *s, size_t n, enum emit);
/* The same in at most size (>= 16) bytes: the middle becomes "...", nothing
   is cut within a character or an escape. */
char *emit_cut(char *p, size_t size, const char *s, size_t n, enum emit);

#endif
