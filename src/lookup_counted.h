/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host's collector counted without a message of its own: DIGEST. */
#ifndef PIDTREED_LOOKUP_COUNTED_H
#define PIDTREED_LOOKUP_COUNTED_H

#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "prefix.h"

struct counted {
	int64_t from, until;	/* us since 1970 */
	int64_t n;
	struct prefix net;	/* len 0: any */
	int64_t port;		/* NUM_NONE: any */
	char *chain;		/* of the first */
};

struct counted_list {
	struct counted *v;
	size_t n;
};

/* A DIGEST; one without its counts is passed over.  -1: no memory.  Beyond a
   bound they become one about all networks, so that none is forgotten. */
int counted_add(struct counted_list *, const struct message *);
/* May a connection to this address (NULL: any) and port (NUM_NONE: any) have
   been counted there?  Times are judged by the caller. */
bool counted_has(const struct counted *, const struct in6_addr *,
    int64_t port);
void counted_free(struct counted_list *);

#endif
