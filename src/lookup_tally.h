/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often something happened before a moment, for many such questions at
 * once: what happens is counted in one place, however many ask for it.
 */
#ifndef PIDTREED_LOOKUP_TALLY_H
#define PIDTREED_LOOKUP_TALLY_H

#include "lookup_hosts.h"

/* How often, since when, where. */
struct seen {
	uint64_t n;
	int64_t first, last;	/* us */
	uint64_t *hosts;	/* bit host->number */
	size_t words, nhosts;
	uint64_t here;		/* on the host in question, */
	int64_t here_first;	/* since then */
};

struct tally_row {
	uint64_t key;		/* what happened */
	int64_t before;		/* us: asked for up to there */
	struct seen *to;
	bool here;		/* for here and here_first of `to` */
};

struct tally {
	struct tally_row *row;
	size_t n;
	struct seen *seen;	/* of each row: since the row before */
};

/* A question; -1: no memory. */
int tally_ask(struct tally *, uint64_t key, int64_t before, struct seen *to,
    bool here);
/* After the last question.  -1: no memory. */
int tally_ready(struct tally *);
/* Does anybody ask about this, at this time? */
bool tally_asks(const struct tally *, uint64_t key, int64_t time);
int tally_count(struct tally *, uint64_t key, int64_t time, size_t host);
/*
 * A thread counts in a tally of its own, which has the questions of another
 * and numbers its hosts itself; in the end all of it is added to the other,
 * host[i] being the number of the thread's host i there.  -1: no memory.
 */
int tally_share(struct tally *, const struct tally *of);
int tally_add(struct tally *, const struct tally *shared, const size_t *host);
void tally_unshare(struct tally *);
/* Answers all questions: adds to what they gave. */
int tally_answer(struct tally *);
void tally_free(struct tally *);

bool seen_on(const struct seen *, const struct host *);
void seen_free(struct seen *);

#endif
