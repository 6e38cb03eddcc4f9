/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ring: ids of attempts and endings that the collector shall look at. */
#ifndef PIDTREED_RING_H
#define PIDTREED_RING_H

#include "maps.h"

/*
 * Tells the collector.  Waking it costs more than all the rest of a
 * connection (15 us where an IPI leaves the virtual machine), so only the
 * first of a burst does; then it looks by itself every few ms until it finds
 * nothing.  False: the ring is full, and the next tick shall tell it.
 */
static __always_inline bool
ring_id(__u64 id)
{
	struct ring_item item = { .id = id };
	struct control *c = control_get();
	__u64 wake = BPF_RB_NO_WAKEUP;

	if (c && c->asleep &&
	    __sync_val_compare_and_swap(&c->asleep, 1, 0) == 1)
		wake = BPF_RB_FORCE_WAKEUP;
	if (!bpf_ringbuf_output(&ring, &item, sizeof(item), wake))
		return true;
	count(COUNTER_ring_full);
	return false;
}

static __always_inline void
attempt_ring(struct attempt *a, __u64 id)
{
	if (!ring_id(id) && a)
		__sync_fetch_and_or(&a->flags, ATTEMPT_UNRUNG);
}

#endif
