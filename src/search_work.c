/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A round of the search: threads take files, or parts of a big text, in order
 * and scan them; the caller's thread hands out what they found in the same
 * order.  A thread that is too far ahead waits, so memory stays small.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "search_queue.h"

static bool
stopped(struct round *r)
{
	return atomic_load_explicit(&r->stop, memory_order_relaxed) ||
	    search_interrupted();
}

static void
fail(struct round *r, int error)
{
	pthread_mutex_lock(&r->lock);
	if (r->error == 0)
		r->error = error;
	atomic_store(&r->stop, true);
	pthread_mutex_unlock(&r->lock);
}

static void
problem(struct round *r, enum search_trouble what, const struct found_file *f,
    int error, uint64_t count)
{
	int rc;

	pthread_mutex_lock(&r->lock);
	rc = files_problem(r->files, what, file_name(f), error, count);
	pthread_mutex_unlock(&r->lock);
	if (rc < 0)
		fail(r, ENOMEM);
}

/* A text that is worth it is kept open, for its name can change meanwhile. */
static bool
in_parts(const struct round *r, struct found_file *f)
{
	unsigned char magic[2];
	int fd;

	if (f->size < r->part + r->part / 2 || (fd = file_open(f)) < 0)
		return false;
	if (pread(fd, magic, 2, 0) != 2 || memcmp(magic, "\x1f\x8b", 2) == 0) {
		close(fd);
		return false;
	}
	if (f->fd >= 0)
		close(fd);
	else
		f->fd = fd;
	return true;
}

/* What is next; the lock is held.  False: nothing. */
static bool
next_part(struct round *r, struct job *job)
{
	struct found_file *f;

	while (r->file < r->files->n && r->files->file[r->file].done)
		r->file++;
	if (r->file == r->files->n)
		return false;
	f = r->files->file + r->file;
	if (r->at == 0)
		r->parts = in_parts(r, f);
	*job = (struct job){ .file = f, .from = r->at, .to = UINT64_MAX,
	    .tail = &job->head };
	f->parts++;
	if (r->parts && f->size - r->at > r->part + r->part / 2) {
		r->at += r->part;
		job->to = r->at;
	} else {
		f->done = true;
		r->at = 0;
	}
	return true;
}

/* The next job, when there is a place for it; NULL: nothing to do. */
static struct job *
take_job(struct round *r)
{
	struct job *job = NULL;

	pthread_mutex_lock(&r->lock);
	while (!stopped(r) && r->next - r->first == JOBS)
		pthread_cond_wait(&r->room, &r->lock);
	if (!stopped(r) && next_part(r, r->job + r->next % JOBS))
		job = r->job + r->next++ % JOBS;
	pthread_mutex_unlock(&r->lock);
	return job;
}

/* From the line that begins at or behind the part's first byte, */
static size_t
skip_front(struct job *job, const struct logfile *lf, const char *block,
    size_t n)
{
	const char *nl;

	if (logfile_stats(lf)->toolong != 0) {
		job->long_front = true;		/* and is gone already */
		return 0;
	}
	nl = memchr(block, '\n', n);
	return nl == NULL ? n : (size_t)(nl + 1 - block);
}

/* to the end of the one that begins before its last. */
static size_t
cut_end(const char *block, size_t n, uint64_t offset, uint64_t to)
{
	const char *nl;

	if (offset >= to)
		return 0;
	if (to - offset >= n)
		return n;
	nl = memchr(block + (to - offset) - 1, '\n', n - (to - offset) + 1);
	return nl == NULL ? n : (size_t)(nl + 1 - block);
}

/* 0: the end, or stopped. */
static int
scan_part(struct worker *w, struct job *job, struct logfile *lf)
{
	uint64_t offset, bytes = 0;
	const char *block;
	size_t n, skip;
	int rc;

	while ((rc = logfile_block(lf, &block, &n)) > 0 && !stopped(w->round)) {
		offset = logfile_offset(lf);
		skip = bytes == 0 && job->from != 0 ?
		    skip_front(job, lf, block, n) : 0;
		bytes += n;
		n = cut_end(block, n, offset, job->to);
		if (n > skip && scan_block(w->scan, block + skip, n - skip,
		    offset + skip, queue_hit, w) < 0)
			return stopped(w->round) ? 0 : -1;
		queue_flush(w);
		atomic_fetch_add(&w->round->bytes, n > skip ? n - skip : 0);
		if (offset + n >= job->to || n == 0)
			return 0;
	}
	return rc < 0 ? -1 : 0;
}

static void
finish(struct round *r, struct job *job, struct logfile *lf)
{
	const struct logfile_stats *s = logfile_stats(lf);
	uint64_t toolong = s->toolong - job->long_front;

	if (s->damaged)
		problem(r, SEARCH_DAMAGED, job->file, 0, 1);
	if (toolong != 0)
		problem(r, SEARCH_TOOLONG, job->file, 0, toolong);
	atomic_fetch_add(&r->toolong, toolong);
}

/* What nobody here can read is better said than searched in vain. */
static bool
is_packed(int fd)
{
	static const char *const magics[] = {
		"\3757zXZ", "\x28\xb5\x2f\xfd", "BZh"
	};
	char magic[8] = { 0 };
	size_t i;

	if (pread(fd, magic, sizeof(magic), 0) < 0)
		return false;
	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (strncmp(magic, magics[i], strlen(magics[i])) == 0)
			return true;
	return false;
}

static struct logfile *
open_part(struct round *r, struct job *job)
{
	struct found_file *f = job->file;
	struct logfile *lf;
	int fd = file_open(f);

	if (fd < 0 && (errno == ENOENT || errno == ESTALE)) {
		atomic_fetch_add(&r->missed, 1);
		f->missed = true;
		return NULL;
	}
	if (fd >= 0 && is_packed(fd)) {
		close(fd);
		problem(r, SEARCH_PACKED, f, 0, 1);
		return NULL;
	}
	if (fd < 0 || (lf = logfile_fdopen(fd, f->path)) == NULL) {
		problem(r, SEARCH_UNREADABLE, f, errno, 1);
		return NULL;
	}
	/* The byte before tells whether a line begins here. */
	if (job->from != 0 && logfile_seek(lf, job->from - 1) < 0) {
		problem(r, SEARCH_UNREADABLE, f, errno, 1);
		logfile_close(lf);
		return NULL;
	}
	return lf;
}

static void
do_job(struct worker *w, struct job *job)
{
	struct round *r = w->round;
	bool *matters = scan_matters(w->scan);
	struct logfile *lf;

	if (matters != NULL &&
	    !file_can_matter(r->needles, job->file, matters)) {
		if (job->to == UINT64_MAX)
			atomic_fetch_add(&r->excluded, 1);
		return;
	}
	if ((lf = open_part(r, job)) == NULL)
		return;
	w->job = job;
	if (scan_part(w, job, lf) < 0) {
		if (errno == ENOMEM)
			fail(r, ENOMEM);
		else
			problem(r, SEARCH_UNREADABLE, job->file, errno, 1);
	}
	finish(r, job, lf);
	if (job->to == UINT64_MAX)
		atomic_fetch_add(&r->searched, 1);
	logfile_close(lf);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct round *r = w->round;
	struct job *job;

	while ((job = take_job(r)) != NULL) {
		do_job(w, job);
		queue_done(w, job);
	}
	pthread_mutex_lock(&r->lock);
	r->working--;
	pthread_cond_signal(&r->news);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Signals are for the caller's thread. */
static unsigned
start(struct round *r, struct worker *w, unsigned n)
{
	sigset_t all, old;
	unsigned i;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 0; i < n; i++) {
		w[i].round = r;
		w[i].number = i;
		if ((w[i].scan = scan_new(r->needles)) == NULL)
			break;
		pthread_mutex_lock(&r->lock);
		r->working++;
		pthread_mutex_unlock(&r->lock);
		if ((errno = pthread_create(&w[i].thread, NULL, work, w + i)) ==
		    0)
			continue;
		pthread_mutex_lock(&r->lock);
		r->working--;
		pthread_mutex_unlock(&r->lock);
		scan_free(w[i].scan);
		break;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return i;
}

static void
settle_accounts(struct round *r, struct search_stats *stats)
{
	stats->files += r->searched;
	stats->excluded += r->excluded;
	stats->bytes += r->bytes;
	stats->toolong += r->toolong;
}

int
search_round(struct files *fs, const struct needles *ns,
    const struct search_calls *calls, unsigned nthreads, uint64_t part,
    struct search_stats *stats, size_t *missed)
{
	struct worker w[SEARCH_THREADS] = { { .round = NULL } };
	struct round r = { .files = fs, .needles = ns, .calls = calls,
	    .part = part };
	unsigned n, i;

	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.room, NULL);
	pthread_cond_init(&r.news, NULL);
	if ((n = start(&r, w, nthreads)) == 0)
		r.error = errno;
	queue_hand_out(&r, stats);
	for (i = 0; i < n; i++) {
		pthread_join(w[i].thread, NULL);
		scan_free(w[i].scan);
		free(w[i].batch);
	}
	pthread_mutex_destroy(&r.lock);
	pthread_cond_destroy(&r.room);
	pthread_cond_destroy(&r.news);
	settle_accounts(&r, stats);
	*missed = r.missed;
	errno = r.error;
	return r.error == 0 ? 0 : -1;
}
