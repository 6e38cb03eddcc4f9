/* SPDX-License-Identifier: BSD-2-Clause */
/* Which logs to read; see loglist.h. */
#define _GNU_SOURCE	/* asprintf */
#include "loglist.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
append(struct loglist *l, char *path)
{
	char **more;

	more = path == NULL ? NULL :
	    realloc(l->path, (l->n + 1) * sizeof(*more));
	if (more == NULL) {
		free(path);
		errno = ENOMEM;
		return -1;
	}
	l->path = more;
	l->path[l->n++] = path;
	return 0;
}

static int
older_first(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	struct stat s, t;

	if (stat(x, &s) == 0 && stat(y, &t) == 0) {
		if (s.st_mtim.tv_sec != t.st_mtim.tv_sec)
			return s.st_mtim.tv_sec < t.st_mtim.tv_sec ? -1 : 1;
		if (s.st_mtim.tv_nsec != t.st_mtim.tv_nsec)
			return s.st_mtim.tv_nsec < t.st_mtim.tv_nsec ? -1 : 1;
	}
	return strcmp(x, y);
}

static void
sort_from(struct loglist *l, size_t first)
{
	if (l->n > first)
		qsort(l->path + first, l->n - first, sizeof(*l->path),
		    older_first);
}

static int
add_directory(struct loglist *l, const char *path)
{
	size_t first = l->n;
	struct dirent *e;
	struct stat st;
	char *file;
	DIR *d;

	if ((d = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (asprintf(&file, "%s/%s", path, e->d_name) < 0)
			file = NULL;
		else if (stat(file, &st) < 0 || !S_ISREG(st.st_mode)) {
			free(file);
			continue;
		}
		if (append(l, file) < 0) {
			closedir(d);
			return -1;
		}
	}
	closedir(d);
	sort_from(l, first);
	return 0;
}

static int
add_pattern(struct loglist *l, const char *pattern)
{
	size_t i, first = l->n;
	glob_t g;
	int rc;

	rc = glob(pattern, 0, NULL, &g);
	for (i = 0; rc == 0 && i < g.gl_pathc; i++)
		if (append(l, strdup(g.gl_pathv[i])) < 0)
			rc = GLOB_NOSPACE;
	globfree(&g);
	if (rc != 0) {
		errno = rc == GLOB_NOMATCH ? ENOENT :
		    rc == GLOB_NOSPACE ? ENOMEM : EACCES;
		return -1;
	}
	sort_from(l, first);
	return 0;
}

int
loglist_add(struct loglist *l, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") != 0) {
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return add_directory(l, path);
		if (stat(path, &st) < 0 && errno == ENOENT)
			return add_pattern(l, path);
	}
	return append(l, strdup(path));
}

void
loglist_free(struct loglist *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->path[i]);
	free(l->path);
	l->path = NULL;
	l->n = 0;
}
