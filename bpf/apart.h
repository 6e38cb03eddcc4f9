/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process of a container can reach, and what not: its mount namespace
 * and its root against those of process 1, and whose mount a file is on.  The
 * service manager's sandboxes have a mount namespace of their own, too, but
 * the host's root; they are no containers.
 */
#ifndef PIDTREED_APART_H
#define PIDTREED_APART_H

#include "path.h"

extern struct apart_host apart_host;

#define MOUNTS		64	/* that lie one upon the other, at most */
#define FIRST_ERROR	((__u64)-4095)	/* include/linux/err.h MAX_ERRNO */
#define ANONYMOUS	0xEFFFFFF7U	/* MNT_NS_ANON_INO, since 6.18 */

static __always_inline struct vfsmount *
mount_shown(struct mount *m)
{
	return (void *)m + bpf_core_field_offset(struct mount, mnt);
}

struct top_walk {
	struct mount *at;
};

static long
top_step(__u32 i, struct top_walk *w)
{
	struct mount *at = w->at;
	struct mount *up = BPF_CORE_READ(at, mnt_parent);

	w->at = up;
	return up == at;
}

/* How many mounts lie below this one: the first root file system, whose copy is
   in every namespace, and on new kernels an empty one below that. */
static __noinline __u32
mounts_below(struct mount *m)
{
	struct top_walk w = { .at = m };

	return bpf_loop(MOUNTS, top_step, &w, 0) - 1;
}

/* What a namespace has as its root, by one of its mounts: as far from the
   bottom as the host's. */
static __noinline __u64
apart_root_of(struct mount *m)
{
	struct top_walk w = { .at = m };
	__u32 below = mounts_below(m);

	if (below > apart_host.below)
		bpf_loop(below - apart_host.below, top_step, &w, 0);
	m = w.at;
	return (__u64)BPF_CORE_READ(m, mnt.mnt_root);
}

/* Is the caller's root on a mount that its own namespace has not? */
static __noinline bool
root_foreign(struct task_struct *t)
{
	struct mount *m = real_mount(BPF_CORE_READ(t, fs, root.mnt));

	return BPF_CORE_READ(m, mnt_ns) != BPF_CORE_READ(t, nsproxy, mnt_ns);
}

/* Has the caller a mount namespace and a root other than the host's?  A
   sandbox's copy of the host's root is a mount of the sandbox; who is out of a
   container by chroot(2) has the host's own. */
static __always_inline bool
apart(struct task_struct *t)
{
	return (__u64)t->nsproxy->mnt_ns != apart_host.mntns &&
	    ((__u64)t->fs->root.dentry != apart_host.root || root_foreign(t));
}

/* Nothing of its mount namespace lies beside its root. */
static __always_inline bool
root_whole(struct task_struct *t)
{
	struct vfsmount *mnt = BPF_CORE_READ(t, fs, root.mnt);

	return BPF_CORE_READ(t, fs, root.dentry) ==
	    BPF_CORE_READ(mnt, mnt_root) &&
	    mounts_below(real_mount(mnt)) == apart_host.below;
}

struct up_walk {
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *root;
	struct vfsmount *root_mnt;
	bool met;
};

static long
up_step(__u32 i, struct up_walk *w)
{
	struct vfsmount *mnt = w->mnt;
	struct dentry *dentry = w->dentry;
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	struct mount *m, *up;

	if (dentry == w->root && mnt == w->root_mnt) {
		w->met = true;
		return 1;
	}
	if (dentry != BPF_CORE_READ(mnt, mnt_root)) {
		w->dentry = parent;
		return parent == dentry;
	}
	m = real_mount(mnt);
	up = BPF_CORE_READ(m, mnt_parent);
	if (up == m)
		return 1;
	w->dentry = BPF_CORE_READ(m, mnt_mountpoint);
	w->mnt = mount_shown(up);
	return 0;
}

/* Does the way up from a path lead over the caller's root? */
static __noinline bool
below_root(const struct path *path)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct up_walk w = { .met = false };

	w.dentry = BPF_CORE_READ(path, dentry);
	w.mnt = BPF_CORE_READ(path, mnt);
	w.root = BPF_CORE_READ(t, fs, root.dentry);
	w.root_mnt = BPF_CORE_READ(t, fs, root.mnt);
	bpf_loop(COMPONENTS + MOUNTS, up_step, &w, 0);
	return w.met;
}

/*
 * Where a file is that the caller opened, who is apart; PLACE_OWN: nothing is
 * to be said.  One that was opened by handle may be on one of the caller's
 * mounts and yet not below what that shows.  A mount without a namespace, or in
 * one without a name (open_tree(2), fsmount(2)), was taken off: it counts if it
 * shows a disk, as runtimes mount a /proc of their own so.
 */
static __noinline int
apart_place(const struct file *file, bool handle)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct mount *m = real_mount(BPF_CORE_READ(file, f_path.mnt));
	struct mnt_namespace *ns = BPF_CORE_READ(m, mnt_ns);
	struct super_block *sb = BPF_CORE_READ(file, f_inode, i_sb);
	__u32 mode = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
	__u32 inum;
	__u64 root;

	/* The kernel's own: pipes, memfds.  And a runtime waits at a FIFO of
	   the host for the word to begin. */
	if ((__u64)ns >= FIRST_ERROR || mode == S_IFIFO || mode == S_IFSOCK)
		return PLACE_OWN;
	if (ns == BPF_CORE_READ(t, nsproxy, mnt_ns)) {
		if ((!handle && root_whole(t)) || below_root(&file->f_path))
			return PLACE_OWN;
		return (__u64)sb == apart_host.sb || apart_root_of(m) ==
		    apart_host.root ? PLACE_HOST : PLACE_OTHER;
	}
	inum = ns ? BPF_CORE_READ(ns, ns.inum) : 0;
	if (!inum || inum == ANONYMOUS)
		return (__u64)sb == apart_host.sb ||
		    BPF_CORE_READ(sb, s_bdev) ? PLACE_DETACHED : PLACE_OWN;
	if (inum == apart_host.space[SPACE_MNT])
		return PLACE_HOST;
	root = apart_root_of(m);
	if (root == apart_host.root)
		return PLACE_HOST;
	return root == (__u64)BPF_CORE_READ(t, fs, root.dentry) &&
	    !root_foreign(t) ? PLACE_OWN : PLACE_OTHER;
}

enum born { BORN_HOST, BORN_APART, BORN_ANYWHERE };

/*
 * Does the caller execute something of a container, and not the runtime that
 * sets one up, or joins one?  By the program's mount, which has no namespace
 * any more where the caller was the last in it.  Where that says nothing (a
 * memfd, as which some runtimes run; a sandbox of the host), by its pid
 * namespace, which nobody leaves.  inside: or by where it is.
 */
static __noinline enum born
apart_born(struct task_struct *t, bool inside)
{
	struct file *exe = BPF_CORE_READ(t, mm, exe_file);
	struct mount *m = real_mount(BPF_CORE_READ(exe, f_path.mnt));
	struct mnt_namespace *ns = BPF_CORE_READ(m, mnt_ns);
	enum born born = exe ? BORN_ANYWHERE : BORN_HOST;
	__u32 inum;

	if (exe && !ns && !inside)
		return BORN_APART;
	if (exe && ns && (__u64)ns < FIRST_ERROR) {
		inum = BPF_CORE_READ(ns, ns.inum);
		if (inum == apart_host.space[SPACE_MNT])
			return BORN_HOST;
		if (inum && inum != ANONYMOUS) {
			if (apart_root_of(m) != apart_host.root)
				return BORN_APART;
			born = BORN_HOST;
		}
	}
	return BPF_CORE_READ(t, thread_pid, level) > 0 ||
	    (inside && apart(t)) ? BORN_APART : born;
}

#endif
