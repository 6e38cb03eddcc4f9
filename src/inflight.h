/* SPDX-License-Identifier: BSD-2-Clause */
/* The attempts that the collector has begun to report, by id. */
#ifndef PIDTREED_INFLIGHT_H
#define PIDTREED_INFLIGHT_H

#include <stddef.h>
#include <stdint.h>

enum inflight_state {
	INFLIGHT_NONE,		/* not in the table */
	INFLIGHT_PENDING,	/* CONNECT written as pending */
	INFLIGHT_FINAL,		/* last message written, not yet taken */
};

struct inflight;

struct inflight *inflight_new(void);		/* NULL: ENOMEM */
enum inflight_state inflight_get(const struct inflight *, uint64_t id);
/* INFLIGHT_NONE removes.  -1 with ENOMEM: the table is as before. */
int inflight_set(struct inflight *, uint64_t id, enum inflight_state);
void inflight_free(struct inflight *);

#endif
