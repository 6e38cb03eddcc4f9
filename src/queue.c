/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that wait for their target; see queue.h. */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN		16
#define SKIP		UINT32_MAX	/* len: what follows is unused */
#define GIVE_BACK	(1 << 20)	/* bytes used before, in a jam */

/* A record never wraps: a message is sent from where it lies. */
struct record {
	uint64_t token;
	uint32_t len;
	uint32_t pad;
	char msg[];
};

struct queue {
	char *ring;
	size_t size;
	size_t head, tail;	/* offsets; equal: empty, or full if count */
	size_t bytes, count;
	size_t top;		/* highest offset used since it was empty */
};

size_t
queue_cost(size_t len)
{
	return (sizeof(struct record) + len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

struct queue *
queue_new(size_t bytes)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->size = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	q->ring = mmap(NULL, q->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (q->ring == MAP_FAILED) {
		free(q);
		return NULL;
	}
	return q;
}

static struct record *
record_at(const struct queue *q, size_t offset)
{
	return (struct record *)(void *)(q->ring + offset);
}

/* Makes the space for `need` bytes contiguous, at the tail or, the rest
   being skipped, at the start of the ring. */
static bool
make_room(struct queue *q, size_t need)
{
	size_t rest = q->size - q->tail;

	if (q->count > 0 && q->tail <= q->head)
		return need <= q->head - q->tail;
	if (need <= rest)
		return true;
	if (q->count == 0 || need > q->head)
		return false;
	if (rest > 0)
		record_at(q, q->tail)->len = SKIP;
	q->bytes += rest;
	q->tail = 0;
	return true;
}

bool
queue_put(struct queue *q, const char *msg, size_t len, uint64_t token)
{
	size_t need = queue_cost(len);
	struct record *r;

	if (!make_room(q, need))
		return false;
	r = record_at(q, q->tail);
	r->token = token;
	r->len = len;
	memcpy(r->msg, msg, len);
	q->tail += need;
	q->bytes += need;
	q->count++;
	if (q->tail > q->top)
		q->top = q->tail;
	return true;
}

bool
queue_head(const struct queue *q, struct queued *out)
{
	const struct record *r;

	if (q->count == 0)
		return false;
	r = record_at(q, q->head);
	out->msg = r->msg;
	out->len = r->len;
	out->token = r->token;
	return true;
}

static void
emptied(struct queue *q)
{
	if (q->top > GIVE_BACK)
		madvise(q->ring, q->size, MADV_DONTNEED);
	q->head = q->tail = q->bytes = q->top = 0;
}

void
queue_pop(struct queue *q)
{
	size_t cost;

	if (q->count == 0)
		return;
	cost = queue_cost(record_at(q, q->head)->len);
	q->head += cost;
	q->bytes -= cost;
	if (--q->count == 0) {
		emptied(q);
		return;
	}
	if (q->head == q->size || record_at(q, q->head)->len == SKIP) {
		q->bytes -= q->size - q->head;
		q->head = 0;
	}
}

size_t
queue_count(const struct queue *q)
{
	return q->count;
}

size_t
queue_bytes(const struct queue *q)
{
	return q->bytes;
}

void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	munmap(q->ring, q->size);
	free(q);
}
