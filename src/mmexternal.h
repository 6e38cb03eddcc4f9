/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of rsyslog's mmexternal: a line comes in, exactly one line of
 * JSON goes out, at once; rsyslogd waits for it.
 */
#ifndef PIDTREED_MMEXTERNAL_H
#define PIDTREED_MMEXTERNAL_H

#include <stddef.h>

#define MMEXTERNAL_NOTHING	"{}"	/* the answer that changes nothing */
#define MMEXTERNAL_LINE		(4 << 20)	/* bytes; longer: no answer but
						   that */

/*
 * The answer to a line (without its newline): JSON without newline, borrowed
 * until the next call; NULL is MMEXTERNAL_NOTHING.
 */
typedef const char *mmexternal_answer(void *arg, const char *line, size_t n);

/* Until the end of `in`: 0; -1 with errno if reading or writing failed. */
int mmexternal_run(int in, int out, mmexternal_answer *, void *arg);

#endif
