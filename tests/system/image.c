/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator's words around exec: arguments, scripts, executables
 * without a name.  Arguments are %HH-escaped; a + in them separates two.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"

static void
add(struct load *l, char *arg)
{
	if (l->argc == LOAD_ARGS || !arg) {
		errno = E2BIG;
		fail("arguments");
	}
	l->argv[l->argc++] = arg;
}

/* arg=TEXT: one more argument for the next exec, argv[0] first. */
static void
do_arg(struct load *l, char *arg)
{
	arg = strdup(arg);
	load_unescape(arg);
	add(l, arg);
}

/* pad=N: an argument of N bytes. */
static void
do_pad(struct load *l, char *arg)
{
	int n = atoi(arg);
	char *text = malloc(n + 1);

	if (!text)
		fail("pad");
	for (int i = 0; i < n; i++)
		text[i] = 'a' + i % 26;
	text[n] = '\0';
	add(l, text);
}

/* many=N: N arguments of about 8 bytes. */
static void
do_many(struct load *l, char *arg)
{
	for (int i = 0, n = atoi(arg); i < n; i++) {
		char *text;

		if (asprintf(&text, "arg%05d", i) < 0)
			fail("many");
		add(l, text);
	}
}

/* path: what the kernel is asked for. */
static void
prepare(struct load *l, const char *path)
{
	snprintf(l->know.asked, sizeof(l->know.asked), "%s", path);
	if (!l->argc)
		add(l, "load");
	l->argv[l->argc] = NULL;
	know_export(&l->know);
	setenv("LOAD", l->next ? l->next : "", 1);
}

static void
prepare_fd(struct load *l, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	prepare(l, path);
}

/* exec=PATH: the rest of the program in a new image, of the same process. */
static void
do_exec(struct load *l, char *arg)
{
	load_unescape(arg);
	if (!*arg)
		arg = "/proc/self/exe";
	prepare(l, arg);
	execv(arg, l->argv);
	fail("exec");
}

static void
fill(int out)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char buf[65536];
	ssize_t n;

	if (in < 0 || out < 0)
		fail("copy");
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			fail("copy");
	close(in);
}

/* memfd=NAME: exec of a file that lives in memory alone. */
static void
do_memfd(struct load *l, char *arg)
{
	int fd;

	load_unescape(arg);
	fd = memfd_create(arg, MFD_CLOEXEC);
	fill(fd);
	prepare_fd(l, fd);
	fexecve(fd, l->argv, environ);
	fail("memfd");
}

/* gone=PATH: exec of a file that was deleted before. */
static void
do_gone(struct load *l, char *arg)
{
	int fd;

	load_unescape(arg);
	fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	fill(fd);
	close(fd);
	fd = open(arg, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || unlink(arg) < 0)
		fail(arg);
	prepare_fd(l, fd);
	fexecve(fd, l->argv, environ);
	fail("gone");
}

/* unlink=PATH: our executable loses its name while we run. */
static void
do_unlink(struct load *l, char *arg)
{
	load_unescape(arg);
	if (unlink(arg) < 0)
		fail(arg);
	l->know.unlinked = 1;
}

/* script=PATH: a script that names this executable as its interpreter. */
static void
do_script(struct load *l, char *arg)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *f;

	(void)l;
	load_unescape(arg);
	if (n < 0 || !(f = fopen(arg, "w")))
		fail(arg);
	self[n] = '\0';
	fprintf(f, "#!%s -x\n", self);
	if (fchmod(fileno(f), 0755) < 0 || fclose(f))
		fail(arg);
}

const struct word image_words[] = {
	{ "arg",	do_arg },
	{ "pad",	do_pad },
	{ "many",	do_many },
	{ "exec",	do_exec },
	{ "memfd",	do_memfd },
	{ "gone",	do_gone },
	{ "unlink",	do_unlink },
	{ "script",	do_script },
	{ NULL,		NULL }
};
