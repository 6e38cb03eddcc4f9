/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a file can have messages of a window, told by its ends.  What is
 * not known speaks for the file, and so does what was named by the user: an
 * export can be in any order, and the time of a copy says nothing.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "logfile.h"
#include "search_impl.h"

#define LOOK	64		/* lines at the front */
#define TAIL	(64 << 10)	/* bytes at the end */

/* TIMESTAMP of the first message; NUM_NONE if there is none near the front,
   or if those that follow are older: then it is not a log as it was written. */
static int64_t
first_time(const char *path)
{
	struct logfile *lf = logfile_open(path);
	int64_t first = NUM_NONE, time;
	const char *line;
	size_t n;
	int i;

	for (i = 0; lf != NULL && i < LOOK; i++) {
		if (logfile_line(lf, &line, &n) <= 0)
			break;
		if (json_line(line, line + n)) {
			first = NUM_NONE;
			break;
		}
		time = line_time(line, n);
		if (first == NUM_NONE)
			first = time;
		else if (time != NUM_NONE && time < first - SEARCH_SKEW) {
			first = NUM_NONE;
			break;
		}
	}
	logfile_close(lf);
	return first;
}

/* TIMESTAMP of the last message of a text. */
static int64_t
last_time(const char *path)
{
	static _Thread_local char tail[TAIL];
	int64_t time = NUM_NONE, last = NUM_NONE;
	char *line, *nl;
	ssize_t n = -1;
	off_t size;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
		return NUM_NONE;
	if ((size = lseek(fd, 0, SEEK_END)) >= 0)
		n = pread(fd, tail, TAIL, size < TAIL ? 0 : size - TAIL);
	close(fd);
	for (line = tail; n > 0; n -= nl + 1 - line, line = nl + 1) {
		if ((nl = memchr(line, '\n', n)) == NULL)
			break;
		if ((time = line_time(line, nl - line)) != NUM_NONE)
			last = time;
	}
	return last;
}

/* What is known of a file's ends; each is looked at when it is asked for. */
struct ends {
	const struct found_file *file;
	int64_t first, last;
	bool has_first, has_last;
};

static int64_t
first_of(struct ends *e)
{
	if (!e->has_first)
		e->first = first_time(e->file->path);
	e->has_first = true;
	return e->first;
}

static int64_t
last_of(struct ends *e)
{
	if (!e->has_last)
		e->last = last_time(e->file->path);
	e->has_last = true;
	return e->last;
}

/* Was the last of it written before? */
static bool
is_older(struct ends *e, int64_t since)
{
	int64_t last;

	if (e->file->changed >= since - SEARCH_SKEW)
		return false;
	if ((last = last_of(e)) == NUM_NONE)
		last = first_of(e);
	return last != NUM_NONE && last < since - SEARCH_SKEW;
}

/* Was the first of it written after? */
static bool
is_newer(struct ends *e, int64_t until)
{
	if (e->file->changed <= until + SEARCH_LATE)
		return false;
	return first_of(e) != NUM_NONE && first_of(e) > until + SEARCH_LATE &&
	    (last_of(e) == NUM_NONE || last_of(e) > until + SEARCH_LATE);
}

bool
file_can_matter(const struct needles *ns, const struct found_file *f,
    bool *matters)
{
	struct ends e = { .file = f };
	bool any = false;
	size_t i;

	for (i = 0; i < ns->n; i++) {
		const struct window *w = ns->window + i;

		matters[i] = f->named ||
		    ((w->since == 0 || !is_older(&e, w->since)) &&
		    (w->until == 0 || !is_newer(&e, w->until)));
		any = any || matters[i];
	}
	return any;
}
