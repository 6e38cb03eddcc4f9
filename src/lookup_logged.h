/* SPDX-License-Identifier: BSD-2-Clause */
/* Would a filter, as START tells it, have logged a connection? */
#ifndef PIDTREED_LOOKUP_LOGGED_H
#define PIDTREED_LOOKUP_LOGGED_H

#include <netinet/in.h>
#include <stdint.h>

enum logged {
	LOGGED_YES,
	LOGGED_NO,
	LOGGED_BOXES,	/* of some containers it is left out */
	LOGGED_SOME,	/* port not known: some of them */
	LOGGED_UNKNOWN,	/* the text is cut off, or not a filter's */
};

/* port NUM_NONE: any. */
enum logged logged(const char *filter, const struct in6_addr *, int64_t port);

#endif
