/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are changed together, or not at all; see change.h. */
#include "config.h"

#include "change.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX	(1 << 20)

char *
change_read(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), e;
	struct stat st;
	char *p = NULL;
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		goto fail;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (!S_ISREG(st.st_mode))
		goto fail;
	errno = EFBIG;
	if (st.st_size > FILE_MAX ||
	    (p = malloc(st.st_size + 1)) == NULL)
		goto fail;
	for (*n = 0; *n < (size_t)st.st_size; *n += got) {
		got = read(fd, p + *n, st.st_size - *n);
		if (got < 0)
			goto fail;
		if (got == 0)
			break;
	}
	p[*n] = '\0';
	close(fd);
	return p;
fail:
	e = errno;
	free(p);
	close(fd);
	errno = e;
	return NULL;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			p += done;
			n -= done;
		}
	}
	return 0;
}

/* The name in the directory is on the disk only after this. */
static int
sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd, rc;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	/* Not every file system can. */
	return rc < 0 && errno != EINVAL ? -1 : 0;
}

/* Beside it under a name that no *.conf matches, then over it. */
static int
replace(const char *path, const char *text, size_t n, mode_t mode)
{
	char temp[PATH_MAX];
	int fd, e;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = mkostemp(temp, O_CLOEXEC)) < 0)
		return -1;
	if (fchmod(fd, mode) < 0 || write_all(fd, text, n) < 0 ||
	    fsync(fd) < 0 || rename(temp, path) < 0) {
		e = errno;
		close(fd);
		unlink(temp);
		errno = e;
		return -1;
	}
	close(fd);
	return sync_directory(path);
}

static int
put(const char *path, const char *text, size_t n, mode_t mode)
{
	if (text != NULL)
		return replace(path, text, n, mode);
	return unlink(path) < 0 && errno != ENOENT ? -1 : 0;
}

/* What is there now, for change_undo. */
static int
remember(struct change *c)
{
	struct stat st;

	if ((c->old = change_read(c->path, &c->nold)) == NULL)
		return errno == ENOENT ? 0 : -1;
	if (stat(c->path, &st) < 0)
		return -1;
	c->oldmode = st.st_mode & 07777;
	return 0;
}

int
change_apply(struct change *c, size_t n, const char **where)
{
	size_t i;
	int e;

	for (i = 0; i < n; i++) {
		*where = c[i].path;
		if (remember(&c[i]) < 0)
			break;
		/* Also if it fails half-way: undoing it is harmless. */
		c[i].done = true;
		if (put(c[i].path, c[i].text, c[i].n, c[i].mode) < 0)
			break;
	}
	if (i == n)
		return 0;
	e = errno;
	change_undo(c, n);
	errno = e;
	return -1;
}

int
change_undo(struct change *c, size_t n)
{
	int rc = 0;

	while (n-- > 0) {
		if (c[n].done &&
		    put(c[n].path, c[n].old, c[n].nold, c[n].oldmode) < 0)
			rc = -1;
		c[n].done = false;
	}
	return rc;
}

void
change_free(struct change *c, size_t n)
{
	while (n-- > 0) {
		free(c[n].old);
		c[n].old = NULL;
	}
}
