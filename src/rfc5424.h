/* SPDX-License-Identifier: BSD-2-Clause */
/* The message on the wire: writer and parser, inverses of each other. */
#ifndef PIDTREED_RFC5424_H
#define PIDTREED_RFC5424_H

#include "buf.h"
#include "message.h"

#define RFC5424_MAX	8000	/* bytes of a message, at most */
#define RFC5424_VALUE	4000	/* bytes of a value as written, at most */

/*
 * Writes m into out (RFC5424_MAX bytes are always enough), shortening as
 * pidtreed.log(5) says.  m's cut, truncated and the like are worked out here;
 * m itself is not changed.  Returns the length, no newline, no NUL.
 */
size_t rfc5424_write(const struct message *m, char out[RFC5424_MAX]);

/*
 * Reads one line (without the newline) into m; strings are put into mem and
 * live as long as it does (n + 1024 bytes are always enough).  SD-IDs are
 * taken with any number after the @, unknown elements and parameters are
 * skipped.  Returns 0, or -1 with *where the offset and *why a constant text.
 */
int rfc5424_parse(struct message *m, const char *line, size_t n,
    char *mem, size_t memsize, size_t *where, const char **why);

#endif
