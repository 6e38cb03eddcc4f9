/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of many logs in which something is said; see search.h. */
#include "search.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "logfile.h"
#include "search_impl.h"

struct search {
	struct files files;
	struct needles needles;
	struct search_stats stats;
	size_t listed;		/* problems of search_log, before a run */
};

/* What happens with the hits of one file. */
struct sieve {
	struct search *search;
	const struct search_calls *calls;
	const char *name;
};

static volatile sig_atomic_t interrupted;

void
search_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

struct search *
search_new(void)
{
	return calloc(1, sizeof(struct search));
}

int
search_log(struct search *s, const char *path)
{
	int rc = files_add(&s->files, path);

	s->listed = s->files.nproblems;
	return rc;
}

int
search_needle(struct search *s, const struct search_needle *needle)
{
	return needles_add(&s->needles, needle);
}

void
search_forget_needles(struct search *s)
{
	needles_clear(&s->needles);
}

static bool
take_hit(void *arg, const struct search_hit *hit)
{
	struct sieve *v = arg;
	struct search_hit h = *hit;

	h.file = v->name;
	if (v->calls->check != NULL &&
	    !v->calls->check(v->calls->arg, 0, &h))
		return true;
	v->search->stats.hits++;
	if (v->calls->found(v->calls->arg, &h) == 0)
		return true;
	v->search->stats.interrupted = true;
	return false;
}

static int
scan_file(struct search *s, struct sieve *v, struct scan *scan,
    struct logfile *lf)
{
	uint64_t offset = 0;
	const char *block;
	size_t n;
	int rc;

	while ((rc = logfile_block(lf, &block, &n)) > 0) {
		if (interrupted)
			s->stats.interrupted = true;
		if (s->stats.interrupted)
			return 0;
		if (scan_block(scan, block, n, offset, take_hit, v) < 0 &&
		    !s->stats.interrupted)
			return -1;
		offset += n;
	}
	if (rc < 0)
		return files_problem(&s->files, SEARCH_UNREADABLE,
		    logfile_name(lf), errno, 1);
	return 0;
}

static int
search_file(struct search *s, struct sieve *v, struct scan *scan,
    const char *path)
{
	struct logfile *lf = logfile_open(path);
	const struct logfile_stats *ls;
	int rc;

	if (lf == NULL)
		return files_problem(&s->files, errno == ENOENT ?
		    SEARCH_VANISHED : SEARCH_UNREADABLE, path, errno, 1);
	v->name = logfile_name(lf);
	rc = scan_file(s, v, scan, lf);
	ls = logfile_stats(lf);
	s->stats.files++;
	s->stats.bytes += ls->bytes;
	s->stats.toolong += ls->toolong;
	if (ls->damaged)
		rc |= files_problem(&s->files, SEARCH_DAMAGED, v->name, 0, 1);
	if (ls->toolong != 0)
		rc |= files_problem(&s->files, SEARCH_TOOLONG, v->name, 0,
		    ls->toolong);
	logfile_close(lf);
	return rc;
}

int
search_run(struct search *s, const struct search_calls *calls)
{
	struct sieve v = { .search = s, .calls = calls };
	struct scan *scan = scan_new(&s->needles);
	size_t i;
	int rc = scan == NULL ? -1 : 0;

	while (s->files.nproblems > s->listed)
		free((char *)s->files.problem[--s->files.nproblems].file);
	s->stats = (struct search_stats){ .files = 0 };
	for (i = 0; i < s->files.n && rc == 0 && !s->stats.interrupted; i++)
		rc = search_file(s, &v, scan, s->files.file[i].path);
	scan_free(scan);
	return rc;
}

unsigned
search_threads(const struct search *s)
{
	(void)s;
	return 1;
}

const struct search_stats *
search_stats(const struct search *s)
{
	return &s->stats;
}

const struct search_problem *
search_problems(const struct search *s, size_t *n)
{
	*n = s->files.nproblems;
	return s->files.problem;
}

void
search_say_problems(const struct search *s)
{
	size_t i;

	for (i = 0; i < s->files.nproblems; i++) {
		const struct search_problem *p = s->files.problem + i;

		switch (p->what) {
		case SEARCH_UNREADABLE:
			log_error("%s: %s", p->file, strerror(p->error));
			break;
		case SEARCH_VANISHED:
			log_warn("%s: gone before it was read", p->file);
			break;
		case SEARCH_DAMAGED:
			log_warn("%s: gzip data damaged or cut off: "
			    "what follows is missing", p->file);
			break;
		case SEARCH_TOOLONG:
			log_warn("%s: %" PRIu64 " lines over %d bytes skipped",
			    p->file, p->count, LOGFILE_LINE);
			break;
		case SEARCH_PACKED:
			log_warn("%s: not searched: only gzip is read",
			    p->file);
			break;
		case SEARCH_DEEP:
			log_warn("%s: not searched: more than %d directories "
			    "deep", p->file, SEARCH_DEPTH);
			break;
		}
	}
}

void
search_free(struct search *s)
{
	if (s == NULL)
		return;
	files_free(&s->files);
	needles_clear(&s->needles);
	free(s);
}
