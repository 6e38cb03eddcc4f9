/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ring: ids of attempts that the collector shall look at. */
#ifndef PIDTREED_RING_H
#define PIDTREED_RING_H

#include "maps.h"

/* Tells the collector.  If the ring is full the next tick does. */
static __always_inline void
attempt_ring(struct attempt *a, __u64 id)
{
	struct ring_item item = { .id = id };

	if (bpf_ringbuf_output(&ring, &item, sizeof(item), 0)) {
		if (a)
			__sync_fetch_and_or(&a->flags, ATTEMPT_UNRUNG);
		count(COUNTER_ring_full);
	}
}

#endif
