/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of an answer for people: times, addresses, counts. */
#ifndef PIDTREED_LOOKUP_SAY_H
#define PIDTREED_LOOKUP_SAY_H

#include "lookup_tally.h"
#include "term.h"

#define SAY_INDENT	2	/* columns */

void say(struct term *, const char *);
/* A value of others; NULL: not known. */
void say_word(struct term *, const char *);
/* "1 time", "2 times". */
void say_count(struct term *, uint64_t, const char *what);
/* us; in a range the date is not said again. */
void say_moment(struct term *, int64_t);
void say_range(struct term *, int64_t, int64_t);
/* Begins a line in this column, and what comes after a break behind it. */
void say_begin(struct term *, unsigned column, const char *);
/* port NUM_NONE: not known. */
void say_address(struct term *, const struct in6_addr *, int64_t port);
void say_host(struct term *, const struct host *);
void say_seen(struct term *, const struct seen *, const char *what);

#endif
