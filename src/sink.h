/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where messages go: rsyslog's socket, a file, or standard output.  Never
 * blocks; what the target does not take waits in a bounded queue.
 *
 * target "socket": rsyslog's socket; while it is missing or refuses,
 * messages wait and it is tried again, at least once a second.  What it took
 * is sent again, before all else, if its reader went without having read it;
 * also what was read in the last tenth of a second, which is not yet known.
 * target "file": the file.
 * target "auto": the socket if it can be connected.  If even its directory
 * is missing there is no rsyslog of ours: the file, at once.  Otherwise
 * rsyslog may be about to start (at boot, or when the package is being
 * installed): messages wait for it, for at most 10 seconds or until the queue
 * is full; then the file.  From the file it goes over to the socket as soon as
 * that can be connected, and never back: a rsyslog that is down is waited for.
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
   that was given with this token: exactly once per token, maybe before
   sink_write returns.  Must not call sink_*. */
typedef void sink_done(void *arg, uint64_t token, bool kept);

/*
 * NULL with errno; logs nothing but changes of state (log_info, log_warn).
 * Call while still root: SO_SNDBUFFORCE, the file's directory (outfile.h).
 * Borrows conf until sink_close.
 */
struct sink *sink_open(const struct conf *, bool to_stdout,
    struct event_base *, sink_done *, void *arg);
/* Takes a copy; len <= RFC5424_MAX; token 0: no call of done. */
void sink_write(struct sink *, const char *msg, size_t len, uint64_t token);
/* Is there room for one more message of full size?  Beyond it there is
   a reserve of 512 KiB for the collector's own messages. */
bool sink_room(const struct sink *);
/* Is half of that room free again?  Then it is time to go on reading. */
bool sink_low(const struct sink *);
/* Tries to empty the queue, at most ms; for the stop. */
void sink_flush(struct sink *, unsigned ms);
/* The socket's reader was killed, and somebody keeps the socket for another:
   the message that it had read last goes again, before all else. */
void sink_reader_died(struct sink *);
/* SIGHUP: the file anew, if it was renamed or removed; that is also looked at
   once a second. */
void sink_reopen(struct sink *);
/* "socket:/path", "file:/path", "stdout"; "waiting:/path" while "auto" has
   not decided.  Borrowed until the next call of sink_*. */
const char *sink_target(const struct sink *);
/* Has the reader of standard output gone?  The loop has been ended then
   (event_base_loopexit), and every message counts as dropped. */
bool sink_ended(const struct sink *);
size_t sink_queued(const struct sink *);	/* messages */
size_t sink_unread(const struct sink *);	/* given to the socket, and not
						   known to have been read */
uint64_t sink_dropped(const struct sink *);	/* since sink_open */
/* What is still queued counts as dropped. */
void sink_close(struct sink *);

#endif
