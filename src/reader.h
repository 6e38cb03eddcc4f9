/* SPDX-License-Identifier: BSD-2-Clause */
/* From a line of a log to a message; what is skipped is counted. */
#ifndef PIDTREED_READER_H
#define PIDTREED_READER_H

#include <stdint.h>

#include "message.h"

struct reader;

struct reader_stats {
	uint64_t lines, messages;
	uint64_t foreign, bare;		/* see record.h */
	uint64_t malformed;
	uint64_t at_line;		/* of the first that was malformed, */
	size_t at;			/* the offset in the message */
	const char *why;		/* and the reason */
};

/* NULL: no memory. */
struct reader *reader_new(void);
/*
 * Reads one line (without newline).  1 and the message, borrowed until the
 * next call and from the line; 0: skipped; -1 with errno ENOMEM.
 */
int reader_line(struct reader *, const char *, size_t,
    const struct message **);
const struct reader_stats *reader_stats(const struct reader *);
void reader_reset(struct reader *);	/* the counts: for the next file */
void reader_free(struct reader *);

#endif
