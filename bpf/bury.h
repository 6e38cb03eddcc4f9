/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* References are dropped, and whoever takes the last buries the record: it goes
   to the dead, and its own reference on the parent is next. */
#ifndef PIDTREED_BURY_H
#define PIDTREED_BURY_H

#include "record.h"

#define CASCADE		32	/* records buried in one go */

__weak __noinline int
image_drop(__u64 id)
{
	struct image *i = bpf_map_lookup_elem(&images, &id);

	if (!i || __sync_fetch_and_add(&i->refs, -1) != 1)
		return 0;
	if (bpf_map_update_elem(&dead_images, &id, i, BPF_ANY))
		count(COUNTER_dead_full);
	bpf_map_delete_elem(&images, &id);
	return 0;
}

/* A reference to drop, and whose it was. */
struct cascade {
	struct proc_key key, dead;
};

/* Drops one reference on each key in turn: a record that dies takes its
   reference on its parent with it. */
static long
drop_step(__u32 i, struct cascade *w)
{
	struct proc *r = bpf_map_lookup_elem(&procs, &w->key);
	struct proc_key parent = {};
	struct control *c;
	__u64 image;

	if (!r || __sync_fetch_and_add(&r->refs, -1) != 1) {
		w->key.tgid = 0;
		return 1;
	}
	if (r->flags & PROC_PARENT_REF)
		parent = r->parent;
	image = r->image;
	if (bpf_map_update_elem(&dead_procs, &w->key, r, BPF_ANY))
		count(COUNTER_dead_full);
	bpf_map_delete_elem(&procs, &w->key);
	c = control_get();
	if (c)
		__sync_fetch_and_add(&c->procs, -1);
	if (image)
		image_drop(image);
	w->dead = w->key;
	w->key = parent;
	return parent.tgid == 0;
}

/* A longer line is continued by the next exit or by the collector. */
static __noinline int
drop_later(struct cascade *w)
{
	struct control *c;

	if (bpf_map_update_elem(&deferred, &w->dead, &w->key, BPF_NOEXIST)) {
		count(COUNTER_deferred_full);
		return 0;
	}
	count(COUNTER_deferred);
	c = control_get();
	if (c)
		__sync_fetch_and_add(&c->deferred, 1);
	return 0;
}

/* Its frame is 32 bytes and below everything: 6.1 counts in steps of that, and
   the longest chains of calls have 512. */
__weak __noinline int
proc_drop(const struct proc_key *which)
{
	struct cascade w = {};

	if (!which)
		return 0;
	w.key = *which;
	bpf_loop(CASCADE, drop_step, &w, 0);
	return w.key.tgid ? drop_later(&w) : 0;
}

/* Who deletes the entry drops the reference. */
static long
deferred_step(struct bpf_map *map, struct proc_key *dead,
    struct proc_key *parent, __u32 *most)
{
	struct proc_key was = *dead, key = *parent;
	struct control *c = control_get();

	if (!c || bpf_map_delete_elem(&deferred, &was))
		return 0;
	__sync_fetch_and_add(&c->deferred, -1);
	proc_drop(&key);
	return --*most == 0;
}

/* At most so many of them. */
static __always_inline void
drop_deferred(struct control *c, __u32 most)
{
	most += always_zero;
	if (c->deferred > 0)
		bpf_for_each_map_elem(&deferred, deferred_step, &most, 0);
}

#endif
