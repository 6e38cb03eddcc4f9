/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of many logs in which something is said; see search.h. */
#define _GNU_SOURCE	/* sched_getaffinity */
#include "search.h"

#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "logfile.h"
#include "search_impl.h"

#define PART	(16 << 20)	/* bytes of a text that one thread takes */
#define ROUNDS	4		/* logs that are rotated all the time */

struct search {
	struct files files;
	struct needles needles;
	struct search_stats stats;
	unsigned threads;
	uint64_t part;
	size_t listed;		/* problems of search_log, before a run */
};

static volatile sig_atomic_t interrupted;

void
search_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

bool
search_interrupted(void)
{
	return interrupted != 0;
}

static unsigned
processors(void)
{
	cpu_set_t set;
	int n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > SEARCH_THREADS ? SEARCH_THREADS : n;
}

struct search *
search_new(void)
{
	struct search *s = calloc(1, sizeof(*s));

	if (s != NULL)
		search_tune(s, 0, 0);
	return s;
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

/* Has it been compressed meanwhile, and been found so? */
static bool
has_compressed(const struct files *fs, const char *path)
{
	size_t n = strlen(path), i;

	for (i = 0; i < fs->n; i++)
		if (!fs->file[i].missed &&
		    strncmp(fs->file[i].path, path, n) == 0 &&
		    strcmp(fs->file[i].path + n, ".gz") == 0)
			return true;
	return false;
}

/* What was not found under any name. */
static int
name_missed(struct files *fs)
{
	size_t i;

	for (i = 0; i < fs->n; i++)
		if (fs->file[i].missed &&
		    !has_compressed(fs, fs->file[i].path) &&
		    files_problem(fs, SEARCH_VANISHED, fs->file[i].path, 0,
		    1) < 0)
			return -1;
	return 0;
}

static void
begin(struct search *s)
{
	struct files *fs = &s->files;
	size_t i;

	while (fs->nproblems > s->listed)
		free((char *)fs->problem[--fs->nproblems].file);
	for (i = 0; i < fs->n; i++)
		fs->file[i].done = fs->file[i].missed = false;
	s->stats = (struct search_stats){ .files = 0 };
}

int
search_run(struct search *s, const struct search_calls *calls)
{
	size_t missed = 1;
	int rc, rounds;

	begin(s);
	rc = files_copy(&s->files);
	for (rounds = 0; rc == 0 && missed != 0 && rounds < ROUNDS; rounds++) {
		/* What was rotated has another name now. */
		if (rounds > 0)
			rc = files_again(&s->files);
		if (rc == 0)
			rc = search_round(&s->files, &s->needles, calls,
			    s->threads, s->part, &s->stats, &missed);
		if (s->stats.interrupted)
			break;
	}
	return rc == 0 ? name_missed(&s->files) : rc;
}

void
search_tune(struct search *s, unsigned threads, uint64_t part)
{
	s->threads = threads == 0 ? processors() :
	    threads > SEARCH_THREADS ? SEARCH_THREADS : threads;
	s->part = part == 0 ? PART : part;
}

unsigned
search_threads(const struct search *s)
{
	return s->threads;
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
