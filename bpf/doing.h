/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an attempt has beside it that is no connection: where the process is,
   and texts. */
#ifndef PIDTREED_DOING_H
#define PIDTREED_DOING_H

#include "attempt.h"

static const struct doing doing_empty;

static __always_inline __u16
path_put(char *to, struct path *path, __u32 cut, __u32 *flags)
{
	struct path_walk w = { .to = to, .off = EXE_LEN + always_zero };

	path_walk(&w, path);
	if (!w.done)
		*flags |= cut;
	return w.off;
}

/* Inside of its file system, wherever that is mounted. */
static long
path_inside(__u32 i, struct path_walk *w)
{
	struct dentry_part e;

	dentry_read(&e, w->dentry);
	w->done = w->dentry == e.parent;
	return w->done ? 1 : path_component(w, &e);
}

static __always_inline __u16
path_put_inside(char *to, struct path *path, __u32 *flags)
{
	struct path_walk w = { .to = to, .off = EXE_LEN + always_zero };

	path_read(path, &w.mnt, &w.dentry);
	bpf_loop(COMPONENTS, path_inside, &w, 0);
	if (!w.done)
		*flags |= DOING_INSIDE_CUT;
	return w.off;
}

/* Where the process is.  Each path needs room behind it (path.h), so what
   comes behind it in the struct is filled after it. */
__weak __noinline int
doing_places(__u64 id)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct doing *d = doing_find(&id);
	struct fs_struct *fs;
	__u32 flags = 0;

	if (!d)
		return 0;
	fs = BPF_CORE_READ(t, fs);
	d->root_off = path_put(d->root, &fs->root, DOING_ROOT_CUT, &flags);
	d->cwd_off = path_put(d->cwd, &fs->pwd, DOING_CWD_CUT, &flags);
	d->flags |= flags;
	d->mntns = BPF_CORE_READ(t, nsproxy, mnt_ns, ns.inum);
	return 0;
}

/* The attempt and what it has beside it; 0: there is no room. */
static __always_inline __u64
doing_new(struct control *c, struct task_struct *t, __u16 kind)
{
	__u64 id = attempt_room(c);
	struct attempt *a = id ? attempt_find(&id) : NULL;

	if (!a)
		return 0;
	a->id = id;
	a->time = bpf_ktime_get_boot_ns();
	a->kind = kind;
	a->netns = BPF_CORE_READ(t, nsproxy, net_ns, ns.inum);
	key_of(&a->key, t);
	attempt_caller(a);
	attempt_record(a);
	if (bpf_map_update_elem(&doings, &id, &doing_empty, BPF_NOEXIST) &&
	    bpf_map_update_elem(&doings_more, &id, &doing_empty, BPF_NOEXIST))
		count(COUNTER_exec_bare);
	return id;
}

/* What executions, opens and checks have that others have not.  Not in
   attempt_drop: on 6.1 the stack of who connects has no room for it. */
static __always_inline void
doing_release(struct control *c, __u64 id)
{
	struct attempt *a = attempt_find(&id);

	if (a && a->kind == KIND_CAPABLE)
		__sync_fetch_and_add(&c->checks, -1);
	if (!a || (a->kind != KIND_EXEC && a->kind != KIND_READLINE &&
	    a->kind != KIND_OPEN && a->kind != KIND_ESCAPE))
		return;
	if (bpf_map_delete_elem(&doings, &id))
		bpf_map_delete_elem(&doings_more, &id);
	if (__sync_fetch_and_and(&a->flags, ~ATTEMPT_IMAGE) & ATTEMPT_IMAGE)
		image_drop(a->image);
}

/* The image is kept until the message was taken, whatever the process executes
   next. */
static __always_inline void
doing_image(struct attempt *a)
{
	__u64 id = a->image;
	struct image *image = bpf_map_lookup_elem(&images, &id);

	if (!image)
		return;
	__sync_fetch_and_add(&image->refs, 1);
	a->flags |= ATTEMPT_IMAGE;
}

#endif
