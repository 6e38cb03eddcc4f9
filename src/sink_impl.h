/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the sink share: sink.c has the queue and the clock,
   sink_send.c gives messages to the target. */
#ifndef PIDTREED_SINK_IMPL_H
#define PIDTREED_SINK_IMPL_H

#include "queue.h"
#include "sink.h"

#define SINK_RETRY_MS	20		/* the first time; then longer */

struct event;
struct target;
struct unread;

struct sink {
	struct target *target;
	struct queue *queue;
	size_t limit;		/* bytes, before reading stops */
	struct unread *unread;
	size_t again;		/* so many of them are sent once more, first */
	size_t left;		/* bytes that were unread before the last send,
				   or INGEST_UNKNOWN */

	bool stopped;		/* not to be tried before an event says so */
	bool ended;
	int64_t stopped_ms;	/* since when */
	unsigned backoff_ms;
	bool said_down, said_slow, said_full, said_big;
	uint64_t dropped, dropped_said;

	struct event_base *base;
	struct event *ready;	/* the descriptor is writable */
	int ready_fd;
	struct event *retry, *tick, *ask;
	bool asking;		/* ask will come */
	sink_done *done;
	void *arg;
};

/* Its token, if it has one, is told. */
void sink_settle(struct sink *, uint64_t token, bool kept);
/* false: the message has to wait.  queued: it is the queue's first. */
bool sink_offer(struct sink *, const struct queued *, bool queued);
/* What waits, until the target takes no more, or for one turn of the loop. */
void sink_drain(struct sink *);
/* The target could not be written to (errno): again, later. */
void sink_wait_retry(struct sink *, int error);
/* The descriptor may be about to be closed or replaced. */
void sink_forget_ready(struct sink *);
/* Not put off by those who want it again. */
void sink_tick_add(struct sink *);
/* What was read does not have to be sent again.  Another reader gets all that
   is left. */
void sink_ask(struct sink *);
void sink_ask_later(struct sink *);

#endif
