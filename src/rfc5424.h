/* SPDX-License-Identifier: BSD-2-Clause */
/* The message on the wire: writer and parser, inverses of each other. */
#ifndef PIDTREED_RFC5424_H
#define PIDTREED_RFC5424_H

#include "buf.h"
#include "message.h"

#define RFC5424_MAX	8000	/* bytes of a message, at most */
#define RFC5424_VALUE	4000	/* bytes of a value as written, at most */
#define RFC5424_HOSTNAME 255	/* bytes of header fields (RFC 5424 6) */
#define RFC5424_APPNAME	48
#define RFC5424_SEQ	2147483647	/* sequenceId; then 1 again (7.3.1) */

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
 * skipped.  What the writer derives (chain, text) is set.
 * Returns 0, or -1 with *where the offset and *why a constant text; then m
 * is not to be used.
 */
int rfc5424_parse(struct message *m, const char *line, size_t n,
    char *mem, size_t memsize, size_t *where, const char **why);

#endif
