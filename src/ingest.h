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
/* One datagram.  Reconnects by itself, once, if the reader was replaced. */
enum put ingest_put(struct ingest *, const char *msg, size_t len);
/* Is another socket at the path than the one that was connected? */
bool ingest_replaced(const struct ingest *);
int ingest_fd(const struct ingest *);
void ingest_close(struct ingest *);

#endif
