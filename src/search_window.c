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

/* The window of all needles together. */
static struct window
hull(const struct needles *ns)
{
	struct window w = { INT64_MAX, INT64_MIN };
	size_t i;

	for (i = 0; i < ns->n; i++) {
		const struct window *one = ns->window + i;

		if (one->since < w.since)
			w.since = one->since;
		if (one->until == 0 || one->until > w.until)
			w.until = one->until == 0 ? INT64_MAX : one->until;
	}
	return w;
}

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

/* Was the last of it written before? */
static bool
is_older(const struct found_file *f, int64_t since)
{
	int64_t last;

	if (f->changed >= since - SEARCH_SKEW)
		return false;
	if ((last = last_time(f->path)) == NUM_NONE)
		last = first_time(f->path);
	return last != NUM_NONE && last < since - SEARCH_SKEW;
}

/* Was the first of it written after? */
static bool
is_newer(const struct found_file *f, int64_t until)
{
	int64_t first, last;

	if (f->changed <= until + SEARCH_LATE)
		return false;
	first = first_time(f->path);
	last = last_time(f->path);
	return first != NUM_NONE && first > until + SEARCH_LATE &&
	    (last == NUM_NONE || last > until + SEARCH_LATE);
}

bool
file_can_matter(const struct needles *ns, const struct found_file *f)
{
	struct window w;

	if (!ns->windows || f->named)
		return true;
	w = hull(ns);
	return !(w.since != 0 && is_older(f, w.since)) &&
	    !(w.until != INT64_MAX && is_newer(f, w.until));
}
