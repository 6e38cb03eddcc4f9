/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of the control socket: lines in, lines out, both bounded.  Whoever
 * does not read is never waited for: events that do not fit are counted, and
 * he is told how many before the next.
 */
#ifndef PIDTREED_WATCHER_H
#define PIDTREED_WATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"

#define WATCHER_QUEUE	(256 * 1024)	/* bytes of events that wait */
#define WATCHER_TURNS	8	/* lines that are read of one, each tick */
#define WATCHER_BAD	5	/* lines that were none, then it is over */
#define WATCHER_IDLE	600	/* ticks without a line, if it does not watch */
#define WATCHER_LINGER	20	/* ticks to read the last words */

#define WATCHER_PRIORITY 2	/* of libevent, the last of three */

struct event_base;
struct expr;
struct watcher;

/* A line without its newline; false: it was none. */
typedef bool watcher_line(void *arg, struct watcher *, const char *, size_t);
/* May it be served a line?  Counts it. */
typedef bool watcher_turn(void *arg);

struct watcher_owner {
	watcher_line *line;
	watcher_turn *turn;
	void *arg;
};

/* Takes the descriptor, which is non-blocking; NULL with errno, and then it
   stays the caller's.  Borrows the owner. */
struct watcher *watcher_new(struct event_base *, int fd, const struct peer *,
    const struct watcher_owner *);
const struct peer *watcher_peer(const struct watcher *);
/* An answer; the newline is added.  It always fits: no line is read while
   answers wait. */
void watcher_say(struct watcher *, const char *, size_t);
/* The same for an error, in printable text. */
void watcher_complain(struct watcher *, const char *);
/* Events from now on, those that this is true of (NULL: all; taken). */
void watcher_watch(struct watcher *, struct expr *);
bool watcher_watches(const struct watcher *);
const struct expr *watcher_where(const struct watcher *);
/* An event, with its newline; true if it did not fit. */
bool watcher_event(struct watcher *, const char *, size_t);
/* One that it does not get, and is told of. */
void watcher_lose(struct watcher *);
/* After half a second.  True: it is over, to be freed. */
bool watcher_tick(struct watcher *);
/* What the socket takes at once is still written. */
void watcher_free(struct watcher *);

#endif
