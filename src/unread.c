/* SPDX-License-Identifier: BSD-2-Clause */
/* What the socket took and nobody has read; see unread.h. */
#include "unread.h"

#include <stdlib.h>

/* Systemd lets a socket hold 512 messages (net.unix.max_dgram_qlen), each of
   8000 bytes at most.  The memory is taken when it is used. */
#define MOST	(5 << 20)	/* bytes */
#define ASK	(256 << 10)	/* bytes that come, then it is asked */

struct unread {
	struct queue *queue;
	size_t bytes;		/* of the messages alone */
	size_t since;		/* those that came since it was asked */
};

struct unread *
unread_new(void)
{
	struct unread *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->queue = queue_new(MOST);
	if (u->queue == NULL) {
		free(u);
		return NULL;
	}
	return u;
}

static void
drop_first(struct unread *u)
{
	struct queued q;

	if (!queue_head(u->queue, &q))
		return;
	u->bytes -= q.len;
	queue_pop(u->queue);
}

bool
unread_add(struct unread *u, const char *msg, size_t len)
{
	while (!queue_put(u->queue, msg, len, 0)) {
		if (queue_count(u->queue) == 0)
			return false;
		drop_first(u);
	}
	u->bytes += len;
	u->since += len;
	return u->since >= ASK;
}

void
unread_keep(struct unread *u, size_t bytes)
{
	while (u->bytes > bytes)
		drop_first(u);
	u->since = 0;
}

bool
unread_first(const struct unread *u, struct queued *q)
{
	return queue_head(u->queue, q);
}

void
unread_rotate(struct unread *u)
{
	struct queued q;

	/* Put before it is popped: the bytes are the ring's own. */
	if (queue_head(u->queue, &q) && queue_put(u->queue, q.msg, q.len, 0))
		u->bytes += q.len;
	drop_first(u);
}

size_t
unread_count(const struct unread *u)
{
	return queue_count(u->queue);
}

void
unread_free(struct unread *u)
{
	if (u == NULL)
		return;
	queue_free(u->queue);
	free(u);
}
