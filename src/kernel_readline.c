/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where readline() is: in each bash of the host, in the library for those that
 * have it from there, and where the configuration says.
 */
#include "kernel_impl.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "conf.h"
#include "log.h"
#include "pidtreed.skel.h"

static const char *const shells[] = {
	"/usr/bin/bash", "/bin/bash", "/usr/local/bin/bash", "/opt/*/bin/bash",
};
/* On some systems bash has it from here, and so have other programs. */
static const char *const libraries[] = {
	"/usr/lib*/libreadline.so.*", "/usr/lib/*/libreadline.so.*",
	"/lib*/libreadline.so.*", "/lib/*/libreadline.so.*",
};

struct look {
	struct kernel *k;
	struct readlines found;
	size_t attached;
	bool shell;		/* there is a bash without it */
	int err;
};

static bool
known(const struct readlines *r, const struct stat *st)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].dev == st->st_dev && r->v[i].ino == st->st_ino)
			return true;
	return false;
}

/* One that is watched already stays so: nothing is missed or told twice. */
static struct bpf_link *
take(struct readlines *r, const struct stat *st)
{
	struct bpf_link *link = NULL;

	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].dev != st->st_dev || r->v[i].ino != st->st_ino)
			continue;
		link = r->v[i].link;
		r->v[i].link = NULL;
	}
	return link;
}

static struct bpf_link *
attach(struct kernel *k, const char *path)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = true,
	    .func_name = "readline");

	kernel_reason_clear();
	if (bpf_program__fd(k->skel->progs.on_readline) < 0) {
		errno = EPERM;		/* it was off at the start */
		return NULL;
	}
	return bpf_program__attach_uprobe_opts(k->skel->progs.on_readline, -1,
	    path, 0, &opts);
}

static const char *
reason(int err)
{
	return err == EACCES || err == EPERM ? "CAP_SYS_ADMIN is needed, which "
	    "a restart may have: pidtreed.log(5)" : kernel_reason(err);
}

static void
watch(struct look *l, const char *path, bool shell)
{
	struct readlines *r = &l->found;
	struct bpf_link *link;
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    known(r, &st) || r->n == READLINE_FILES)
		return;
	link = take(&l->k->readlines, &st);
	if (link == NULL)
		link = attach(l->k, path);
	l->attached += link != NULL;
	r->v[r->n].dev = st.st_dev;
	r->v[r->n].ino = st.st_ino;
	r->v[r->n++].link = link;
	if (link == NULL) {
		if (shell && errno == ENOENT) {
			l->shell = true;
			return;
		}
		l->err = errno;
		log_warn("readline: %s: %s", path, reason(l->err));
	}
}

static void
watch_all(struct look *l, const char *pattern, bool shell)
{
	glob_t g;

	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		watch(l, g.gl_pathv[i], shell);
	globfree(&g);
}

/* /etc/shells has those that are elsewhere. */
static void
watch_shells(struct look *l)
{
	FILE *f = fopen("/etc/shells", "re");
	char line[4096];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '/' && strcmp(strrchr(line, '/'), "/bash") == 0)
			watch(l, line, true);
	}
	if (f != NULL)
		fclose(f);
}

void
kernel_readline(struct kernel *k, const struct conf *conf, const char **why)
{
	struct look l = { .k = k };

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		watch_all(&l, shells[i], true);
	watch_shells(&l);
	for (size_t i = 0; l.shell && i < sizeof(libraries) /
	    sizeof(*libraries); i++)
		watch_all(&l, libraries[i], false);
	for (size_t i = 0; i < conf->readline_files.n; i++)
		watch(&l, conf->readline_files.v[i].text, false);
	kernel_readline_end(&k->readlines);
	k->readlines = l.found;
	*why = l.attached > 0 ? NULL : l.err != 0 ? reason(l.err) :
	    "no bash with readline() was found";
}

void
kernel_readline_end(struct readlines *r)
{
	for (size_t i = 0; i < r->n; i++)
		bpf_link__destroy(r->v[i].link);
	r->n = 0;
}
