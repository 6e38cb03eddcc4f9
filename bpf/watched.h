/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is a file one of those that are watched, or below one?  What is watched is
 * known by the last component of its path and the one before it; a bitmap over
 * these names lets all others pass.  The collector looks at whole paths.
 */
#ifndef PIDTREED_WATCHED_H
#define PIDTREED_WATCHED_H

#include "path.h"
#include "record.h"

/* None of these is kept over a restart (kernel_adopt.c). */
MAP(open_names, BPF_MAP_TYPE_HASH, struct watch_key, __u32, WATCH_NAMES);
__u64 open_bits[WATCH_BITS / 64];

static __always_inline bool
watch_maybe(__u8 first, __u8 last, __u32 len)
{
	__u32 bit = WATCH_BIT(first, last, len);

	return open_bits[bit / 64] >> bit % 64 & 1;
}

/* The part of a dentry that is needed, as it is without randomised layouts. */
struct dentry_part {
	__u64 parent;
	__u32 hash, len;
	__u64 name, inode;
	char inside[32];	/* the name, if it is short enough */
};

struct watch_walk {
	__u64 dentry, mnt, root;	/* root of mnt; 0: inside, whatever
					   is mounted where */
	__u64 inside;			/* above what a bind mount shows */
	__u64 hit;
};

static __always_inline long
dentry_read(struct dentry_part *e, __u64 at)
{
	const struct dentry *d = (void *)at;
	const __u32 from = bpf_core_field_offset(d->d_parent);

	if (bpf_core_field_offset(d->d_name) == from + 8 &&
	    bpf_core_field_offset(d->d_inode) == from + 24 &&
	    bpf_core_field_offset(d->d_name.len) == from + 12 &&
	    bpf_core_field_offset(d->d_name.name) == from + 16)
		return bpf_probe_read_kernel(e, sizeof(*e), (void *)at + from);
	e->parent = (__u64)BPF_CORE_READ(d, d_parent);
	e->len = BPF_CORE_READ(d, d_name.len);
	e->name = (__u64)BPF_CORE_READ(d, d_name.name);
	e->inode = (__u64)BPF_CORE_READ(d, d_inode);
	return 0;
}

static __always_inline bool
dentry_maybe(const struct dentry_part *e, __u64 at)
{
	const struct dentry *d = (void *)at;
	__u32 last = e->len - 1;
	__u8 c[2] = {};

	if (e->name == at + bpf_core_field_offset(d->d_parent) +
	    __builtin_offsetof(struct dentry_part, inside) &&
	    last < sizeof(e->inside))
		return watch_maybe(e->inside[0],
		    e->inside[last & (sizeof(e->inside) - 1)], e->len);
	bpf_probe_read_kernel(&c[0], 1, (void *)e->name);
	bpf_probe_read_kernel(&c[1], 1, (void *)e->name + last);
	return watch_maybe(c[0], c[1], e->len);
}

static __noinline int
watch_has(__u64 parent, __u64 name)
{
	struct dentry *p = (void *)parent;
	struct watch_key key = {};

	bpf_probe_read_kernel_str(key.name, sizeof(key.name), (void *)name);
	bpf_probe_read_kernel_str(key.parent, sizeof(key.parent),
	    BPF_CORE_READ(p, d_name.name));
	if (bpf_map_lookup_elem(&open_names, &key))
		return 1;
	__builtin_memset(key.parent, 0, sizeof(key.parent));
	return bpf_map_lookup_elem(&open_names, &key) != NULL;
}

/* One component upwards, or over a mount point; at the top once more, for what
   was bound somewhere else. */
static long
watch_step(__u32 i, struct watch_walk *w)
{
	struct dentry_part e = {};
	struct mount *mnt, *up;
	struct inode *inode;
	__u64 at = w->dentry;

	if (dentry_read(&e, at))
		return 1;
	if (at != e.parent && dentry_maybe(&e, at) &&
	    watch_has(e.parent, e.name)) {
		inode = (void *)e.inode;
		w->hit = lineage_mix(lineage_mix(1,
		    BPF_CORE_READ(inode, i_ino)),
		    BPF_CORE_READ(inode, i_sb, s_dev)) | 1;
		return 1;
	}
	w->dentry = e.parent;
	if (at != e.parent && at != w->root)
		return 0;
	if (!w->mnt)
		return 1;
	if (at != e.parent && !w->inside)
		w->inside = e.parent;
	mnt = real_mount((void *)w->mnt);
	up = BPF_CORE_READ(mnt, mnt_parent);
	if (up == mnt) {
		w->dentry = w->inside;
		w->mnt = w->root = 0;
		return !w->inside;
	}
	w->dentry = (__u64)BPF_CORE_READ(mnt, mnt_mountpoint);
	w->mnt = (__u64)up + bpf_core_field_offset(struct mount, mnt);
	w->root = (__u64)BPF_CORE_READ(up, mnt.mnt_root);
	return 0;
}

/* What of the watched it is below, by the identity of that; 0: none. */
static __noinline __u64
watch_path(const struct path *at)
{
	struct watch_walk w = {};
	struct vfsmount *mnt;

	mnt = BPF_CORE_READ(at, mnt);
	w.mnt = (__u64)mnt;
	w.dentry = (__u64)BPF_CORE_READ(at, dentry);
	w.root = (__u64)BPF_CORE_READ(mnt, mnt_root);
	bpf_loop(COMPONENTS, watch_step, &w, 0);
	return w.hit;
}

struct text_walk {
	__u64 at;		/* in the caller's memory */
	__u64 word;
	__u64 hash;
	__u32 start, len;	/* of the component */
	__u8 first, last;
	__u8 hit, relative;
};

/* The end of a component of what was asked for. */
static __noinline int
text_has(__u64 name, __u32 len)
{
	struct watch_key key = {};

	bpf_probe_read_user_str(key.name, sizeof(key.name), (void *)name);
	for (__u32 i = 0; i < sizeof(key.name); i++)
		if (i >= len)
			key.name[i] = 0;
	key.parent[0] = '*';
	return bpf_map_lookup_elem(&open_names, &key) != NULL;
}

static long
text_step(__u32 i, struct text_walk *w)
{
	__u8 c;

	/* The last ones may lie at the end of what can be read. */
	if (i % 8 == 0 && bpf_probe_read_user(&w->word, 8,
	    (void *)w->at + i)) {
		w->word = 0;
		if (bpf_probe_read_user_str(&w->word, 8,
		    (void *)w->at + i) < 0)
			return 1;
	}
	c = w->word;
	w->word >>= 8;
	if (i == 0)
		w->relative = c != '/';
	if (c && c != '/') {
		if (!w->len++) {
			w->first = c;
			w->start = i;
		}
		w->last = c;
		w->hash = (w->hash ^ c) * 0x100000001b3ULL;
		return 0;
	}
	if (w->len && watch_maybe(w->first, w->last, w->len) &&
	    text_has(w->at + w->start, w->len))
		w->hit = 1;
	w->len = 0;
	return !c;
}

#endif
