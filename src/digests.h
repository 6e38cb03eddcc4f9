/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rules digest: of each lineage, rule, network and port the first is
 * logged, and those of the next hour are counted and told in one DIGEST.  The
 * kernel's storm guard does the same by itself, for what no rule names.
 */
#ifndef PIDTREED_DIGESTS_H
#define PIDTREED_DIGESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

#define DIGESTS_MOST	4096	/* that are counted at a time */
#define DIGESTS_MS	(3600 * 1000)

struct digests;

/* What to do with a DIGEST; m lives until this returns. */
typedef void digests_fn(void *arg, struct message *m);

/* NULL: ENOMEM. */
struct digests *digests_new(void);
/*
 * True: m, which has its rule, is counted.  False: it is to be logged, as the
 * first, or for want of room.  now: clock_ms().
 */
bool digests_take(struct digests *, const struct message *m, int64_t now_ms);
/* Tells those whose hour is over; all of them if `all` is set. */
void digests_tell(struct digests *, int64_t now_ms, bool all, digests_fn *,
    void *arg);
/* How many were logged for want of room. */
uint64_t digests_refused(const struct digests *);
void digests_free(struct digests *);

#endif
