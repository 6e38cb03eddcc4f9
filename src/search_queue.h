/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the threads that search and the one that hands out. */
#ifndef PIDTREED_SEARCH_QUEUE_H
#define PIDTREED_SEARCH_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include "logfile.h"
#include "search_impl.h"

#define JOBS	64		/* taken and not handed out yet, at most */

/* Hits of one block, one behind the other. */
struct batch {
	struct batch *next;
	size_t n, size;		/* bytes */
	char mem[];
};

/* A file, or a part of one. */
struct job {
	struct found_file *file;
	uint64_t from, to;	/* lines that begin there */
	struct batch *head, **tail;
	size_t queued;		/* bytes in them */
	bool done;
	bool long_front;	/* the line before its first was too long */
};

struct round {
	struct files *files;
	const struct needles *needles;
	const struct search_calls *calls;

	pthread_mutex_t lock;
	pthread_cond_t room;	/* for a job, for hits */
	pthread_cond_t news;	/* hits, a job is done, a thread ends */
	struct job job[JOBS];
	uint64_t first, next;	/* jobs: handed out next, taken next */
	size_t file;		/* of the next job, */
	uint64_t at;		/* and where it begins */
	bool parts;
	uint64_t part;		/* bytes */
	size_t queued;		/* bytes */
	unsigned working;	/* threads */
	int error;

	atomic_bool stop;
	atomic_uint_fast64_t bytes, toolong, searched, excluded, missed;
};

struct worker {
	struct round *round;
	unsigned number;
	pthread_t thread;
	struct scan *scan;
	struct job *job;
	struct batch *batch;	/* being filled */
};

/* A scan_hit: asks `check', then copies the hit for the caller's thread. */
bool queue_hit(void *worker, const struct search_hit *);
/* Gives what was copied to the caller's thread; waits if that has a lot to
   do. */
void queue_flush(struct worker *);
void queue_done(struct worker *, struct job *);
/* In the caller's thread, until all threads have ended. */
void queue_hand_out(struct round *, struct search_stats *);

#endif
