/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded text: everything that is built is built in one of these. */
#ifndef PIDTREED_BUF_H
#define PIDTREED_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The memory is the caller's.  The first thing that does not fit sets
   `full` and nothing more is added; check once, at the end. */
struct buf {
	char *p;
	size_t len, size;
	bool full;
};

void buf_init(struct buf *, char *mem, size_t size);
void buf_add(struct buf *, const void *, size_t);
void buf_addc(struct buf *, char);
void buf_adds(struct buf *, const char *);
void buf_addu(struct buf *, uint64_t);		/* decimal */
void buf_addf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* Terminates with NUL (not counted in len); returns NULL if full. */
const char *buf_cstr(struct buf *);

#endif
