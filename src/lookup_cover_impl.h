/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of lookup_cover share: lookup_cover.c, _force.c, _span.c. */
#ifndef PIDTREED_LOOKUP_COVER_IMPL_H
#define PIDTREED_LOOKUP_COVER_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lookup_cover.h"

#define SECOND	INT64_C(1000000)	/* us */
#define HOLD	(10 * SECOND)	/* a message may be told so much later */

/* A time that was recorded without a gap. */
struct span {
	int64_t first, last;
	const struct series *series;
	const struct stretch *stretch;
};

struct judge {
	struct cover *cover;
	const struct hosts *hosts;
	const struct host *host;
	const struct wanted *w;
	struct span *span;
	size_t nspans;
	char name[128];		/* of the host, as text */
};

/* Is some of it in the window that is judged? */
bool cover_touches(const struct judge *, int64_t first, int64_t last);
bool cover_is_dns(const struct wanted *);

/* Each adds what speaks against a "no".  Was it to be logged: the probes, the
   filters that were in force? */
void cover_forces(struct judge *);
/* Fills in span, sorted; -1 with ENOMEM.  It is to be freed. */
int cover_spans(struct judge *);
/* Times without a record; numbers that are missing. */
void cover_recording(struct judge *);
void cover_missing_numbers(struct judge *);

#endif
