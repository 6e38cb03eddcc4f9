/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the collector says of itself: START, STOP, RELOAD, STATS, LOST, CLOCK,
 * HOST.  These make a "no" in the log provable.
 */
#ifndef PIDTREED_REPORT_H
#define PIDTREED_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "message.h"

struct conf;
struct daemon;
struct report;

/* NULL: ENOMEM.  Borrows the daemon. */
struct report *report_new(struct daemon *);
void report_free(struct report *);
/* START, STOP, RELOAD, STATS: what is in force and what was counted. */
void report_state(struct report *, enum msgid);
void report_host(struct report *);
/* Will the next collector find what is in the kernel now? */
bool report_stays(const struct report *);
/* The new configuration's intervals, and what only a restart changes. */
void report_conf(struct report *, const struct conf *);
/* Twice a second: LOST, STATS, HOST, the pass and the watchdog when due. */
void report_tick(struct report *);
/* The offset to use: CLOCK was written if it was stepped. */
int64_t report_offset(struct report *, int64_t offset_us);
/* Everything that is counted, the kernel's and ours, as of the last tick;
   false: i is beyond. */
struct report_count {
	const char *name;
	enum counter_class class;
	uint64_t n;
};
bool report_count(const struct report *, size_t i, struct report_count *);
int64_t report_rss(void);		/* bytes; NUM_NONE: not known */

#endif
