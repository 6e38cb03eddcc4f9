/* SPDX-License-Identifier: BSD-2-Clause */
/* What rules left out of a log, as STATS and its like say it. */
#ifndef PIDTREED_LOOKUP_HIDDEN_H
#define PIDTREED_LOOKUP_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

struct cover;
struct host;
struct series;

struct hidden {
	int64_t from, until;	/* us since 1970 */
	size_t series;		/* of the host */
	bool digest;		/* counted, and told later; else dropped */
	char *rules;		/* "name (12), other (1)" */
};

struct hidden_list {
	struct hidden *v;
	size_t n;
};

/* A START, RELOAD, STATS or STOP of this series.  -1: no memory. */
int hidden_add(struct host *, struct series *, const struct message *);
/* Adds what speaks against a "no" of this host. */
void hidden_judge(struct cover *, const struct host *, const char *name);
void hidden_free(struct hidden_list *);

#endif
