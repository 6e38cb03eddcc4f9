/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a path is walked by: a dentry and a mount, each read at once. */
#ifndef PIDTREED_DENTRY_H
#define PIDTREED_DENTRY_H

#include "kernel.h"

/* The part of a dentry that is needed, as it is without randomised layouts. */
struct dentry_part {
	__u64 parent;
	__u32 hash, len;
	__u64 name;
	__u64 inode;
	__u64 inside;		/* the name, if it is short enough */
};
#define INSIDE	__builtin_offsetof(struct dentry_part, inside)

/* And of a mount. */
struct mount_part {
	__u64 parent, point, root;
};

/* struct mount around its vfsmount (fs/mount.h real_mount). */
static __always_inline struct mount *
real_mount(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* d_name, d_inode and the name's own place behind d_parent. */
static __always_inline bool
dentry_plain(const struct dentry *d)
{
	const __u32 from = bpf_core_field_offset(d->d_parent);

	return bpf_core_field_offset(d->d_name) == from + 8 &&
	    bpf_core_field_offset(d->d_name.len) == from + 12 &&
	    bpf_core_field_offset(d->d_name.name) == from + 16 &&
	    bpf_core_field_offset(d->d_inode) == from + 24;
}

static __always_inline void
dentry_read(struct dentry_part *e, __u64 at)
{
	const struct dentry *d = (void *)at;
	const __u32 from = bpf_core_field_offset(d->d_parent);

	if (dentry_plain(d)) {
		bpf_probe_read_kernel(e, sizeof(*e), (void *)at + from);
		return;
	}
	e->inside = 0;
	e->parent = (__u64)BPF_CORE_READ(d, d_parent);
	e->len = BPF_CORE_READ(d, d_name.len);
	e->name = (__u64)BPF_CORE_READ(d, d_name.name);
}

static __always_inline void
mount_read(struct mount_part *m, __u64 at)
{
	const struct mount *mnt = (void *)at;
	const __u32 from = bpf_core_field_offset(mnt->mnt_parent);

	if (bpf_core_field_offset(mnt->mnt_mountpoint) == from + 8 &&
	    bpf_core_field_offset(mnt->mnt) == from + 16 &&
	    bpf_core_field_offset(mnt->mnt.mnt_root) == 0) {
		bpf_probe_read_kernel(m, sizeof(*m), (void *)at + from);
		return;
	}
	m->parent = (__u64)BPF_CORE_READ(mnt, mnt_parent);
	m->point = (__u64)BPF_CORE_READ(mnt, mnt_mountpoint);
	m->root = (__u64)BPF_CORE_READ(mnt, mnt.mnt_root);
}

/* The mount and the dentry of a path. */
static __always_inline void
path_read(const struct path *at, __u64 *mnt, __u64 *dentry)
{
	*dentry = (__u64)BPF_CORE_READ(at, dentry);
	*mnt = (__u64)real_mount(BPF_CORE_READ(at, mnt));
}

#endif
