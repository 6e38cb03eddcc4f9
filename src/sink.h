/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where messages go: rsyslog's socket, a file, or standard output.  Never
 * blocks; what the target does not take waits in a bounded queue.
 */
#ifndef PIDTREED_SINK_H
#define PIDTREED_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct event_base;
struct sink;

/* The target took (or, kept = false, the queue had to drop) the message
   that was given with this token. */
typedef void sink_done(void *arg, uint64_t token, bool kept);

/* NULL with errno; logs nothing but changes of state (log_info, log_warn).
   Call while still root: SO_SNDBUFFORCE, the file's directory. */
struct sink *sink_open(const struct conf *, bool to_stdout,
    struct event_base *, sink_done *, void *arg);
/* Takes a copy; len <= RFC5424_MAX; token 0: no call of done. */
void sink_write(struct sink *, const char *msg, size_t len, uint64_t token);
/* Is there room for one more message of full size? */
bool sink_room(const struct sink *);
/* Tries to empty the queue, at most ms; for the stop. */
void sink_flush(struct sink *, unsigned ms);
void sink_reopen(struct sink *);		/* SIGHUP */
const char *sink_target(const struct sink *);	/* "socket:/path", ... */
size_t sink_queued(const struct sink *);	/* messages */
uint64_t sink_dropped(const struct sink *);	/* since sink_open */
void sink_close(struct sink *);

#endif
