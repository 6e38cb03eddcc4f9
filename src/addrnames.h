/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names for addresses, from files in the form of hosts(5), which are read
 * again when they change.  Nothing is asked from the network.
 */
#ifndef PIDTREED_ADDRNAMES_H
#define PIDTREED_ADDRNAMES_H

#include "items.h"
#include "message.h"

#define ADDRNAMES_FILES	16
#define ADDRNAMES_BYTES	(4 << 20)	/* of all files together */
#define ADDRNAMES_MAX	65536		/* addresses */
#define ADDRNAMES_NAME	255		/* bytes of a name */

struct addrnames;

/*
 * Reads the files.  What cannot be used of them is said once (log_warn),
 * with file and line, and again when a file has changed.  NULL: ENOMEM.
 */
struct addrnames *addrnames_new(const struct items *paths);
/* The same for other files, after a reload.  Copies the paths. */
void addrnames_set(struct addrnames *, const struct items *paths);
/* Reads them all again if one has changed; looks every 2 s at most. */
void addrnames_tick(struct addrnames *);
/* Names src and dst.  Borrowed until the next tick. */
void addrnames_stamp(const struct addrnames *, struct message *);
void addrnames_free(struct addrnames *);

#endif
