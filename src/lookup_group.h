/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections of one lineage: the same executables, users, unit or container
   along the chain. */
#ifndef PIDTREED_LOOKUP_GROUP_H
#define PIDTREED_LOOKUP_GROUP_H

#include "lookup_lineage.h"
#include "lookup_query.h"

/*
 * Counts a connection, whose line (msg, n bytes) is kept if it fits best.
 * 0; -1 no memory.  More than GROUPS_MOST lineages are counted in q->more.
 */
int group_add(struct query *, const struct host *, const struct message *,
    enum match, const char *msg, size_t n);
/* Another connection of its processes in the window. */
void group_other(struct group *, const struct lineage *);
/* OUTCOME: what became of one that was pending; by the hash of its
   externalId. */
void group_outcome(struct query *, uint64_t id, unsigned outcome);
uint64_t group_id(struct str externalid);
unsigned group_outcome_of(const struct message *);
/* Who connected to this forwarder. */
int group_client(struct group *, const struct host *, const struct message *,
    const char *msg, size_t n);
/* The one of these whose name exe, or comm, has; else NULL. */
const char *group_forwarder(const struct items *, const struct message *);
/* The message that fits best, in memory that the caller frees, whatever is
   returned. */
bool group_read(const struct group *, struct message *, char **mem);
void group_free(struct group *);

#endif
