/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files there are to search: trees, patterns, each file once, the one
   that changed last first. */
#define _GNU_SOURCE	/* asprintf */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "search_impl.h"

int
files_problem(struct files *fs, enum search_trouble what, const char *path,
    int error, uint64_t count)
{
	struct search_problem *more, *p;
	char *copy;

	for (p = fs->problem; p < fs->problem + fs->nproblems; p++)
		if (p->what == what && p->error == error &&
		    strcmp(p->file, path) == 0) {
			p->count += count;
			return 0;
		}
	copy = strdup(path);
	more = realloc(fs->problem, (fs->nproblems + 1) * sizeof(*more));
	if (more != NULL)
		fs->problem = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		return -1;
	}
	fs->problem[fs->nproblems++] =
	    (struct search_problem){ what, copy, error, count };
	return 0;
}

static int
append(struct files *fs, const char *path, const struct stat *st, bool named)
{
	struct found_file *more, *f;

	if (fs->n == fs->size) {
		fs->size = fs->size == 0 ? 64 : fs->size * 2;
		more = realloc(fs->file, fs->size * sizeof(*more));
		if (more == NULL)
			return -1;
		fs->file = more;
	}
	f = fs->file + fs->n;
	*f = (struct found_file){ .path = strdup(path), .dev = st->st_dev,
	    .ino = st->st_ino, .named = named, .fd = -1,
	    .once = !S_ISREG(st->st_mode),
	    .size = st->st_size,
	    .changed = st->st_mtim.tv_sec * INT64_C(1000000) +
	    st->st_mtim.tv_nsec / 1000 };
	if (f->path == NULL)
		return -1;
	fs->n++;
	return 0;
}

static int add_directory(struct files *, const char *, int depth);

/* What is in a directory: a file, or one more directory. */
static int
add_entry(struct files *fs, const char *path, int depth)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 :
		    files_problem(fs, SEARCH_UNREADABLE, path, errno, 1);
	if (S_ISDIR(st.st_mode))
		return add_directory(fs, path, depth + 1);
	if (S_ISLNK(st.st_mode) && stat(path, &st) < 0)
		return 0;	/* to nowhere */
	return S_ISREG(st.st_mode) ? append(fs, path, &st, false) : 0;
}

static int
add_directory(struct files *fs, const char *path, int depth)
{
	struct dirent *e;
	char *file;
	int rc = 0;
	DIR *d;

	if (depth > SEARCH_DEPTH)
		return files_problem(fs, SEARCH_DEEP, path, 0, 1);
	if ((d = opendir(path)) == NULL)
		return depth == 0 ? -1 :
		    files_problem(fs, SEARCH_UNREADABLE, path, errno, 1);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (asprintf(&file, "%s/%s", path, e->d_name) < 0) {
			rc = -1;
			break;
		}
		rc = add_entry(fs, file, depth);
		free(file);
	}
	closedir(d);
	return rc;
}

static int
add_named(struct files *fs, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? add_directory(fs, path, 0) :
	    append(fs, path, &st, true);
}

static int
add_pattern(struct files *fs, const char *pattern)
{
	glob_t g;
	size_t i;
	int rc;

	rc = glob(pattern, 0, NULL, &g);
	for (i = 0; rc == 0 && i < g.gl_pathc; i++)
		if (add_named(fs, g.gl_pathv[i]) < 0)
			rc = files_problem(fs, SEARCH_UNREADABLE,
			    g.gl_pathv[i], errno, 1) < 0 ? GLOB_NOSPACE : 0;
	globfree(&g);
	if (rc != 0) {
		errno = rc == GLOB_NOMATCH ? ENOENT :
		    rc == GLOB_NOSPACE ? ENOMEM : EACCES;
		return -1;
	}
	return 0;
}

static int
by_inode(const void *a, const void *b)
{
	const struct found_file *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	/* What has its name still, then what is open or done, or was named. */
	if (x->missed != y->missed)
		return x->missed ? 1 : -1;
	if ((x->fd >= 0) != (y->fd >= 0))
		return x->fd >= 0 ? -1 : 1;
	if (x->done != y->done)
		return x->done ? -1 : 1;
	if (x->named != y->named)
		return x->named ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int
newest_first(const void *a, const void *b)
{
	const struct found_file *x = a, *y = b;

	if (x->changed != y->changed)
		return x->changed > y->changed ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void
release(struct found_file *f)
{
	free(f->path);
	if (f->fd >= 0)
		close(f->fd);
}

/* Each file once, and in order. */
static void
settle(struct files *fs)
{
	struct found_file *f = fs->file;
	size_t i, n = 0;

	if (fs->n == 0)
		return;
	qsort(f, fs->n, sizeof(*f), by_inode);
	for (i = 0; i < fs->n; i++) {
		if (n > 0 && f[n - 1].dev == f[i].dev &&
		    f[n - 1].ino == f[i].ino)
			release(f + i);
		else
			f[n++] = f[i];
	}
	fs->n = n;
	qsort(f, n, sizeof(*f), newest_first);
}

static int
add_path(struct files *fs, const char *path)
{
	struct stat st;
	int rc;

	if (strcmp(path, "-") == 0)
		rc = fstat(STDIN_FILENO, &st) < 0 ? -1 :
		    append(fs, path, &st, true);
	else if ((rc = add_named(fs, path)) < 0 && errno == ENOENT)
		rc = add_pattern(fs, path);
	settle(fs);
	return rc;
}

int
files_add(struct files *fs, const char *path)
{
	char **more = realloc(fs->log, (fs->nlogs + 1) * sizeof(*more));

	if (more == NULL)
		return -1;
	fs->log = more;
	if (add_path(fs, path) < 0 ||
	    (fs->log[fs->nlogs] = strdup(path)) == NULL)
		return -1;
	fs->nlogs++;
	return 0;
}

int
files_again(struct files *fs)
{
	size_t i, nproblems = fs->nproblems;

	for (i = 0; i < fs->nlogs; i++)
		if (add_path(fs, fs->log[i]) < 0 && errno == ENOMEM)
			return -1;
	/* These were named the first time. */
	while (fs->nproblems > nproblems)
		free((char *)fs->problem[--fs->nproblems].file);
	return 0;
}

const char *
file_name(const struct found_file *f)
{
	return strcmp(f->path, "-") == 0 ? "standard input" : f->path;
}

int
file_open(const struct found_file *f)
{
	char path[32];
	struct stat st;
	int fd;

	if (f->fd >= 0)
		snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	else if (strcmp(f->path, "-") == 0)
		snprintf(path, sizeof(path), "/proc/self/fd/0");
	fd = open(f->fd >= 0 || strcmp(f->path, "-") == 0 ? path : f->path,
	    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || f->fd >= 0)
		return fd;
	if (fstat(fd, &st) == 0 && st.st_dev == f->dev &&
	    st.st_ino == f->ino)
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

void
files_free(struct files *fs)
{
	while (fs->n > 0)
		release(fs->file + --fs->n);
	free(fs->file);
	while (fs->nlogs > 0)
		free(fs->log[--fs->nlogs]);
	free(fs->log);
	while (fs->nproblems > 0)
		free((char *)fs->problem[--fs->nproblems].file);
	free(fs->problem);
}
