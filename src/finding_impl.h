/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of finding*.c: a finding while it is made of JSON. */
#ifndef PIDTREED_FINDING_IMPL_H
#define PIDTREED_FINDING_IMPL_H

#include "finding.h"
#include "take.h"

/* What findings_free frees; everything that f points to is in chunks. */
struct finding_made {
	struct finding f;
	struct take_chunk *chunks;
};

/*
 * Makes it of the object, with what an envelope around it knows (or NULL).
 * Its own file, line and number are the caller's to fill in.  NULL if the
 * take has failed.
 */
struct finding_made *finding_make(struct take *, struct fjson_object *,
    struct fjson_object *envelope);

/* Parts of the same: the member "resource", the member "service". */
void finding_resource(struct take *, struct finding *, struct node resource);
void finding_action(struct take *, struct finding *, struct node service);
void finding_process(struct take *, struct finding *, struct node service);

/* At most FINDING_LIST of a list; notes in f->cut if it is longer. */
size_t finding_count(struct finding *, struct node list);
/* An address of the host, unless it is there already; first: in front. */
void finding_add_address(struct take *, struct finding *,
    const struct in6_addr *, bool first);
/* kind SKIPPED, for a reason of ours, with a detail in parentheses or NULL. */
void finding_skip(struct take *, struct finding *, const char *why,
    const char *detail);

#endif
