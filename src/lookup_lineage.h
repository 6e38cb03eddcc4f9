/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection as far as lineages are compared: read from the line in one go,
 * because the second pass reads very many.
 */
#ifndef PIDTREED_LOOKUP_LINEAGE_H
#define PIDTREED_LOOKUP_LINEAGE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "message.h"

struct lineage {
	uint64_t id;		/* equal: the same executables and users along
				   the chain, the same unit; container counts
				   as one, as its id changes with every start */
	struct in6_addr dst;
	int64_t dpt;
	uint64_t process, event;	/* group_id of pkey, externalId */
	bool asks;		/* no connection, but a question of DNS: */
	uint64_t query;		/* hash of the name, likewise; 0 */
};

/* A CONNECT, UDP or DNS as record_find gives it.  False: it is not one. */
bool lineage_read(struct lineage *, const char *msg, size_t n);

#endif
