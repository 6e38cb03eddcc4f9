/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What coverage needs of each message, read without the rest: a log has
 * millions of them, and all but a few are of no other interest.
 */
#ifndef PIDTREED_LOOKUP_LIGHT_H
#define PIDTREED_LOOKUP_LIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

/* Strings are borrowed from the line, and as they are written there. */
struct light {
	enum msgid id;
	int64_t time;			/* us since 1970 */
	struct str hostname;
	int64_t procid, seq;		/* NUM_NONE: not known */
	struct str hostid, boot;
};

/* Does such a message begin something, with the line behind it? */
static inline bool
light_begins(enum msgid id)
{
	return id == MSG_CONNECT || id == MSG_UDP;
}

/* What processes did, of which there is much: connections, questions. */
static inline bool
light_much(enum msgid id)
{
	return light_begins(id) || id == MSG_DNS;
}

/* One of our messages as record_find gives it (RFC 5424).  False if it is
   not what our writer writes; rfc5424_parse can then say why. */
bool light_read(struct light *, const char *msg, size_t n);

#endif
