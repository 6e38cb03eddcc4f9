/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that wait for their target: a bounded ring, first in first out. */
#ifndef PIDTREED_QUEUE_H
#define PIDTREED_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/* What stands in the queue; msg is borrowed until queue_pop. */
struct queued {
	const char *msg;
	size_t len;
	uint64_t token;
};

/* NULL with errno.  The memory is taken only when it is used, and given
   back when the queue has run empty after a jam. */
struct queue *queue_new(size_t bytes);
/* Takes a copy; false: it does not fit, nothing has changed. */
bool queue_put(struct queue *, const char *msg, size_t len, uint64_t token);
/* The oldest; false: empty. */
bool queue_head(const struct queue *, struct queued *);
void queue_pop(struct queue *);
size_t queue_count(const struct queue *);
/* Bytes in use; queue_cost: what a message of len takes. */
size_t queue_bytes(const struct queue *);
size_t queue_cost(size_t len);
void queue_free(struct queue *);

#endif
