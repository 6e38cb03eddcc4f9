/* SPDX-License-Identifier: BSD-2-Clause */
/* The one place where messages go at a time; sink.h has the policy. */
#ifndef PIDTREED_TARGET_H
#define PIDTREED_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "put.h"

struct conf;
struct target;

/* NULL with errno.  Borrows conf. */
struct target *target_open(const struct conf *, bool to_stdout);
/* "auto" that has not decided: the socket if it is there, the file if it
   does not come in time, or at once.  0: decided, -1 with errno: not yet. */
int target_decide(struct target *, bool at_once);
bool target_decided(const struct target *);
/* After PUT_WAIT and PUT_RETRY the same message has to come first. */
enum put target_put(struct target *, const char *msg, size_t len);
/* Does it take a message before it is safe, so that it may have to be sent
   again?  As ingest_unread (ingest.h) then. */
bool target_forgets(const struct target *);
size_t target_unread(struct target *);
size_t target_unread_maybe(const struct target *);
/* To wait for after PUT_WAIT.  It may change with every other call. */
int target_fd(const struct target *);
/* The file anew if it was renamed or removed, as logrotate does. */
void target_reopen(struct target *);
/* Once a second while target_watch or stuck (a message waits): looks for a
   file that was renamed or removed, a socket that appeared (auto) or was
   replaced. */
void target_tick(struct target *, bool stuck);
bool target_watch(const struct target *);
const char *target_name(const struct target *);		/* "file:/path" */
const char *target_place(const struct target *);	/* "/path" */
void target_close(struct target *);

#endif
