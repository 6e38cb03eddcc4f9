/* SPDX-License-Identifier: BSD-2-Clause */
/* A question about a name of DNS: who asked for it, and what was connected to
   under it. */
#ifndef PIDTREED_LOOKUP_NAME_H
#define PIDTREED_LOOKUP_NAME_H

#include "lookup_query.h"

/* How long what somebody asks for again is counted. */
#define NAME_HOUR	(3600 * INT64_C(1000000))	/* us */

/* As the collector writes it: lower case, without the dot at the end, what is
   not plain as \xHH.  In memory that the caller frees; NULL: no memory. */
char *name_clean(const char *domain);
/* Is it that name? */
bool name_is(const struct query *, struct str);
/* Is m, of any kind, about questions for names; a DIGEST about one name? */
bool name_asks(const struct message *);
/*
 * How well such a message fits: EXACT, that name; NAME, one below it; BEFORE,
 * it was asked for in the hour before the window, so that what was asked in
 * the window is counted, and told later.
 */
enum match name_match(const struct query *, const struct message *);

#endif
