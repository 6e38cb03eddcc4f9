/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over the logs: what both passes of a look-up need. */
#ifndef PIDTREED_LOOKUP_PASS_H
#define PIDTREED_LOOKUP_PASS_H

#include "lookup_impl.h"
#include "lookup_light.h"

struct pass {
	struct lookup *l;
	struct record *record;
	char *mem;
	size_t size;
	struct once met;		/* externalIds */
	const char *msg;		/* of the hit at hand */
	size_t n;
	struct light light;
	struct message message;		/* after pass_parse */
	const char *why;		/* it could not be read */
};

/* All of these: -1 with errno, no memory. */
int pass_open(struct pass *, struct lookup *);
/* What to look for, at what times (us; NUM_NONE: any): its number. */
int pass_needle(struct pass *, enum search_what, const char *name,
    struct str value, int64_t from, int64_t until);
/* An address as destination. */
int pass_address(struct pass *, const struct in6_addr *, int64_t from,
    int64_t until);
/* Those of the query's expression.  1; 0: it has none. */
int pass_where(struct pass *, const struct query *);
/* Then all needles are forgotten. */
int pass_search(struct pass *, const struct search_calls *);
/* 1: a message of ours, p->light; 0: another line. */
int pass_hit(struct pass *, const struct search_hit *);
/* 1: p->message; 0: it cannot be read, p->why. */
int pass_parse(struct pass *);
/* Was p->message not there before? */
bool pass_new(struct pass *);
void pass_close(struct pass *);

/* The second pass: all that the lineages found did at any time. */
int lookup_again(struct lookup *);

static inline struct str
pass_str(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : __builtin_strlen(s) };
}

#endif
