/* SPDX-License-Identifier: BSD-2-Clause */
/* The first time through the logs: what is looked for (lookup_needles.c),
   whom it concerns (lookup_run.c), and what stays of it (lookup_settle.c). */
#ifndef PIDTREED_LOOKUP_RUN_H
#define PIDTREED_LOOKUP_RUN_H

#include "lookup_group.h"
#include "lookup_number.h"
#include "lookup_pass.h"

#define RUN_ENDS	262144	/* CLOSEs that are kept */

/* An OUTCOME, a CLOSE: its CONNECT may be in a file that is read later. */
struct late {
	uint64_t id;
	unsigned outcome;
};
struct late_end {
	uint64_t id;
	struct end end;
};

/* Who asks about an address. */
struct asker {
	struct in6_addr addr;
	struct query *q;
};

struct run {
	struct pass pass;
	uint32_t own;			/* needles of the collectors' own */
	struct numbers *numbers;
	struct asker *asker;		/* by address */
	size_t naskers;
	struct query **any;		/* who asks about no address, or also
					   about a name */
	size_t nany;
	struct query **listener;	/* who asks who listens */
	size_t nlisteners;
	struct query **named;		/* who asks who asked for a name */
	size_t nnamed;
	struct tally tally;		/* of the addresses */
	struct late *late;
	size_t nlate;
	struct late_end *end;
	size_t nends;
};

/* Fills askers and needles of the queries; -1 with errno. */
int run_needles(struct run *);
uint64_t run_address_key(const struct in6_addr *);
/* Which host is meant, and the groups that stay, the best first. */
void run_settle(struct run *);

#endif
