/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the sentence share: sentence.c, _event.c, _own.c. */
#ifndef PIDTREED_SENTENCE_IMPL_H
#define PIDTREED_SENTENCE_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer.h"

#define NAME_MOST	256	/* bytes of a name as written, so that a chain
				   is a value that fits; a comm has 60 */

/* The whole of it: what a process did; false: it is none of these. */
bool sentence_event(struct writer *);
/* Of the collector itself. */
void sentence_own(struct writer *);

/* Parts.  s in at most so many bytes, "?" where it is not known. */
void sentence_value(struct writer *, const struct str *s, enum emit how,
    size_t most);
/* In front of what is known, nothing of what is not. */
void sentence_known(struct writer *, const char *before, const struct str *);
void sentence_caller(struct writer *);		/* curl(4242) */
void sentence_line(struct writer *);		/* ; curl<bash<systemd */
void sentence_times(struct writer *);		/* , 12 times */
/* 203.0.113.4:443/tcp; unknown stands for an address that is not there. */
void sentence_end(struct writer *, const struct in6_addr *, int64_t port,
    char unknown);

#endif
