/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lineages did, counted by the searching threads themselves, each in a
 * tally and with hosts of its own: a look-up can ask about every line of the
 * logs.
 */
#ifndef PIDTREED_LOOKUP_COUNT_H
#define PIDTREED_LOOKUP_COUNT_H

#include "lookup_lineage.h"
#include "lookup_tally.h"
#include "search.h"

struct counts;

/* What is asked of a lineage in a tally: the first `bits' of an address; 0:
   anything.  On one host, or on any: NULL. */
uint64_t count_key(uint64_t lineage, const struct in6_addr *, unsigned bits,
    const char *host);
/* The same of questions for a name (group_id of it); 0: for any. */
uint64_t count_name_key(uint64_t lineage, uint64_t name, const char *host);
/* Those of the network of an address. */
unsigned count_net_bits(const struct in6_addr *);

/* The tally is ready.  NULL: no memory. */
struct counts *counts_new(unsigned threads, struct tally *);

enum count { COUNT_OTHER, COUNT_LATER, COUNT_DONE };

/* In the thread: COUNT_DONE, a connection that was counted (once, if it was
   written twice); COUNT_OTHER, a line that nobody asks about; COUNT_LATER, one
   without a host's id: that is for counts_one. */
enum count counts_take(struct counts *, unsigned thread,
    const struct search_hit *, struct light *, struct lineage *);
/* In the caller's thread, the same; -1: no memory. */
int counts_one(struct counts *, const struct host *, int64_t time,
    const struct lineage *);
/* All that was counted, and which hosts there are, once the search has ended;
   -1: no memory. */
int counts_merge(struct counts *, struct hosts *);
void counts_free(struct counts *);

#endif
