/* SPDX-License-Identifier: BSD-2-Clause */
/* Where messages go, and what waits for it; see sink.h. */
#include "sink.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "ingest.h"
#include "log.h"
#include "queue.h"
#include "rfc5424.h"
#include "target.h"
#include "unread.h"

#define RESERVE		(512 << 10)	/* bytes, for our own messages */
#define QUEUE_MIN	(64 << 10)	/* bytes, whatever is configured */
#define RETRY_MIN_MS	20
#define RETRY_MAX_MS	1000
#define TICK_MS		1000
#define SLOW_MS		10000		/* said if nothing was taken so long */
#define BURST		256		/* messages per turn of the loop */
#define UNREAD_MS	100		/* until it is asked what was read */

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

static void
timer_add(struct event *ev, unsigned ms)
{
	const struct timeval tv = { ms / 1000, ms % 1000 * 1000L };

	event_add(ev, &tv);
}

/* Not put off by those who want it again. */
static void
tick_add(struct sink *s)
{
	if (!evtimer_pending(s->tick, NULL))
		timer_add(s->tick, TICK_MS);
}

static void
settle(struct sink *s, uint64_t token, bool kept)
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
	tick_add(s);
}

/* The descriptor may be about to be closed or replaced. */
static void
forget_ready(struct sink *s)
{
	if (s->ready != NULL)
		event_free(s->ready);
	s->ready = NULL;
}

static void drain(struct sink *);

static void
ready_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	drain(arg);
}

static void
wait_writable(struct sink *s)
{
	int fd = target_fd(s->target);

	stop(s);
	if (s->ready_fd != fd)
		forget_ready(s);
	if (s->ready == NULL)
		s->ready = event_new(s->base, fd, EV_WRITE, ready_cb, s);
	s->ready_fd = fd;
	if (s->ready == NULL || event_add(s->ready, NULL) == -1)
		timer_add(s->retry, RETRY_MIN_MS);	/* then by the clock */
}

static void
wait_retry(struct sink *s, int error)
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
	s->backoff_ms = RETRY_MIN_MS;
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
		wait_retry(s, errno);
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

static void
ask_later(struct sink *s)
{
	if (s->asking || unread_count(s->unread) == 0)
		return;
	timer_add(s->ask, UNREAD_MS);
	s->asking = true;
}

/* What was read does not have to be sent again.  Another reader gets all that
   is left. */
static void
ask(struct sink *s)
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
	ask_later(s);
}

/* false: the message has to wait. */
static bool
offer(struct sink *s, const struct queued *q, bool queued)
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
	settle(s, token, r == PUT_OK);
	return true;
}

static void
drain(struct sink *s)
{
	struct queued q;
	int n = BURST;

	if (!repeat(s))
		return;
	while (n-- > 0 && queue_head(s->queue, &q))
		if (!offer(s, &q, true))
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

void
sink_write(struct sink *s, const char *msg, size_t len, uint64_t token)
{
	const struct queued q = { msg, len, token };

	if (!s->stopped && queue_count(s->queue) == 0 && offer(s, &q, false))
		return;
	if (queue_put(s->queue, msg, len, token))
		return;
	if (!s->said_full)
		log_warn("%s: the queue is full, messages are dropped",
		    target_place(s->target));
	s->said_full = true;
	settle(s, token, false);
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	if (target_decide(s->target, !sink_room(s)) == -1)
		wait_retry(s, errno);
	else
		drain(s);
	if (target_watch(s->target))
		tick_add(s);
}

static void
ask_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	s->asking = false;
	ask(s);
	if (s->again > 0)
		drain(s);
	ask_later(s);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;
	const bool stuck = s->stopped && queue_count(s->queue) > 0;

	(void)fd;
	(void)what;
	if (stuck && !s->said_down && !s->said_slow &&
	    target_decided(s->target) &&
	    clock_ms() - s->stopped_ms >= SLOW_MS) {
		log_warn("%s: took nothing for %d s; messages wait",
		    target_place(s->target), SLOW_MS / 1000);
		s->said_slow = true;
	}
	if (target_watch(s->target))
		forget_ready(s);
	target_tick(s->target, stuck);
	if (stuck && target_decided(s->target))
		drain(s);
	if (s->stopped || target_watch(s->target))
		tick_add(s);
}

struct sink *
sink_open(const struct conf *conf, bool to_stdout, struct event_base *base,
    sink_done *done, void *arg)
{
	struct sink *s = calloc(1, sizeof(*s));
	int error;

	if (s == NULL)
		return NULL;
	s->base = base;
	s->done = done;
	s->arg = arg;
	s->backoff_ms = RETRY_MIN_MS;
	s->left = INGEST_UNKNOWN;
	s->limit = conf->queue > QUEUE_MIN ? conf->queue : QUEUE_MIN;
	s->queue = queue_new(s->limit + RESERVE);
	s->retry = evtimer_new(base, retry_cb, s);
	s->tick = evtimer_new(base, tick_cb, s);
	s->ask = evtimer_new(base, ask_cb, s);
	s->unread = unread_new();
	if (s->queue == NULL || s->retry == NULL || s->tick == NULL ||
	    s->ask == NULL || s->unread == NULL)
		goto fail;
	s->target = target_open(conf, to_stdout);
	if (s->target == NULL)
		goto fail;
	if (!target_decided(s->target))
		wait_retry(s, ENOENT);
	else if (target_watch(s->target))
		tick_add(s);
	return s;
fail:
	error = errno;
	sink_close(s);
	errno = error;
	return NULL;
}

bool
sink_room(const struct sink *s)
{
	return queue_bytes(s->queue) + queue_cost(RFC5424_MAX) <= s->limit;
}

bool
sink_low(const struct sink *s)
{
	return queue_bytes(s->queue) <= s->limit / 2;
}

void
sink_flush(struct sink *s, unsigned ms)
{
	const int64_t until = clock_ms() + ms;
	struct pollfd p = { .events = POLLOUT };
	int64_t left = ms;

	while (queue_count(s->queue) + s->again > 0 && left > 0) {
		target_decide(s->target, true);
		drain(s);
		/* Down or a file: by the clock. */
		p.fd = s->said_down ? -1 : target_fd(s->target);
		if (s->stopped)
			poll(&p, 1, left < RETRY_MIN_MS ? (int)left :
			    RETRY_MIN_MS);
		left = until - clock_ms();
	}
}

void
sink_reopen(struct sink *s)
{
	forget_ready(s);
	target_reopen(s->target);
	if (s->stopped && target_decided(s->target))
		drain(s);
}

const char *
sink_target(const struct sink *s)
{
	return target_name(s->target);
}

bool
sink_ended(const struct sink *s)
{
	return s->ended;
}

size_t
sink_queued(const struct sink *s)
{
	return queue_count(s->queue);
}

size_t
sink_unread(const struct sink *s)
{
	return unread_count(s->unread);
}

uint64_t
sink_dropped(const struct sink *s)
{
	return s->dropped;
}

void
sink_close(struct sink *s)
{
	struct queued q;

	if (s == NULL)
		return;
	while (s->queue != NULL && queue_head(s->queue, &q)) {
		queue_pop(s->queue);
		settle(s, q.token, false);
	}
	forget_ready(s);
	if (s->retry != NULL)
		event_free(s->retry);
	if (s->tick != NULL)
		event_free(s->tick);
	if (s->ask != NULL)
		event_free(s->ask);
	unread_free(s->unread);
	queue_free(s->queue);
	target_close(s->target);
	free(s);
}
