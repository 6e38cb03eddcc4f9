/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be read only once (a pipe), kept for more than one search in a
   temporary file without a name. */
#define _GNU_SOURCE	/* O_TMPFILE */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "search_impl.h"

static int
temporary(void)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (dir == NULL || *dir == '\0')
		dir = P_tmpdir;
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR &&
	    errno != EINVAL))
		return fd;
	snprintf(path, sizeof(path), "%s/pidtree-XXXXXX", dir);
	if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
		unlink(path);
	return fd;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t w;

	for (; n > 0; p += w, n -= w)
		if ((w = write(fd, p, n)) < 0) {
			if (errno != EINTR)
				return -1;
			w = 0;
		}
	return 0;
}

/* Until the end, or until it is interrupted. */
static int
copy(int from, int to, uint64_t *size)
{
	char mem[64 << 10];
	ssize_t n;

	while (!search_interrupted()) {
		n = read(from, mem, sizeof(mem));
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || write_all(to, mem, n) < 0)
			return -1;
		*size += n;
	}
	return 0;
}

static int
copy_file(struct found_file *f)
{
	int from = strcmp(f->path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int rc = -1;

	if (from < 0)
		return -1;
	f->size = 0;
	if ((f->fd = temporary()) >= 0)
		rc = copy(from, f->fd, &f->size);
	close(from);
	return rc;
}

int
files_copy(struct files *fs)
{
	size_t i;

	for (i = 0; i < fs->n; i++) {
		struct found_file *f = fs->file + i;

		if (f->once && f->fd < 0 && copy_file(f) < 0 &&
		    files_problem(fs, SEARCH_UNREADABLE, file_name(f), errno,
		    1) < 0)
			return -1;
	}
	return 0;
}
