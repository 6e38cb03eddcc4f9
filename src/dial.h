/* SPDX-License-Identifier: BSD-2-Clause */
/* The command's side of the control socket: pidtreed-control(7). */
#ifndef PIDTREED_DIAL_H
#define PIDTREED_DIAL_H

#include <stdbool.h>
#include <stddef.h>

struct dial;
struct fjson_object;

/* The longest line that a collector sends has a message, escaped. */
#define DIAL_LINE	(64 * 1024)
#define DIAL_SECONDS	10	/* an answer takes no longer */

/* What is opened: a path, or the socket of this instance. */
const char *dial_path(const char *instance, char *mem, size_t size);
/*
 * Connects, reads the greeting, asks: name, and if member is not NULL that
 * member with this value.  NULL after a line to log_error, unless `quiet` and
 * nobody is there (errno says why).
 */
struct dial *dial_ask(const char *path, const char *name, const char *member,
    const char *value, bool quiet);
/* The next line as an object, the caller's.  NULL with errno: 0 if the
   collector has ended it.  patient: waits for ever. */
struct fjson_object *dial_next(struct dial *, bool patient);
/* Is another line there already? */
bool dial_waits(const struct dial *);
/* What has it complained of?  NULL: nothing; borrowed from the object. */
const char *dial_error(struct fjson_object *);
void dial_close(struct dial *);

#endif
