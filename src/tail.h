/* SPDX-License-Identifier: BSD-2-Clause */
/* The last so many lines. */
#ifndef PIDTREED_TAIL_H
#define PIDTREED_TAIL_H

#include <stdbool.h>
#include <stddef.h>

struct tail;

struct tail *tail_new(size_t max);	/* NULL: no memory */
/* Keeps a copy and forgets the oldest over max.  -1: no memory. */
int tail_push(struct tail *, const char *, size_t);
/* Takes out the oldest, borrowed until the next call; false: none left. */
bool tail_shift(struct tail *, const char **, size_t *);
void tail_free(struct tail *);

#endif
