/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: who watches live, asks how it is, or changes rules.
 * What it costs is bounded, whatever clients do: so many clients, lines and
 * bytes, and its events come after all others in the loop.
 */
#ifndef PIDTREED_WATCH_H
#define PIDTREED_WATCH_H

#include <stddef.h>
#include <sys/types.h>

#include "message.h"

#define WATCH_DIRECTORY RUNSTATEDIR "/pidtreed/watch"	/* of the sockets */
#define WATCH_LINK	RUNSTATEDIR "/pidtreed/control"	/* to `default` */
#define WATCH_GROUP	"adm"
#define WATCH_PROTOCOL 1

#define WATCH_CLIENTS	64
#define WATCH_FOR_ROOT 8	/* of these */
#define WATCH_TURNS	32	/* lines of all clients, in half a second */
#define WATCH_BYTES	(4 << 20) /* of events to all clients, the same */
#define WATCH_WORK	(8 << 20) /* values compared for them all, the same */
#define WATCH_ACCEPTS	32	/* new ones, in half a second */

struct watch;
struct daemon;
struct fjson_object;

/*
 * Listens at WATCH_DIRECTORY/instance.  NULL after one line to log_warn: it
 * is done without.  As root (before it is left) it makes the directory.
 * Borrows the daemon.
 */
struct watch *watch_open(struct daemon *, const char *instance,
    uid_t account);
/* This message was written, as these n bytes.  c may be NULL. */
void watch_message(struct watch *, const struct message *,
    const char *line, size_t n);
/* Every half second.  c may be NULL. */
void watch_tick(struct watch *);
/* "clients" of a status. */
void watch_describe(const struct watch *, struct fjson_object *);
void watch_close(struct watch *);

#endif
