/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The family tree's records: made, referenced, buried.
 *
 * Two rules hold it together.  Nobody keeps a pointer to a record without a
 * reference of his own (memory of a deleted element is reused at once), and
 * whoever takes the references to 0 owns the record and buries it.
 *
 * Functions that are not static are verified once and not at each call (as
 * static ones they made on_sockops 227,000 instructions, 8 s); their
 * arguments are numbers or plain memory, which they check for NULL.  A key
 * among them is copied first: before 6.2 a map wants it on the stack or in
 * another map ("R2 type=mem expected=fp, pkt, pkt_meta, map_key, map_value").
 */
#ifndef PIDTREED_TREE_H
#define PIDTREED_TREE_H

#include "maps.h"

#define CASCADE		32	/* records buried in one go */

static __always_inline bool
key_equal(const struct proc_key *a, const struct proc_key *b)
{
	return a->start == b->start && a->tgid == b->tgid;
}

static __always_inline void
key_of(struct proc_key *key, struct task_struct *t)
{
	struct task_struct *leader = t->group_leader;

	key->start = leader->start_boottime;
	key->tgid = leader->tgid;
	key->pad = 0;
}

/* A writer makes head odd; a reader that finds head != tail tries again. */
static __always_inline void
proc_write_begin(struct proc *r)
{
	__sync_fetch_and_add(&r->head, 1);
	barrier();
}

static __always_inline void
proc_write_end(struct proc *r)
{
	barrier();
	__sync_fetch_and_add(&r->head, 1);
	r->tail = r->head;
}

static __always_inline void
proc_note(struct proc *r, struct task_struct *t)
{
	struct task_struct *leader = t->group_leader;

	r->uid = t->cred->uid.val;
	r->euid = t->cred->euid.val;
	r->auid = task_auid(t);
	r->ses = task_ses(t);
	r->cgroup = t->cgroups->dfl_cgrp->kn->id;
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), leader->comm);
}

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

__weak __noinline int
proc_drop(const struct proc_key *which)
{
	struct cascade w = {};
	struct control *c;

	if (!which)
		return 0;
	w.key = *which;
	bpf_loop(CASCADE, drop_step, &w, 0);
	if (!w.key.tgid)
		return 0;
	/* A longer line is continued by the next exit or by the collector. */
	if (bpf_map_update_elem(&deferred, &w.dead, &w.key, BPF_NOEXIST)) {
		count(COUNTER_deferred_full);
		return 0;
	}
	count(COUNTER_deferred);
	c = control_get();
	if (c)
		__sync_fetch_and_add(&c->deferred, 1);
	return 0;
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
	if (c->deferred > 0)
		bpf_for_each_map_elem(&deferred, deferred_step, &most, 0);
}

/*
 * A reference on the record of key, for who has none yet: r may be freed and
 * reused between look-up and here, so it counts only if refs was not 0 and
 * the record turns out to be the right one.
 */
__weak __noinline int
proc_get(const struct proc_key *which)
{
	struct proc *r;
	struct proc_key key, got;
	__u32 refs;

	if (!which)
		return 0;
	key = *which;
	r = bpf_map_lookup_elem(&procs, &key);
	if (!r)
		return 0;
	for (int i = 0; i < 16; i++) {
		refs = *(volatile __u32 *)&r->refs;
		if (!refs)
			return 0;
		if (__sync_val_compare_and_swap(&r->refs, refs, refs + 1)
		    != refs)
			continue;
		got = r->key;
		if (key_equal(&got, &key))
			return 1;
		proc_drop(&got);
		return 0;
	}
	return 0;
}

/* The thread group is gone: the first to say so drops its own reference.
   The caller holds one himself, or it is the record of current. */
static __always_inline bool
proc_exited(struct proc *r)
{
	__u32 flags;

	for (int i = 0; i < 16; i++) {
		flags = *(volatile __u32 *)&r->flags;
		if (flags & PROC_EXITED)
			return false;
		r->ended = bpf_ktime_get_boot_ns();
		if (__sync_val_compare_and_swap(&r->flags, flags,
		    flags | PROC_EXITED) == flags)
			return true;
	}
	return false;
}

/*
 * Makes the record of t's thread group.  from: whose child it is (its record
 * is referenced if there is one); image: already referenced for it, or 0.
 * Returns 1 if this call made it; else the references are given back.
 */
static __always_inline int
proc_add(struct task_struct *t, struct task_struct *from, __u64 image,
    __u32 flags)
{
	struct proc r = { .refs = 1, .image = image, .flags = flags };
	struct control *c = control_get();
	struct proc *parent;

	key_of(&r.key, t);
	key_of(&r.parent, from);
	if (!c || !r.key.tgid)
		return 0;
	if (t->flags & PF_KTHREAD)
		r.flags |= PROC_KTHREAD;
	if (r.parent.tgid && proc_get(&r.parent)) {
		r.flags |= PROC_PARENT_REF;
		parent = bpf_map_lookup_elem(&procs, &r.parent);
		if (parent)
			r.line = parent->line + 1;
	}
	proc_note(&r, t);
	if (bpf_map_update_elem(&procs, &r.key, &r, BPF_NOEXIST) == 0) {
		__sync_fetch_and_add(&c->procs, 1);
		return 1;
	}
	if (!bpf_map_lookup_elem(&procs, &r.key))
		count(COUNTER_procs_full);
	if (r.flags & PROC_PARENT_REF)
		proc_drop(&r.parent);
	if (image)
		image_drop(image);
	return 0;
}

#endif
