/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The family tree's records: made, referenced, left to be buried.
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

#include "bury.h"

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
		if (parent) {
			r.line = parent->line + 1;
			r.lineage = parent->lineage;
		}
	}
	if (flags & PROC_SEEDED)
		r.lineage = lineage_file(r.lineage,
		    BPF_CORE_READ(t, mm, exe_file));
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
