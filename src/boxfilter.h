/* SPDX-License-Identifier: BSD-2-Clause */
/* Which containers' connections are logged: container.exclude and include. */
#ifndef PIDTREED_BOXFILTER_H
#define PIDTREED_BOXFILTER_H

#include <stdbool.h>

#include "buf.h"
#include "items.h"
#include "message.h"

#define BOXFILTER_ITEMS	64	/* of a list */
#define BOXFILTER_TERMS	6	/* of an item */

struct boxfilter;

/* Is the item KEY=PATTERN [KEY=PATTERN ...]?  -1: *why says what is wrong. */
int boxfilter_check(const char *item, struct buf *why);
/* Of items that were checked.  NULL: ENOMEM.  Borrows the lists. */
struct boxfilter *boxfilter_new(const struct items *exclude,
    const struct items *include);
/*
 * Is a message about a process in (or not in) this container logged?  What is
 * not known of it is no reason to leave the message out.
 */
bool boxfilter_logs(const struct boxfilter *, const struct message *);
/* `exclude ITEM | ITEM; include ...`, or NULL: everything is logged. */
const char *boxfilter_text(const struct boxfilter *);
void boxfilter_free(struct boxfilter *);

#endif
