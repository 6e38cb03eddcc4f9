/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages that matter for their number alone, which are most of a window:
 * the searching threads note them themselves, each in hosts of its own.
 */
#ifndef PIDTREED_LOOKUP_NUMBER_H
#define PIDTREED_LOOKUP_NUMBER_H

#include "lookup_hosts.h"
#include "search.h"

struct numbers;

/* Of hits with needles up to own, the number counts; of a CLOSE more, if
   closes.  NULL: no memory. */
struct numbers *numbers_new(unsigned threads, uint32_t own, bool closes);
/* Notes the number of a hit; must more be done with it? */
bool numbers_take(struct numbers *, unsigned thread, const struct search_hit *);
/* All that was noted, once the search has ended.  -1: no memory. */
int numbers_merge(struct numbers *, struct hosts *);
void numbers_free(struct numbers *);

#endif
