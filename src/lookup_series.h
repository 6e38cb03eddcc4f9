/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of a collector: which numbers of its messages are there, and what
 * it would have logged.  Messages come in any order.
 */
#ifndef PIDTREED_LOOKUP_SERIES_H
#define PIDTREED_LOOKUP_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

/* Messages a to b of a series, all there; the times of the first and last. */
struct stretch {
	int64_t a, b;
	int64_t first, last;
};

/* What was in force from the first to the last message that said so. */
struct force {
	int64_t first, last;
	size_t filter, probes;		/* in hosts->filter, ->probes */
	size_t listens;			/* the filter of listen, likewise */
	bool reload;			/* first is of a START or RELOAD */
};

/* One run of a collector: its numbers begin at 1. */
struct series {
	int64_t procid;
	char *boot;
	struct stretch *stretch;	/* by number */
	size_t nstretches;
	struct force *force;		/* by time */
	size_t nforces;
	int64_t started, stopped;	/* NUM_NONE: not in these logs */
	int64_t told;		/* when it last said what rules drop */
	bool drops;		/* and that there are such */
	bool adopted;		/* START: what the kernel kept is used */
};

/* A text that many messages repeat. */
struct texts {
	char **text;
	size_t n;
};

/* All of these: -1 with errno, no memory. */
/* The message of this number and time is there, */
int series_number(struct series *, int64_t seq, int64_t time);
/* or all of some. */
int series_stretch(struct series *, const struct stretch *);
/* What a START, RELOAD or STATS says was in force; its texts are added. */
int series_force(struct series *, const struct message *,
    struct texts *filters, struct texts *probes);
void texts_free(struct texts *);

#endif
