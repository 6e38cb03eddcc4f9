/* SPDX-License-Identifier: BSD-2-Clause */
/* The sender's side of the socket that rsyslog reads. */
#ifndef PIDTREED_INGEST_H
#define PIDTREED_INGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "put.h"

struct ingest;

/* NULL with errno (ENAMETOOLONG: a socket's path has at most 107 bytes).
   Not yet connected; SO_SNDBUFFORCE wants root and is done without if need
   be. */
struct ingest *ingest_open(const char *path);
/* 0, or -1 with errno; on the same descriptor, as often as needed. */
int ingest_connect(struct ingest *);
/* One datagram.  Reconnects by itself if the reader has gone; PUT_AGAIN: there
   is another one, which has got nothing yet. */
enum put ingest_put(struct ingest *, const char *msg, size_t len);
/*
 * How much of what was sent the reader has not read: bytes, more than the
 * messages have.  INGEST_UNKNOWN: nobody is there to read it; INGEST_OTHER:
 * there is another reader by now, connected, and all that was not known to be
 * read before may be lost.
 */
#define INGEST_UNKNOWN	((size_t)-1)
#define INGEST_OTHER	((size_t)-2)
size_t ingest_unread(struct ingest *);
/* The same, but true only if the next message is taken (PUT_OK). */
size_t ingest_unread_maybe(const struct ingest *);
/* Is another socket at the path than the one that was connected? */
bool ingest_replaced(const struct ingest *);
/* The next ingest_put goes to whoever is at the path then. */
void ingest_leave(struct ingest *);
int ingest_fd(const struct ingest *);
void ingest_close(struct ingest *);

#endif
