/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is told of a file that was opened, or was to be, whoever found out that
   it is to be told; and the storm guard of these. */
#ifndef PIDTREED_OPENED_H
#define PIDTREED_OPENED_H

#include "often.h"
#include "opencall.h"

static __always_inline struct file *
file_of(struct task_struct *t, __u32 fd)
{
	struct fdtable *table = t->files->fdt;
	struct file *file = NULL;

	if (fd < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	return file;
}

/* Where a relative path begins. */
static __always_inline struct path *
open_base(struct task_struct *t, __s32 dfd)
{
	struct fs_struct *fs;
	struct file *file;

	if (dfd == AT_FDCWD) {
		/* Not t->fs: "R2 is not a scalar", where it is handed over. */
		fs = BPF_CORE_READ(t, fs);
		return &fs->pwd;
	}
	file = file_of(t, dfd);
	return file ? &file->f_path : NULL;
}

/* In the order in which they lie there: see path.h. */
__weak __noinline int
open_paths(__u64 id, __u64 path)
{
	struct doing *d = doing_find(&id);
	struct path *at = (void *)path;
	struct dentry *leaf;
	__u32 flags = 0;

	if (!d)
		return 0;
	if (at) {
		d->path_off = path_put(d->args, at, DOING_PATH_CUT, &flags);
		d->inside_off = path_put_inside(d->args + EXE_LEN, at, &flags);
		leaf = BPF_CORE_READ(at, dentry);
		if (!BPF_CORE_READ(leaf, d_hash.pprev) &&
		    leaf != BPF_CORE_READ(leaf, d_parent))
			flags |= DOING_DELETED;
	} else
		d->path_off = d->inside_off = EXE_LEN;
	doing_places(id);
	d->flags |= flags;
	return 0;
}

/* The user's memory may have been written to since the call. */
static __always_inline void
open_how(struct open_call *c)
{
	__u64 how[2] = {};

	if (c->how && !bpf_probe_read_user(how, sizeof(how),
	    (void *)c->how)) {
		c->flags = how[0];
		c->mode = how[1];
	}
}

__weak __noinline int
open_asked(__u64 id, struct open_call *c)
{
	struct doing *d = doing_find(&id);
	long n = 0;

	if (!d || !c)
		return 0;
	d->how = c->flags;
	d->mode = c->mode;
	if (c->name)
		n = bpf_probe_read_user_str(d->file, SCRIPT_LEN,
		    (void *)c->name);
	if (n < 0)
		d->file[0] = 0;
	if (n == SCRIPT_LEN)
		d->flags |= DOING_FILE_CUT;
	d->flags |= c->traits;
	return 0;
}

/* The attempt, filled but not told; 0: there is no room. */
__weak __noinline __u64
open_new(struct open_call *c)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct control *control = control_get();
	struct path *path = NULL;
	struct attempt *a;
	struct file *file;
	__u64 id;

	if (!c || !control)
		return 0;
	id = doing_new(control, t, c->kind);
	a = attempt_find(&id);
	if (!id || !a)
		return 0;
	a->err = c->err;
	a->dport = c->way;
	a->sport = c->place;
	a->asked = c->entered;
	doing_image(a);
	file = (void *)c->file;
	if (file)
		path = &file->f_path;
	else if (c->err)
		path = open_base(t, c->dfd);
	open_paths(id, (__u64)path);
	open_asked(id, c);
	return id;
}

/* May it change the file, or make one? */
static __always_inline bool
open_writes(const struct open_call *c)
{
	return (c->flags & O_ACCMODE) != O_RDONLY || c->flags & O_MAKES;
}

/* To the storm guard an escape is one more open; an errno is below 4096.  Who
   has read a file often is told at once when he writes to it. */
static __noinline int
open_tell(struct open_call *c)
{
	struct often o = { .what = c->hit, .kind = KIND_OPEN };
	struct attempt *a;
	int verdict;
	__u64 id;

	open_how(c);
	o.err = c->err | c->way << 12 | open_writes(c) << 14;
	verdict = often_counts(&o);
	if (verdict == STORM_COUNTED)
		return 0;
	id = open_new(c);
	a = attempt_find(&id);
	if (id && a)
		often_tell(&o, a, id, verdict);
	return 0;
}

#endif
