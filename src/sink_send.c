/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages are given to the target, and what follows from its answer: to wait
   for it, to send once more what the last reader has not read. */
#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "clock.h"
#include "ingest.h"
#include "log.h"
#include "sink_impl.h"
#include "target.h"
#include "unread.h"

#define RETRY_MAX_MS	1000
#define TICK_MS		1000
#define BURST		256		/* messages per turn of the loop */
#define UNREAD_MS	100		/* until it is asked what was read */

static void
timer_add(struct event *ev, unsigned ms)
{
	const struct timeval tv = { ms / 1000, ms % 1000 * 1000L };

	event_add(ev, &tv);
}

void
sink_tick_add(struct sink *s)
{
	if (!evtimer_pending(s->tick, NULL))
		timer_add(s->tick, TICK_MS);
}

void
sink_settle(struct sink *s, uint64_t token, bool kept)
{
	s->dropped += !kept;
	if (token != 0)
		s->done(s->arg, token, kept);
}

static void
stop(struct sink *s)
{
	if (!s->stopped)
		s->stopped_ms = clock_ms();
	s->stopped = true;
	sink_tick_add(s);
}

void
sink_forget_ready(struct sink *s)
{
	if (s->ready != NULL)
		event_free(s->ready);
	s->ready = NULL;
}

static void
ready_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	sink_drain(arg);
}

static void
wait_writable(struct sink *s)
{
	int fd = target_fd(s->target);

	stop(s);
	if (s->ready_fd != fd)
		sink_forget_ready(s);
	if (s->ready == NULL)
		s->ready = event_new(s->base, fd, EV_WRITE, ready_cb, s);
	s->ready_fd = fd;
	if (s->ready == NULL || event_add(s->ready, NULL) == -1)
		timer_add(s->retry, SINK_RETRY_MS);	/* then by the clock */
}

void
sink_wait_retry(struct sink *s, int error)
{
	stop(s);
	if (!s->said_down && target_decided(s->target)) {
		log_warn("%s: %s; messages wait", target_place(s->target),
		    strerror(error));
		s->said_down = true;
	}
	timer_add(s->retry, s->backoff_ms);
	s->backoff_ms = s->backoff_ms * 2 < RETRY_MAX_MS ?
	    s->backoff_ms * 2 : RETRY_MAX_MS;
}

/* The target took a message: what was said about trouble is taken back. */
static void
recovered(struct sink *s)
{
	if (s->said_down || s->said_slow)
		log_info("%s: takes messages again, after %.1f s",
		    target_place(s->target),
		    (clock_ms() - s->stopped_ms) / 1e3);
	s->stopped = s->said_down = s->said_slow = false;
	s->backoff_ms = SINK_RETRY_MS;
}

static void
refused(struct sink *s, enum put why, size_t len)
{
	if (why == PUT_BIG && !s->said_big) {
		log_warn("%s: does not take a message of %zu bytes, dropped",
		    target_place(s->target), len);
		s->said_big = true;
	} else if (why == PUT_END && !s->ended) {
		s->ended = true;
		event_base_loopexit(s->base, NULL);
	}
}

/* What follows from the target's answer has been done. */
static enum put
put(struct sink *s, const struct queued *q)
{
	enum put r = s->ended ? PUT_END :
	    target_put(s->target, q->msg, q->len);

	switch (r) {
	case PUT_WAIT:
		wait_writable(s);
		break;
	case PUT_RETRY:
		sink_wait_retry(s, errno);
		break;
	case PUT_AGAIN:
		s->again = unread_count(s->unread);
		s->left = INGEST_UNKNOWN;
		break;
	case PUT_BIG:
	case PUT_END:
		refused(s, r, q->len);
		break;
	case PUT_OK:
		if (s->stopped)
			recovered(s);
		break;
	}
	return r;
}

/* What the last reader may not have read, to the new one.  false: it has to
   wait. */
static bool
repeat(struct sink *s)
{
	struct queued q;
	enum put r;

	while (s->again > 0 && unread_first(s->unread, &q)) {
		r = put(s, &q);
		if (r == PUT_WAIT || r == PUT_RETRY)
			return false;
		if (r == PUT_AGAIN)
			continue;
		unread_rotate(s->unread);
		s->again--;
	}
	s->again = 0;
	return true;
}

void
sink_ask_later(struct sink *s)
{
	if (s->asking || unread_count(s->unread) == 0)
		return;
	timer_add(s->ask, UNREAD_MS);
	s->asking = true;
}

void
sink_ask(struct sink *s)
{
	const size_t n = s->again > 0 ? INGEST_UNKNOWN :
	    target_unread(s->target);

	s->left = INGEST_UNKNOWN;
	if (n == INGEST_OTHER)
		s->again = unread_count(s->unread);
	else if (n != INGEST_UNKNOWN)
		unread_keep(s->unread, n);
}

/* A message that was taken says that the reader is still there: so the number
   from before it was true. */
static void
taken(struct sink *s, const struct queued *q)
{
	if (!target_forgets(s->target))
		return;
	if (s->left != INGEST_UNKNOWN)
		unread_keep(s->unread, s->left);
	s->left = INGEST_UNKNOWN;
	if (unread_add(s->unread, q->msg, q->len))
		s->left = target_unread_maybe(s->target);
	sink_ask_later(s);
}

bool
sink_offer(struct sink *s, const struct queued *q, bool queued)
{
	const uint64_t token = q->token;
	enum put r;

	do {
		if (!repeat(s))
			return false;
		r = put(s, q);
	} while (r == PUT_AGAIN);
	if (r == PUT_WAIT || r == PUT_RETRY)
		return false;
	if (r == PUT_OK)
		taken(s, q);
	if (queued)
		queue_pop(s->queue);
	sink_settle(s, token, r == PUT_OK);
	return true;
}

void
sink_drain(struct sink *s)
{
	struct queued q;
	int n = BURST;

	if (!repeat(s))
		return;
	while (n-- > 0 && queue_head(s->queue, &q))
		if (!sink_offer(s, &q, true))
			return;
	if (queue_count(s->queue) > 0) {
		timer_add(s->retry, 0);
		return;
	}
	s->stopped = false;
	if (s->said_full)
		log_info("%s: the queue is empty again, %llu messages were "
		    "dropped", target_place(s->target),
		    (unsigned long long)(s->dropped - s->dropped_said));
	s->dropped_said = s->dropped;
	s->said_full = false;
}
