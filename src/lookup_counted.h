/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host's collector counted without a message of its own: DIGEST. */
#ifndef PIDTREED_LOOKUP_COUNTED_H
#define PIDTREED_LOOKUP_COUNTED_H

#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "prefix.h"

enum counted_kind {
	COUNTED_TCP	= 1 << 0,	/* outbound */
	COUNTED_UDP	= 1 << 1,
	COUNTED_LISTEN	= 1 << 2,
	COUNTED_DNS	= 1 << 3,
	COUNTED_ACCEPT	= 1 << 4,
	COUNTED_OUT	= COUNTED_TCP | COUNTED_UDP,
	COUNTED_ANY	= ~0,
};

struct counted {
	int64_t from, until;	/* us since 1970 */
	int64_t n;
	struct prefix net;	/* len 0: any */
	int64_t port;		/* NUM_NONE: any */
	int kinds;		/* enum counted_kind */
	char *chain;		/* of the first */
};

struct counted_list {
	struct counted *v;
	size_t n;
};

/* A DIGEST; one without its counts is passed over, and so is one of questions
   for one name, which is known.  -1: no memory.  Beyond a bound they become one
   about all networks, so that none is forgotten. */
int counted_add(struct counted_list *, const struct message *);
/* May what is of one of these kinds, to this address (NULL: any) and port
   (NUM_NONE: any), have been counted there?  Of questions it does not matter
   whom they were sent to.  Times are judged by the caller. */
bool counted_has(const struct counted *, int kinds,
    const struct in6_addr *, int64_t port);
void counted_free(struct counted_list *);

#endif
