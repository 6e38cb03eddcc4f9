/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our message in a line as others wrote it: rsyslog's RFC 5424 template, any
 * prefix in front of the header, PRI and version lost, or a line of JSON
 * with the message inside.
 */
#ifndef PIDTREED_RECORD_H
#define PIDTREED_RECORD_H

#include <stddef.h>

struct record;

enum record_kind {
	RECORD_MESSAGE,
	RECORD_FOREIGN,		/* not ours */
	RECORD_BARE,		/* ours, but a template left out the
				   header or the structured data */
};

/* NULL: no memory. */
struct record *record_new(void);
/*
 * Looks for the message in a line (without its newline); *msg is then a
 * message for rfc5424_parse, borrowed from the line or until the next call.
 */
enum record_kind record_find(struct record *, const char *line, size_t n,
    const char **msg, size_t *len);
void record_free(struct record *);

#endif
