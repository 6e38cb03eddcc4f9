/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection to the control socket; see watcher.h. */
#include "watcher.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expr.h"
#include "jsontext.h"
#include "request.h"

struct watcher {
	const struct watcher_owner *owner;
	struct peer peer;
	int fd;
	struct event *readable, *writable;
	struct evbuffer *out;
	struct expr *where;
	bool watches;
	bool ended;		/* nothing more is read */
	bool over;
	bool blocked;		/* the socket took no more */
	bool ready;		/* a whole line waits for its turn */
	uint64_t lost;		/* events that it was not yet told of */
	unsigned turns, bad, idle;
	size_t len;
	char in[REQUEST_LINE];
};

static size_t
waiting(const struct watcher *w)
{
	return evbuffer_get_length(w->out);
}

static void
put(struct watcher *w, const char *s, size_t n)
{
	if (evbuffer_add(w->out, s, n) == -1)
		w->over = true;		/* half a line would be a lie */
	event_add(w->writable, NULL);
}

/* What the socket takes. */
static void
drain(struct watcher *w)
{
	w->blocked = evbuffer_write(w->out, w->fd) == -1;
	if (w->blocked && errno != EAGAIN && errno != EINTR)
		w->over = true;
}

static void
tell_lost(struct watcher *w)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "{\"lost\":%" PRIu64 "}\n",
	    w->lost);

	w->lost = 0;
	put(w, line, n);
}

/* Lines that are whole, as long as it is this one's turn and he reads. */
static void
serve(struct watcher *w)
{
	char *end;
	size_t n;

	w->ready = false;
	while (!w->ended && (end = memchr(w->in, '\n', w->len)) != NULL) {
		w->ready = true;
		if (waiting(w) > WATCHER_QUEUE / 2 ||
		    w->turns >= WATCHER_TURNS ||
		    !w->owner->turn(w->owner->arg))
			break;
		w->turns++;
		w->idle = 0;
		n = end - w->in;
		if (!w->owner->line(w->owner->arg, w, w->in, n) &&
		    ++w->bad == WATCHER_BAD) {
			watcher_complain(w, "too many lines that are no "
			    "request: closed");
			w->ended = true;
		}
		w->len -= n + 1;
		memmove(w->in, end + 1, w->len);
		w->ready = false;
	}
	if (!w->ended && !w->ready && w->len == sizeof(w->in)) {
		watcher_complain(w, "a line is too long: closed");
		w->ended = true;
	}
	if (!w->ended && !w->ready)
		event_add(w->readable, NULL);
	else
		event_del(w->readable);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct watcher *w = arg;
	ssize_t n = read(fd, w->in + w->len, sizeof(w->in) - w->len);

	(void)what;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		w->ended = true;
		w->idle = 0;
		w->over = n == -1;
		event_del(w->readable);
		return;
	}
	w->len += n;
	serve(w);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct watcher *w = arg;

	(void)fd;
	(void)what;
	drain(w);
	if (w->lost > 0 && waiting(w) < WATCHER_QUEUE / 2)
		tell_lost(w);
	if (w->over || waiting(w) == 0)
		event_del(w->writable);
}

struct watcher *
watcher_new(struct event_base *base, int fd, const struct peer *peer,
    const struct watcher_owner *owner)
{
	struct watcher *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->fd = -1;
	w->owner = owner;
	w->peer = *peer;
	w->out = evbuffer_new();
	w->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable,
	    w);
	w->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable,
	    w);
	if (w->out == NULL || w->readable == NULL || w->writable == NULL) {
		watcher_free(w);
		errno = ENOMEM;
		return NULL;
	}
	w->fd = fd;
	/* After all that is logged. */
	event_priority_set(w->readable, WATCHER_PRIORITY);
	event_priority_set(w->writable, WATCHER_PRIORITY);
	event_add(w->readable, NULL);
	return w;
}

const struct peer *
watcher_peer(const struct watcher *w)
{
	return &w->peer;
}

void
watcher_say(struct watcher *w, const char *s, size_t n)
{
	put(w, s, n);
	put(w, "\n", 1);
}

void
watcher_complain(struct watcher *w, const char *why)
{
	char line[2048];
	struct buf b;

	buf_init(&b, line, sizeof(line));
	buf_adds(&b, "{\"error\":\"");
	jsontext(&b, why, strlen(why));
	buf_adds(&b, "\"}");
	if (!b.full)
		watcher_say(w, line, b.len);
}

void
watcher_watch(struct watcher *w, struct expr *where)
{
	expr_free(w->where);
	w->where = where;
	w->watches = true;
}

bool
watcher_watches(const struct watcher *w)
{
	return w->watches && !w->ended && !w->over;
}

const struct expr *
watcher_where(const struct watcher *w)
{
	return w->where;
}

bool
watcher_event(struct watcher *w, const char *s, size_t n)
{
	size_t room = w->lost > 0 ? WATCHER_QUEUE / 2 : WATCHER_QUEUE;

	/* The loop may be away, reading many events at once. */
	if (waiting(w) + n > WATCHER_QUEUE / 4 && !w->blocked && !w->over)
		drain(w);
	if (waiting(w) + n > room) {
		w->lost++;
		return true;
	}
	if (w->lost > 0)
		tell_lost(w);
	put(w, s, n);
	return false;
}

void
watcher_lose(struct watcher *w)
{
	w->lost++;
}

bool
watcher_tick(struct watcher *w)
{
	w->turns = 0;
	if (w->over)
		return true;
	if (w->ready)
		serve(w);
	if (w->lost > 0 && !w->ended && waiting(w) < WATCHER_QUEUE / 2)
		tell_lost(w);
	w->idle++;
	if (w->ended)
		return waiting(w) == 0 || w->idle > WATCHER_LINGER;
	if (w->watches || w->idle < WATCHER_IDLE)
		return false;
	watcher_complain(w, "nothing was asked for long: closed");
	w->ended = true;
	w->idle = 0;
	event_del(w->readable);
	return false;
}

void
watcher_free(struct watcher *w)
{
	if (w == NULL)
		return;
	if (w->fd != -1 && waiting(w) > 0)
		evbuffer_write(w->out, w->fd);
	if (w->readable != NULL)
		event_free(w->readable);
	if (w->writable != NULL)
		event_free(w->writable);
	if (w->out != NULL)
		evbuffer_free(w->out);
	expr_free(w->where);
	if (w->fd != -1)
		close(w->fd);
	free(w);
}
