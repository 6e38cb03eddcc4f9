/* SPDX-License-Identifier: BSD-2-Clause */
/* What the socket took and nobody has read; see unread.h. */
#include "unread.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* systemd lets a socket hold 512 messages (net.unix.max_dgram_qlen), each of
   8000 bytes at most.  Memory is taken when it is used. */
#define MOST		(5 << 20)	/* bytes */
#define ASK		(64 << 10)	/* bytes that come, then it is asked */
#define GIVE_BACK	(1 << 20)	/* bytes used before, in a jam */
#define ALIGN		8
#define PAGE		(64 << 10)	/* of any machine; above a message */

/* Not a ring: what is left moves to the front, so that the same memory, which
   is in the processor's cache, is used again and again. */
struct unread {
	char *mem;
	size_t head, tail, top;	/* offsets; top: the highest since empty */
	size_t last;		/* bytes of the record at head that was read;
				   0: there is none.  The others follow. */
	size_t count;
	size_t bytes;		/* of the messages alone */
	size_t since;		/* those that came since it was asked */
};

struct record {
	uint64_t len;
	char msg[];
};

static size_t
cost(size_t len)
{
	return (sizeof(struct record) + len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct record *
first(const struct unread *u)
{
	return (struct record *)(void *)(u->mem + u->head + u->last);
}

struct unread *
unread_new(void)
{
	struct unread *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->mem = mmap(NULL, MOST, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (u->mem == MAP_FAILED) {
		free(u);
		return NULL;
	}
	return u;
}

/* It is the last that was read; the one before it is forgotten. */
static void
drop_first(struct unread *u)
{
	const size_t len = first(u)->len;

	u->bytes -= len;
	u->head += u->last;
	u->last = cost(len);
	u->count--;
}

/* It was sent again, and is not what a reader has. */
static void
forget_first(struct unread *u)
{
	drop_first(u);
	u->head += u->last;
	u->last = 0;
}

static void
move_to_front(struct unread *u)
{
	memmove(u->mem, u->mem + u->head, u->tail - u->head);
	u->tail -= u->head;
	u->head = 0;
}

static void
put(struct unread *u, const char *msg, size_t len)
{
	struct record *r = (struct record *)(void *)(u->mem + u->tail);

	r->len = len;
	memcpy(r->msg, msg, len);
	u->tail += cost(len);
	if (u->tail > u->top)
		u->top = u->tail;
	u->count++;
	u->bytes += len;
}

bool
unread_add(struct unread *u, const char *msg, size_t len)
{
	if (u->tail + cost(len) > MOST) {
		/* More than a quarter is free then, so that it is rare. */
		while (u->count > 0 && u->tail - u->head > MOST / 4 * 3)
			drop_first(u);
		move_to_front(u);
		if (u->tail + cost(len) > MOST)
			return false;
	}
	put(u, msg, len);
	u->since += len;
	return u->since >= ASK;
}

void
unread_keep(struct unread *u, size_t bytes)
{
	u->since = 0;
	while (u->bytes > bytes)
		drop_first(u);
	if (u->count == 0) {
		move_to_front(u);
		if (u->top > GIVE_BACK)
			madvise(u->mem + PAGE, MOST - PAGE, MADV_DONTNEED);
		u->top = u->tail;
	} else if (u->head > u->tail - u->head)
		move_to_front(u);
}

bool
unread_first(const struct unread *u, struct queued *q)
{
	if (u->count == 0)
		return false;
	*q = (struct queued){ first(u)->msg, first(u)->len, 0 };
	return true;
}

void
unread_rotate(struct unread *u)
{
	if (u->count == 0)
		return;
	if (u->tail + cost(first(u)->len) > MOST)
		move_to_front(u);
	if (u->tail + cost(first(u)->len) <= MOST)
		put(u, first(u)->msg, first(u)->len);
	forget_first(u);
}

void
unread_back(struct unread *u)
{
	if (u->last == 0)
		return;
	u->last = 0;
	u->count++;
	u->bytes += first(u)->len;
}

size_t
unread_count(const struct unread *u)
{
	return u->count;
}

void
unread_free(struct unread *u)
{
	if (u == NULL)
		return;
	munmap(u->mem, MOST);
	free(u);
}
