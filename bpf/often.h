/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The storm guard for what is no connection: an execution, an open. */
#ifndef PIDTREED_OFTEN_H
#define PIDTREED_OFTEN_H

#include "storm.h"
#include "doing.h"

struct often {
	__u64 what;		/* is done, as a hash */
	__s32 err;		/* and how it ends */
	__u32 kind;		/* enum event_kind */
};

static __always_inline void
often_tuple(struct tuple *tuple, const struct often *o)
{
	tuple->kind = o->kind;
	tuple->family = AF_INET6;
	tuple->dport = o->err;
	tuple->daddr[0] = o->what;
	tuple->daddr[1] = o->what >> 32;
}

/* enum storm_verdict */
__weak __noinline int
often_counts(struct often *o)
{
	struct tuple tuple = {};

	if (!o)
		return STORM_LOG;
	often_tuple(&tuple, o);
	return storm_counts(&tuple, WANTED_LOG);
}

/* It stands for the others of this storm, unless another one does. */
__weak __noinline int
often_stands(struct often *o, __u64 id)
{
	struct control *control = control_get();
	struct storm_key key = {};
	struct tuple tuple = {};
	struct storm *s;

	if (!o || !control)
		return 0;
	often_tuple(&tuple, o);
	s = storm_find(&key, &tuple, WANTED_LOG);
	if (s && !__sync_val_compare_and_swap(&s->digest, 0, id))
		return 0;
	doing_release(control, id);
	attempt_drop(control, id);
	return 0;
}

/* The attempt has all that it needs, and is told or counts from here on. */
static __always_inline void
often_tell(struct often *o, struct attempt *a, __u64 id, int verdict)
{
	if (verdict == STORM_LOG) {
		barrier();
		a->state = ATTEMPT_NOMARK;
		attempt_ring(a, id);
		return;
	}
	a->flags |= ATTEMPT_DIGEST;
	barrier();
	a->state = ATTEMPT_COUNTING;
	often_stands(o, id);
}

#endif
