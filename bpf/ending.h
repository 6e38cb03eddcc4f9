/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The entry in `endings`: how and when what an attempt began came to its end,
   until the collector's message of it was taken. */
#ifndef PIDTREED_ENDING_H
#define PIDTREED_ENDING_H

#include "ring.h"

/* e->id is the attempt's; e may be on the stack. */
static __always_inline void
ending_put(const struct ending *e)
{
	struct control *c = control_get();
	struct ending *kept;
	__u64 id = e->id;

	if (!c)
		return;
	if (bpf_map_update_elem(&endings, &id, e, BPF_NOEXIST) &&
	    bpf_map_update_elem(&endings_more, &id, e, BPF_NOEXIST)) {
		count(COUNTER_endings_full);
		return;
	}
	__sync_fetch_and_add(&c->endings, 1);
	count(COUNTER_endings);
	if (!ring_id(id | ENDING_BIT) && (kept = ending_find(&id)))
		__sync_fetch_and_or(&kept->flags, ENDING_UNRUNG);
}

#endif
