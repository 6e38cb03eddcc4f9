/* SPDX-License-Identifier: BSD-2-Clause */
/* An open out of an attempt; see opening.h. */
#define _GNU_SOURCE	/* O_PATH, O_TMPFILE */
#include "opening.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "filepath.h"
#include "kernel.h"
#include "text.h"
#include "watchpath.h"

#define PATH_ROOM	(EXE_LEN + 8)

struct opening {
	const struct conf *conf;
	const struct kernel *kernel;
	const struct filepath_host *host;
	char *real[WATCHES];		/* of open.paths, where it differs */
	struct doing doing;		/* of the message in work */
	char path[2 * EXE_LEN + SCRIPT_LEN], inside[PATH_ROOM];
	char root[PATH_ROOM], cwd[PATH_ROOM], file[SCRIPT_LEN + 8];
	char traits[64], access[160], mode[8], entered[64];
};

static void
forget(struct opening *o)
{
	for (size_t i = 0; i < WATCHES; i++) {
		free(o->real[i]);
		o->real[i] = NULL;
	}
}

void
opening_set_conf(struct opening *o, const struct conf *conf)
{
	o->conf = conf;
	forget(o);
	for (size_t i = 0; i < conf->open_paths.n && i < WATCHES; i++)
		o->real[i] = watchpath_real(conf->open_paths.v[i].text);
}

struct opening *
opening_new(const struct conf *conf, const struct kernel *kernel,
    const struct filepath_host *host)
{
	struct opening *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->kernel = kernel;
	o->host = host;
	opening_set_conf(o, conf);
	return o;
}

static struct str
constant(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static bool
is(struct str a, struct str b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

/* What failed has no file: where it begins, and what was asked for. */
static void
missed(struct opening *o, struct message *m)
{
	struct str base = m->filepath;
	bool absolute = m->askedpath.n > 0 && m->askedpath.s[0] == '/';
	char mem[sizeof(o->path)];
	struct buf b;
	size_t n;

	buf_init(&b, mem, sizeof(mem));
	if (!absolute)
		buf_add(&b, base.s, base.n);
	else if (m->root.s != NULL)
		buf_add(&b, m->root.s, m->root.n);
	n = b.len;
	buf_addc(&b, '/');
	if (m->askedpath.s != NULL)
		buf_add(&b, m->askedpath.s, m->askedpath.n);
	memcpy(o->path, b.p, b.len);
	/* .. does not lead above the own root. */
	if (absolute) {
		size_t rest = b.len - n;

		watchpath_tidy(o->path + n, &rest);
		m->filepath = (struct str){ o->path, n + rest };
	} else if (base.n > 0 && base.s[0] == '/') {
		n = b.len;
		watchpath_tidy(o->path, &n);
		m->filepath = (struct str){ o->path, n };
	} else
		m->filepath = (struct str){ o->path, b.len };
}

static void
places(struct opening *o, struct message *m)
{
	const struct doing *d = &o->doing;
	size_t n = strnlen(d->file, sizeof(d->file));
	struct buf b;

	m->cwd = filepath_walked(o->cwd, sizeof(o->cwd), d->cwd, d->cwd_off,
	    d->flags & DOING_CWD_CUT);
	if (d->root_off < EXE_LEN)
		m->root = filepath_walked(o->root, sizeof(o->root), d->root,
		    d->root_off, d->flags & DOING_ROOT_CUT);
	if (d->mntns != 0 && d->mntns != o->host->mntns)
		m->mntns = d->mntns;
	buf_init(&b, o->file, sizeof(o->file));
	buf_add(&b, d->file, n);
	if (d->flags & DOING_FILE_CUT)
		buf_adds(&b, "...");
	if (n > 0)
		m->askedpath = (struct str){ b.p, b.len };
}

static void
paths(struct opening *o, const struct attempt *a, struct message *m)
{
	const struct doing *d = &o->doing;
	struct str inside;

	places(o, m);
	m->filepath = filepath_walked(o->path, sizeof(o->path), d->args,
	    d->path_off, d->flags & DOING_PATH_CUT);
	if (a->err != 0)
		missed(o, m);
	else {
		inside = filepath_walked(o->inside, sizeof(o->inside),
		    d->args + EXE_LEN, d->inside_off,
		    d->flags & DOING_INSIDE_CUT);
		inside = filepath_on_host(inside, o->host);
		if (!filepath_ends(m->filepath, inside))
			m->insidepath = inside;
	}
	m->ownpath = m->root.n > 0 && is(m->filepath, m->root) ?
	    constant("/") : filepath_below(m->filepath, m->root);
	if (m->askedpath.s != NULL && is(m->askedpath, m->filepath))
		m->askedpath = (struct str){ NULL, 0 };
}

static const struct { unsigned flag; const char *word; } words[] = {
	{ O_TMPFILE, "tmpfile" }, { O_DIRECTORY, "directory" },
	{ O_CREAT, "create" }, { O_EXCL, "exclusive" },
	{ O_TRUNC, "truncate" }, { O_APPEND, "append" },
	{ O_NOFOLLOW, "nofollow" }, { O_DIRECT, "direct" },
	{ O_NOATIME, "noatime" }, { O_SYNC, "sync" }, { O_DSYNC, "dsync" },
	{ O_NONBLOCK, "nonblock" }, { O_NOCTTY, "noctty" },
	{ O_CLOEXEC, "cloexec" },
};

static void
how(struct opening *o, struct message *m)
{
	static const char *const ways[] = {
		"read", "write", "read-write", "none"
	};
	unsigned flags = o->doing.how;
	bool makes = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
	struct buf b;

	buf_init(&b, o->access, sizeof(o->access));
	buf_adds(&b, flags & O_PATH ? "path" : ways[flags & O_ACCMODE]);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((flags & words[i].flag) != words[i].flag)
			continue;
		flags &= ~words[i].flag;
		buf_addc(&b, ',');
		buf_adds(&b, words[i].word);
	}
	m->access = (struct str){ b.p, b.len };
	if (!makes)
		return;
	buf_init(&b, o->mode, sizeof(o->mode));
	buf_addf(&b, "%04o", o->doing.mode & 07777);
	m->mode = (struct str){ b.p, b.len };
}

static void
trait(struct buf *b, bool there, const char *word)
{
	if (!there)
		return;
	if (b->len > 0)
		buf_addc(b, ',');
	buf_adds(b, word);
}

static void
traits(struct opening *o, struct message *m)
{
	uint32_t flags = o->doing.flags;
	struct buf b;

	buf_init(&b, o->traits, sizeof(o->traits));
	trait(&b, flags & DOING_OPENAT2, "openat2");
	trait(&b, flags & DOING_HANDLE, "by-handle");
	trait(&b, flags & DOING_URING, "io_uring");
	trait(&b, flags & DOING_DELETED && m->reason.s == NULL, "deleted");
	if (b.len > 0)
		m->traits = (struct str){ b.p, b.len };
}

static bool
has(const char *watched, struct str path)
{
	return watched != NULL && path.s != NULL &&
	    watchpath_has(watched, path.s, path.n);
}

/* A path that is not whole may be one that is watched. */
static bool
is_watched(struct opening *o, struct message *m)
{
	const struct items *list = &o->conf->open_paths;
	const struct str path[] = { m->filepath, m->ownpath, m->insidepath };

	for (size_t i = 0; i < list->n && i < WATCHES; i++)
		for (size_t k = 0; k < 3; k++)
			if (has(list->v[i].text, path[k]) ||
			    has(o->real[i], path[k])) {
				m->watched = constant(list->v[i].text);
				return true;
			}
	return o->doing.flags & (DOING_PATH_CUT | DOING_INSIDE_CUT |
	    DOING_FILE_CUT);
}

/* As /proc/PID/ns calls them. */
static const char *const spaces[SPACES] = {
	[SPACE_MNT] = "mnt", [SPACE_NET] = "net", [SPACE_UTS] = "uts",
	[SPACE_IPC] = "ipc", [SPACE_PID] = "pid", [SPACE_CGROUP] = "cgroup",
	[SPACE_TIME] = "time", [SPACE_USER] = "user",
};

static void
escape(struct opening *o, const struct attempt *a, struct message *m)
{
	static const char *const ways[] = {
		[ESCAPE_OPEN] = "open", [ESCAPE_EXEC] = "exec",
		[ESCAPE_SETNS] = "setns",
	}, *const whose[] = {
		[PLACE_OWN] = NULL, [PLACE_HOST] = "host",
		[PLACE_DETACHED] = "detached", [PLACE_OTHER] = "other",
	};
	struct buf b;

	m->act = constant("escape");
	if (a->dport >= ESCAPE_OPEN && a->dport <= ESCAPE_SETNS)
		m->way = constant(ways[a->dport]);
	if (a->sport > PLACE_OWN && a->sport <= PLACE_OTHER)
		m->place = constant(whose[a->sport]);
	buf_init(&b, o->entered, sizeof(o->entered));
	for (unsigned i = 0; i < SPACES; i++)
		trait(&b, a->asked >> i & 1, spaces[i]);
	if (b.len > 0)
		m->entered = (struct str){ b.p, b.len };
}

static void
opened(const struct attempt *a, struct message *m)
{
	m->act = constant("open");
	m->outcome = constant(a->err == 0 ? "success" : "failure");
	if (a->err != 0)
		m->reason = constant(text_errno(a->err));
}

/* Entering a namespace has no file. */
static void
beside(struct opening *o, const struct attempt *a, struct message *m)
{
	bool file = a->kind == KIND_OPEN || a->dport != ESCAPE_SETNS;

	if (file)
		paths(o, a, m);
	else
		places(o, m);
	if (a->kind == KIND_OPEN || a->dport == ESCAPE_OPEN)
		how(o, m);
	traits(o, m);
}

bool
opening_fill(struct opening *o, const struct attempt *a, int64_t offset_us,
    struct message *m)
{
	m->time = a->time / 1000 + offset_us;
	if (a->kind == KIND_ESCAPE)
		escape(o, a, m);
	else
		opened(a, m);
	if (m->id == MSG_DIGEST) {
		m->start = m->time;
		m->time = m->end = a->decided / 1000 + offset_us;
		m->cnt = a->cnt;
	}
	if (kernel_doing(o->kernel, a->id, &o->doing) == -1)
		return true;
	beside(o, a, m);
	return a->kind == KIND_ESCAPE || is_watched(o, m);
}

void
opening_free(struct opening *o)
{
	if (o == NULL)
		return;
	forget(o);
	free(o);
}
