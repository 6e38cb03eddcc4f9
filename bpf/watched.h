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

/* Of the first 8 bytes, those that are the name's. */
static __always_inline bool
watch_maybe(__u64 word, __u64 len)
{
	__u64 bit;

	if (len < 8)
		word &= (1ULL << 8 * len) - 1;
	bit = WATCH_BIT(word, len);
	return open_bits[bit / 64] >> bit % 64 & 1;
}

struct watch_walk {
	__u64 dentry, mnt;		/* mnt 0: inside, whatever is mounted
					   where */
	struct mount_part on;		/* what mnt is */
	__u64 inside;			/* above what a bind mount shows */
	__u64 hit;
};

static __always_inline bool
dentry_maybe(const struct dentry_part *e, __u64 at)
{
	const struct dentry *d = (void *)at;
	__u64 word = e->inside;

	if (!dentry_plain(d) || e->name != at + INSIDE +
	    bpf_core_field_offset(d->d_parent))
		bpf_probe_read_kernel(&word, sizeof(word), (void *)e->name);
	return watch_maybe(word, e->len);
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
	struct dentry *dentry = (void *)w->dentry;
	struct dentry_part e;
	struct inode *inode;
	__u64 at = w->dentry;

	dentry_read(&e, at);
	if (dentry_maybe(&e, at) && at != e.parent &&
	    watch_has(e.parent, e.name)) {
		inode = BPF_CORE_READ(dentry, d_inode);
		w->hit = lineage_mix(lineage_mix(1,
		    BPF_CORE_READ(inode, i_ino)),
		    BPF_CORE_READ(inode, i_sb, s_dev)) | 1;
		return 1;
	}
	w->dentry = e.parent;
	if (at != e.parent && at != w->on.root)
		return 0;
	if (!w->mnt)
		return 1;
	if (at != e.parent && !w->inside)
		w->inside = e.parent;
	if (w->on.parent == w->mnt) {
		w->dentry = w->inside;
		w->mnt = w->on.root = 0;
		return !w->inside;
	}
	w->dentry = w->on.point;
	w->mnt = w->on.parent;
	mount_read(&w->on, w->mnt);
	return 0;
}

/* What of the watched it is below, by the identity of that; 0: none. */
static __noinline __u64
watch_path(const struct path *at)
{
	struct watch_walk w = { .inside = always_zero };

	path_read(at, &w.mnt, &w.dentry);
	mount_read(&w.on, w.mnt);
	bpf_loop(COMPONENTS, watch_step, &w, 0);
	return w.hit;
}

struct text_walk {
	__u64 at;		/* in the caller's memory */
	__u64 word;
	__u64 hash;
	__u64 first;		/* bytes of the component, up to 8 */
	__u32 start, len;	/* of it */
	__u8 hit, relative;
};

/* The end of a component of what was asked for. */
static __noinline int
text_has(__u64 name, __u32 len)
{
	struct watch_key key = {};

	if (len > sizeof(key.name) - 1)
		len = sizeof(key.name) - 1;
	bpf_probe_read_user(key.name, len, (void *)name);
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
		if (!w->len) {
			w->first = 0;
			w->start = i;
		}
		if (w->len < 8)
			w->first |= (__u64)c << 8 * w->len;
		w->len++;
		w->hash = (w->hash ^ c) * 0x100000001b3ULL;
		return 0;
	}
	if (w->len && watch_maybe(w->first, w->len) &&
	    text_has(w->at + w->start, w->len))
		w->hit = 1;
	w->len = 0;
	return !c;
}

#endif
