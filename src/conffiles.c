/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration's files, read whole; see conffiles.h. */
#include "conffiles.h"

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

#include "log.h"

#define FILE_MAX	(1 << 20)	/* bytes */

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

/* why: what is the matter with it already, or NULL. */
static unsigned
take(int fd, const char *name, const char *why, conffiles_fn *fn, void *arg)
{
	char *text = malloc(FILE_MAX + 1);
	unsigned troubles = 1;
	ssize_t n = 0;

	if (text == NULL)
		why = strerror(errno);
	else if (why == NULL && (n = read_all(fd, text, FILE_MAX + 1)) == -1)
		why = strerror(errno);
	else if (n > FILE_MAX)
		why = "larger than 1 MiB";
	if (why != NULL)
		log_error("%s: cannot be read: %s", name, why);
	else
		troubles = fn(arg, name, text, n);
	free(text);
	return troubles;
}

unsigned
conffiles_one(const char *path, bool must, conffiles_fn *fn, void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned troubles;

	if (fd == -1 && errno == ENOENT && !must)
		return 0;
	troubles = take(fd, path, fd == -1 ? strerror(errno) : unfit(fd), fn,
	    arg);
	if (fd != -1)
		close(fd);
	return troubles;
}

unsigned
conffiles_input(conffiles_fn *fn, void *arg)
{
	return take(STDIN_FILENO, "-", NULL, fn, arg);
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

unsigned
conffiles_all(const char *dir, conffiles_fn *fn, void *arg)
{
	char file[PATH_MAX + NAME_MAX + 2];
	struct dirent **e;
	unsigned troubles = 0;
	int n = scandir(dir, &e, is_yaml, by_name);

	if (n == -1) {
		if (errno == ENOENT)
			return 0;
		log_error("%s: cannot be read: %s", dir, strerror(errno));
		return 1;
	}
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", dir, e[i]->d_name);
		troubles += conffiles_one(file, true, fn, arg);
		free(e[i]);
	}
	free(e);
	return troubles;
}

unsigned
conffiles_beside(const char *path, const char *dir, conffiles_fn *fn,
    void *arg)
{
	const char *slash = strrchr(path, '/');
	int dirlen = slash == NULL ? 0 : slash + 1 - path;
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%.*s%s", dirlen, path, dir);
	return conffiles_all(whole, fn, arg);
}
