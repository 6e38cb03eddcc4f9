/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From an attempt to a message: the line of birth out of the kernel's
 * records, what the event itself saw of the living, names beside the numbers.
 */
#ifndef PIDTREED_LINEAGE_H
#define PIDTREED_LINEAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "message.h"

struct boxes;
struct conf;
struct kernel;
struct lineage;
struct names;

/* boot: host_boot().  NULL: ENOMEM.  Borrows all of its arguments. */
struct lineage *lineage_new(const struct conf *, const struct kernel *,
    struct names *, struct boxes *, const char *boot);
/* After a reload: what was rendered under the old configuration goes. */
void lineage_set_conf(struct lineage *, const struct conf *);
/*
 * Fills in the event and its ancestry; m is new.  offset_us: real time minus
 * boot time.  What m points to lives until the next call.  False: it is nothing
 * that is logged.
 */
bool lineage_fill(struct lineage *, const struct attempt *,
    int64_t offset_us, struct message *);
/* The same for how it ended: without ancestry. */
void lineage_fill_ending(struct lineage *, const struct ending *,
    int64_t offset_us, struct message *);
const int64_t *lineage_counters(struct lineage *);  /* ucounter */
void lineage_free(struct lineage *);

#endif
