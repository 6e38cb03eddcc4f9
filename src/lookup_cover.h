/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would it be in these logs?  What the collector said of itself makes a "no"
 * provable, or says why it is not.
 */
#ifndef PIDTREED_LOOKUP_COVER_H
#define PIDTREED_LOOKUP_COVER_H

#include "lookup_hosts.h"

#define COVER_REASONS	8
/* STATS and HOST come at least once a day: with so much around a window, a
   number that is not there is missing. */
#define COVER_AROUND	(25 * 3600 * INT64_C(1000000))	/* us */

/* What would have to be there. */
struct wanted {
	int64_t from, until;	/* us; NUM_NONE: as far as the logs go */
	int64_t now;		/* us: a log ends where now is */
	const char *probe;	/* that sees it: "connect" */
	const char *msgid;	/* and tells it in such messages: "CONNECT" */
	const char *of;		/* what it sees: "inbound connections" */
	const struct in6_addr *addr;	/* NULL: not known */
	int64_t port;		/* NUM_NONE: any */
	bool listening;		/* these are the host's own */
	int counted;		/* enum counted_kind: what it may be */
};

struct cover {
	bool proven;
	char *why[COVER_REASONS];	/* one line each, the first says most */
	size_t nwhy;
	int64_t from, until;	/* what was judged */
	int64_t messages;	/* of the host that are there */
};

/* host NULL: it is not in these logs.  cover_free frees what it holds. */
void cover_judge(struct cover *, const struct hosts *, const struct host *,
    const struct wanted *);
void cover_add(struct cover *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Instead of all other reasons. */
void cover_set(struct cover *, const char *why);
void cover_free(struct cover *);

#define COVER_TIME	24
/* 2026-11-22 08:14:02Z, for text; out is returned. */
const char *cover_time(char out[COVER_TIME], int64_t us);

#endif
