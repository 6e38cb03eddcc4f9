/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much is logged, and by whom: bytes by the hour for a day, and the
 * lineages that write most, in bounded memory.
 */
#ifndef PIDTREED_VOLUME_H
#define PIDTREED_VOLUME_H

#include <stddef.h>
#include <stdint.h>

#include "message.h"

#define VOLUME_HOURS	24
#define VOLUME_HALF_MS	(12 * 3600 * INT64_C(1000))
#define VOLUME_LINEAGES	256	/* counted at once */
#define VOLUME_NAME	128	/* bytes: "alice: curl<bash<sshd<systemd" */

struct volume;

struct volume_sum {
	int64_t ms;		/* the time that it is the sum of */
	uint64_t messages, bytes;
};

/* bytes may be too many by `over`, which were another's before the name came
   among the most frequent; never too few. */
struct volume_lineage {
	char name[VOLUME_NAME];	/* clean text */
	uint64_t messages, bytes, over;
};

/* NULL: ENOMEM.  Times are of one clock, in ms. */
struct volume *volume_new(int64_t now);
/* This message was written, with so many bytes. */
void volume_add(struct volume *, int64_t now, const struct message *,
    size_t bytes);
/* Of the last day, or since volume_new. */
void volume_day(struct volume *, int64_t now, struct volume_sum *);
/* The n lineages with most bytes of the last 12 to 24 hours, most first; how
   many there are, and in *ms the time. */
size_t volume_top(struct volume *, int64_t now, struct volume_lineage *,
    size_t n, int64_t *ms);
void volume_free(struct volume *);

#endif
