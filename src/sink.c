/* SPDX-License-Identifier: BSD-2-Clause */
/* Where messages go, and what waits for it; see sink.h. */
#include "sink_impl.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "ingest.h"
#include "log.h"
#include "rfc5424.h"
#include "target.h"
#include "unread.h"

#define RESERVE		(512 << 10)	/* bytes, for our own messages */
#define QUEUE_MIN	(64 << 10)	/* bytes, whatever is configured */
#define SLOW_MS		10000		/* said if nothing was taken so long */

void
sink_write(struct sink *s, const char *msg, size_t len, uint64_t token)
{
	const struct queued q = { msg, len, token };

	if (!s->stopped && queue_count(s->queue) == 0 &&
	    sink_offer(s, &q, false))
		return;
	if (queue_put(s->queue, msg, len, token))
		return;
	if (!s->said_full)
		log_warn("%s: the queue is full, messages are dropped",
		    target_place(s->target));
	s->said_full = true;
	sink_settle(s, token, false);
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	if (target_decide(s->target, !sink_room(s)) == -1)
		sink_wait_retry(s, errno);
	else
		sink_drain(s);
	if (target_watch(s->target))
		sink_tick_add(s);
}

static void
ask_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	s->asking = false;
	sink_ask(s);
	if (s->again > 0)
		sink_drain(s);
	sink_ask_later(s);
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
		sink_forget_ready(s);
	target_tick(s->target, stuck);
	if (stuck && target_decided(s->target))
		sink_drain(s);
	if (s->stopped || target_watch(s->target))
		sink_tick_add(s);
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
	s->backoff_ms = SINK_RETRY_MS;
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
		sink_wait_retry(s, ENOENT);
	else if (target_watch(s->target))
		sink_tick_add(s);
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
		sink_drain(s);
		/* Down or a file: by the clock. */
		p.fd = s->said_down ? -1 : target_fd(s->target);
		if (s->stopped)
			poll(&p, 1, left < SINK_RETRY_MS ? (int)left :
			    SINK_RETRY_MS);
		left = until - clock_ms();
	}
}

void
sink_reader_died(struct sink *s)
{
	if (!target_forgets(s->target))
		return;
	sink_ask(s);
	unread_back(s->unread);
	s->again = unread_count(s->unread);
	log_info("%s: its reader was killed, the last %zu messages go again",
	    target_place(s->target), s->again);
	sink_drain(s);
	sink_ask_later(s);
}

void
sink_reopen(struct sink *s)
{
	sink_forget_ready(s);
	target_reopen(s->target);
	if (s->stopped && target_decided(s->target))
		sink_drain(s);
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
		sink_settle(s, q.token, false);
	}
	sink_forget_ready(s);
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
