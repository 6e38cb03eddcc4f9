/* SPDX-License-Identifier: BSD-2-Clause */
/* What rsyslog's socket took and nobody has read yet, as far as is known: when
   the socket goes, the kernel throws it away, and it is sent again.  Also the
   last that was read: its reader may die with it in its hands. */
#ifndef PIDTREED_UNREAD_H
#define PIDTREED_UNREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "queue.h"

struct unread;

struct unread *unread_new(void);	/* NULL with errno */
/* Takes a copy; the oldest make room.  true: time to ask what was read. */
bool unread_add(struct unread *, const char *msg, size_t len);
/* So many bytes, or fewer (the kernel counts more than the messages), are
   unread: the last ones. */
void unread_keep(struct unread *, size_t bytes);
/* The oldest; false: there is none. */
bool unread_first(const struct unread *, struct queued *);
/* It was sent again: becomes the newest. */
void unread_rotate(struct unread *);
/* The last that was read counts as unread again, if it is known. */
void unread_back(struct unread *);
size_t unread_count(const struct unread *);
void unread_free(struct unread *);

#endif
