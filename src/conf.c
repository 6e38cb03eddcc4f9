/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration: files in, one checked struct out; see conf.h.
   confyaml.c reads a file's text, confmake.c works out what it means. */
#include "conf.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boxfilter.h"
#include "confmake.h"
#include "confyaml.h"
#include "log.h"
#include "options.h"
#include "redact.h"

#define FILE_MAX	(1 << 20)	/* bytes */

static struct conf *
conf_new(void)
{
	struct conf *c = calloc(1, sizeof(*c));
	char mem[256];
	struct buf why;

	if (c == NULL)
		return NULL;
	for (const struct option *o = options; o->key != NULL; o++) {
		buf_init(&why, mem, sizeof(mem));
		if (o->def != NULL && option_set(o, c, o->def, &why) == -1)
			goto fail;
	}
	for (const char *const *p = filter_default_exclude; *p != NULL; p++)
		if (items_add(&c->exclude, *p, NULL) == -1)
			goto fail;
	for (const char *const *p = filter_default_listen; *p != NULL; p++)
		if (items_add(&c->listen_exclude, *p, NULL) == -1)
			goto fail;
	for (const char *const *p = conf_default_forwarders; *p != NULL; p++)
		if (items_add(&c->forwarders, *p, NULL) == -1)
			goto fail;
	return c;
fail:
	conf_free(c);
	return NULL;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (const struct option *o = options; o->key != NULL; o++) {
		if (o->type == OPT_LIST)
			items_clear(option_items(o, c));
		else if (o->type == OPT_NAME || o->type == OPT_PATH)
			free(*(char **)((char *)c + o->off));
	}
	filter_free(c->filter);
	boxfilter_free(c->box_filter);
	filter_free(c->listen_filter);
	redact_free(c->redact);
	free(c->proxies);
	free(c);
}

/* What hangs or never ends is refused: a file of the configuration is read
   again at every SIGHUP.  /dev/null is how one of conf.d/ is masked. */
static const char *
unfit(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return strerror(EISDIR);
	if (!S_ISREG(st.st_mode) &&
	    (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)))
		return "not a regular file";
	return NULL;
}

/* At most size bytes; -1 with errno. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, text + n, size - n);
		if (got == -1 && errno != EINTR)
			return -1;
		n += got > 0 ? got : 0;
	} while (got != 0 && n < size);
	return n;
}

/* Returns the number of troubles. */
static unsigned
read_file(struct conf *c, const char *path, bool must)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *why = NULL;
	char *text = NULL;
	unsigned troubles = 1;
	ssize_t n;

	if (fd == -1 && errno == ENOENT && !must)
		return 0;
	if (fd == -1 || (text = malloc(FILE_MAX + 1)) == NULL)
		why = strerror(errno);
	else if ((why = unfit(fd)) == NULL &&
	    (n = read_all(fd, text, FILE_MAX + 1)) == -1)
		why = strerror(errno);
	else if (why == NULL && n > FILE_MAX)
		why = "larger than 1 MiB";
	if (why != NULL)
		log_error("%s: cannot be read: %s", path, why);
	else
		troubles = confyaml_read(c, path, text, n);
	free(text);
	if (fd != -1)
		close(fd);
	return troubles;
}

static int
is_yaml(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 &&
	    strcmp(e->d_name + n - 5, ".yaml") == 0;
}

/* By bytes: the same order in every locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What conf.d beside path has in it; that there is none is no trouble. */
static unsigned
read_directory(struct conf *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	int dirlen = slash == NULL ? 0 : slash + 1 - path, n;
	char dir[PATH_MAX], file[PATH_MAX + NAME_MAX + 2];
	struct dirent **e;
	unsigned troubles = 0;

	snprintf(dir, sizeof(dir), "%.*sconf.d", dirlen, path);
	n = scandir(dir, &e, is_yaml, by_name);
	if (n == -1) {
		if (errno == ENOENT)
			return 0;
		log_error("%s: cannot be read: %s", dir, strerror(errno));
		return 1;
	}
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", dir, e[i]->d_name);
		troubles += read_file(c, file, true);
		free(e[i]);
	}
	free(e);
	return troubles;
}

struct conf *
conf_read(const char *path, bool must)
{
	struct conf *c = conf_new();
	unsigned troubles;

	if (c == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	troubles = read_file(c, path, must);
	troubles += read_directory(c, path);
	troubles += confmake(c, path);
	if (troubles == 0)
		return c;
	conf_free(c);
	return NULL;
}

struct conf *
conf_read_text(const char *name, const char *text, size_t n)
{
	struct conf *c = conf_new();

	if (c == NULL)
		return NULL;
	if (confyaml_read(c, name, text, n) + confmake(c, name) == 0)
		return c;
	conf_free(c);
	return NULL;
}
