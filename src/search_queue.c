/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the threads that search and the one that hands out; see
   search_queue.h. */
#include "search_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH	(64 << 10)	/* bytes at first */
#define QUEUED	(8 << 20)	/* bytes that may wait, of all threads */
#define AHEAD	(QUEUED / 2)	/* of the one whose turn it is */
#define LOOK_NS	200000000

/* In a batch, the needles and the line behind it. */
struct record {
	uint64_t offset;
	uint32_t n, nneedles;
};

static size_t
aligned(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Room for n bytes more in the batch that is being filled. */
static char *
batch_room(struct worker *w, size_t n)
{
	struct batch *b = w->batch;
	size_t need = (b == NULL ? 0 : b->n) + n, size = BATCH;

	if (b == NULL || need > b->size) {
		while (size < need)
			size *= 2;
		b = realloc(w->batch, sizeof(*b) + size);
		if (b == NULL)
			return NULL;
		if (w->batch == NULL)
			b->n = 0;
		b->next = NULL;
		b->size = size;
		w->batch = b;
	}
	b->n += n;
	return b->mem + b->n - n;
}

bool
queue_hit(void *arg, const struct search_hit *hit)
{
	struct worker *w = arg;
	const struct search_calls *calls = w->round->calls;
	struct search_hit h = *hit;
	struct record *r;
	size_t needles = h.nneedles * sizeof(*h.needle);

	if (atomic_load_explicit(&w->round->stop, memory_order_relaxed))
		return false;
	h.file = file_name(w->job->file);
	if (calls->check != NULL && !calls->check(calls->arg, w->number, &h))
		return true;
	r = (void *)batch_room(w, aligned(sizeof(*r) + needles + h.n));
	if (r == NULL) {
		errno = ENOMEM;
		return false;
	}
	*r = (struct record){ h.offset, h.n, h.nneedles };
	memcpy(r + 1, h.needle, needles);
	memcpy((char *)(r + 1) + needles, h.line, h.n);
	return true;
}

/* Must this thread wait before it goes on? */
static bool
too_much(const struct round *r, const struct job *job)
{
	if (atomic_load(&r->stop) || search_interrupted())
		return false;
	return job == r->job + r->first % JOBS ? job->queued > AHEAD :
	    r->queued > QUEUED;
}

void
queue_flush(struct worker *w)
{
	struct round *r = w->round;
	struct batch *b = w->batch;

	if (b == NULL)
		return;
	w->batch = NULL;
	pthread_mutex_lock(&r->lock);
	*w->job->tail = b;
	w->job->tail = &b->next;
	w->job->queued += b->n;
	r->queued += b->n;
	pthread_cond_signal(&r->news);
	while (too_much(r, w->job))
		pthread_cond_wait(&r->room, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

void
queue_done(struct worker *w, struct job *job)
{
	struct round *r = w->round;
	struct found_file *f = job->file;

	pthread_mutex_lock(&r->lock);
	if (--f->parts == 0 && f->done && f->fd >= 0 && !f->once) {
		close(f->fd);
		f->fd = -1;
	}
	job->done = true;
	pthread_cond_signal(&r->news);
	pthread_mutex_unlock(&r->lock);
}

/* False: the caller wants no more. */
static bool
hand_out_batch(struct round *r, const struct job *job, const struct batch *b,
    struct search_stats *stats)
{
	struct search_hit h = { .file = file_name(job->file) };
	const struct record *rec;
	size_t at;

	for (at = 0; at < b->n && !search_interrupted(); ) {
		rec = (const void *)(b->mem + at);
		h.offset = rec->offset;
		h.n = rec->n;
		h.nneedles = rec->nneedles;
		h.needle = (const uint32_t *)(rec + 1);
		h.line = (const char *)(h.needle + h.nneedles);
		at += aligned(sizeof(*rec) + (h.line - (const char *)(rec +
		    1)) + h.n);
		stats->hits++;
		if (r->calls->found(r->calls->arg, &h) != 0)
			return false;
	}
	return true;
}

/* The lock is held, and released meanwhile. */
static void
take_batch(struct round *r, struct job *job, struct search_stats *stats)
{
	struct batch *b = job->head;
	bool more = true;

	if ((job->head = b->next) == NULL)
		job->tail = &job->head;
	pthread_mutex_unlock(&r->lock);
	if (!stats->interrupted && !search_interrupted())
		more = hand_out_batch(r, job, b, stats);
	pthread_mutex_lock(&r->lock);
	if (!more) {
		stats->interrupted = true;
		atomic_store(&r->stop, true);
	}
	job->queued -= b->n;
	r->queued -= b->n;
	pthread_cond_broadcast(&r->room);
	free(b);
}

/* Until there is news, or time to look whether it was interrupted. */
static void
wait_for_news(struct round *r)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += LOOK_NS;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&r->news, &r->lock, &t);
}

static void
tell(struct round *r, struct search_stats *stats, struct progress *p)
{
	struct search_stats now = *stats;

	now.bytes += atomic_load(&r->bytes);
	now.files += atomic_load(&r->searched);
	now.excluded += atomic_load(&r->excluded);
	progress_say(p, &now, r->files->n);
}

void
queue_hand_out(struct round *r, struct search_stats *stats)
{
	struct progress progress;
	struct job *job;

	progress_start(&progress);
	pthread_mutex_lock(&r->lock);
	while (r->working > 0 || r->first != r->next) {
		job = r->job + r->first % JOBS;
		if (r->first != r->next && job->head != NULL)
			take_batch(r, job, stats);
		else if (r->first != r->next && job->done) {
			r->first++;
			pthread_cond_broadcast(&r->room);
		} else
			wait_for_news(r);
		if (search_interrupted())
			pthread_cond_broadcast(&r->room);
		tell(r, stats, &progress);
	}
	pthread_mutex_unlock(&r->lock);
	if (search_interrupted())
		stats->interrupted = true;
	progress_end(&progress);
}
