/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paths, walked from the leaf: the executable across mounts, the cgroup up to
 * its root.  bpf_d_path may not be called from these hooks.
 */
#ifndef PIDTREED_PATH_H
#define PIDTREED_PATH_H

#include "dentry.h"
#include "maps.h"

#define COMPONENTS	64
#define NAME_LEN	256	/* NAME_MAX and its NUL */

struct path_walk {
	__u64 dentry, mnt;
	struct mount_part on;	/* what mnt is */
	char *to;		/* EXE_LEN bytes in a map's value, at least
				   NAME_LEN more of it behind them */
	__u32 off;		/* where the path begins so far */
	__u32 done;
};

/* One component in front of what is there. */
static __always_inline long
path_component(struct path_walk *w, const struct dentry_part *e)
{
	__u32 len = e->len, off;

	if (len >= NAME_LEN || len + 1 > w->off)
		return 1;
	off = w->off - len - 1;
	/* Else clang checks off but adds w->off - len, which has no bounds: 6.1
	   "R1 unbounded memory access" at the read below. */
	barrier_var(off);
	/* The verifier does not see that off + len <= EXE_LEN; it is content
	   because what follows these bytes is longer than a name. */
	if (off >= EXE_LEN)
		return 1;
	bpf_probe_read_kernel(&w->to[off + 1], len & (NAME_LEN - 1),
	    (void *)e->name);
	w->to[off] = '/';
	w->off = off;
	w->dentry = e->parent;
	return 0;
}

/* The same, or over a mount point. */
static long
path_step(__u32 i, struct path_walk *w)
{
	struct dentry_part e;
	__u64 at = w->dentry;

	dentry_read(&e, at);
	if (at != w->on.root && at != e.parent)
		return path_component(w, &e);
	if (at != w->on.root || w->on.parent == w->mnt) {
		w->done = 1;
		return 1;
	}
	w->dentry = w->on.point;
	w->mnt = w->on.parent;
	mount_read(&w->on, w->mnt);
	return 0;
}

static __always_inline void
path_walk(struct path_walk *w, const struct path *from)
{
	path_read(from, &w->mnt, &w->dentry);
	mount_read(&w->on, w->mnt);
	bpf_loop(COMPONENTS, path_step, w, 0);
}

static __always_inline void
exe_path(struct image *image, struct file *file)
{
	struct dentry *leaf = BPF_CORE_READ(file, f_path.dentry);
	struct path_walk w = { .to = image->exe,
	    .off = EXE_LEN + always_zero };

	if (!BPF_CORE_READ(leaf, d_hash.pprev) &&
	    leaf != BPF_CORE_READ(leaf, d_parent))
		image->flags |= IMAGE_DELETED;
	path_walk(&w, &file->f_path);
	/* A memfd's dentry has neither parent nor a mount below anything. */
	if (w.off == EXE_LEN && w.done) {
		__u32 len = BPF_CORE_READ(leaf, d_name.len);
		const unsigned char *name = BPF_CORE_READ(leaf, d_name.name);

		if (len < NAME_LEN) {
			w.off = EXE_LEN - 1 - len;
			image->exe[w.off & (EXE_LEN - 1)] = '/';
			bpf_probe_read_kernel(
			    &image->exe[(w.off + 1) & (EXE_LEN - 1)],
			    len & (NAME_LEN - 1), name);
			image->flags |= IMAGE_DELETED;
		}
	}
	if (!w.done)
		image->flags |= IMAGE_EXE_CUT;
	image->exe_off = w.off;
}

#define CGROUP_DEPTH	4096	/* levels that are walked */
#define CGROUP_PARTS	16	/* that are kept */
#define CGROUP_PART	128	/* bytes of one, and NUL */

/* At the end of what it measures: a counter in the walk, which is on the
   stack, would be tried for each level. */
struct cgroup_size {
	__u32 depth;
	__u32 before;		/* bytes of all but the outermost */
	__u32 last;		/* of that one */
};

struct cgroup_walk {
	struct kernfs_node *kn;
	struct cgroup_name *name;
	__u32 off;
};

static __always_inline struct cgroup_size *
cgroup_size(struct cgroup_name *name)
{
	return (void *)&name->leaf_first[CGROUP_LEN - 16];
}

static long
cgroup_measure(__u32 i, struct cgroup_walk *w)
{
	struct kernfs_node *kn = w->kn, *parent = kernfs_parent(kn);
	struct cgroup_size *size = cgroup_size(w->name);
	long n;

	if (!parent)
		return 1;
	n = bpf_probe_read_kernel_str(w->name->leaf_first, CGROUP_PART,
	    BPF_CORE_READ(kn, name));
	if (n <= 0)
		return 1;
	size->before += size->last;
	size->last = n;
	size->depth++;
	w->kn = parent;
	return 0;
}

/*
 * The outermost components are those that count: what is below a container's
 * own cgroup, the container names.  So the innermost go until the others fit.
 */
static long
cgroup_skip(__u32 i, struct cgroup_walk *w)
{
	struct kernfs_node *kn = w->kn, *parent = kernfs_parent(kn);
	struct cgroup_size *size = cgroup_size(w->name);
	long n;

	if (!parent || (size->depth <= CGROUP_PARTS &&
	    size->before <= CGROUP_LEN - CGROUP_PART))
		return 1;
	n = bpf_probe_read_kernel_str(w->name->leaf_first, CGROUP_PART,
	    BPF_CORE_READ(kn, name));
	if (n <= 0)
		return 1;
	size->before -= n;
	size->depth--;
	w->name->cut = 1;
	w->kn = parent;
	return 0;
}

static long
cgroup_step(__u32 i, struct cgroup_walk *w)
{
	struct kernfs_node *kn = w->kn, *parent = kernfs_parent(kn);
	long n;

	if (!parent || w->off > CGROUP_LEN - CGROUP_PART)
		return 1;
	n = bpf_probe_read_kernel_str(&w->name->leaf_first[w->off],
	    CGROUP_PART, BPF_CORE_READ(kn, name));
	if (n <= 0)
		return 1;
	w->off += n;
	w->name->parts++;
	w->kn = parent;
	return 0;
}

static const struct cgroup_name cgroup_empty;

/* Records the path of a cgroup that was not met before. */
__weak __noinline int
cgroup_record(__u64 id, __u64 node)
{
	struct cgroup_walk w = { .kn = (void *)node, .off = always_zero };

	bpf_map_update_elem(&cgroups, &id, &cgroup_empty, BPF_NOEXIST);
	w.name = bpf_map_lookup_elem(&cgroups, &id);
	if (!w.name || w.name->parts)
		return 0;
	bpf_loop(CGROUP_DEPTH, cgroup_measure, &w, 0);
	w.kn = (void *)node;
	bpf_loop(CGROUP_DEPTH, cgroup_skip, &w, 0);
	bpf_loop(CGROUP_PARTS, cgroup_step, &w, 0);
	w.name->len = w.off;
	return 0;
}

/* The id of a task's cgroup, whose path is known from then on. */
static __always_inline __u64
cgroup_note(struct task_struct *t)
{
	__u64 id = t->cgroups->dfl_cgrp->kn->id;

	if (!bpf_map_lookup_elem(&cgroups, &id))
		cgroup_record(id, (__u64)BPF_CORE_READ(t, cgroups, dfl_cgrp,
		    kn));
	return id;
}

#endif
