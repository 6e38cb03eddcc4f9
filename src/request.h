/* SPDX-License-Identifier: BSD-2-Clause */
/* What a client of the control socket asks for: a line, one JSON object;
   pidtreed-control(7) has the protocol. */
#ifndef PIDTREED_REQUEST_H
#define PIDTREED_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define REQUEST_LINE	16384	/* bytes, its newline included */
#define REQUEST_WHERE	2048	/* bytes of an expression */
#define REQUEST_NAME	256	/* bytes of a rule's name */

enum request_do {
	DO_STATUS, DO_TRACE, DO_RULES, DO_ADD, DO_REMOVE,
	NREQUESTS
};

struct expr;
struct fjson_object;

struct request {
	enum request_do todo;
	struct expr *where;	/* trace; NULL: all */
	const char *rule;	/* add: YAML, remove: a name; NUL-terminated */
	size_t rule_len;
	struct fjson_object *json;
};

/*
 * Reads a line without its newline.  -1: *why says what was expected, in
 * printable text, and there is nothing to free.  An expression must do
 * without regular expressions: how long these take, those who ask decide.
 */
int request_read(struct request *, const char *line, size_t n,
    struct buf *why);
bool request_changes(const struct request *);	/* for root alone */
void request_free(struct request *);

#endif
