/* SPDX-License-Identifier: BSD-2-Clause */
/* A DNS message taken apart (RFC 1035, 4): what was asked for, and which
   addresses the answer has for it. */
#ifndef PIDTREED_DNS_H
#define PIDTREED_DNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_TEXT	1024	/* bytes of a name as text, at most */
#define DNS_ADDRESSES	32	/* of an answer that are taken */

struct dns_address {
	struct in6_addr addr;	/* IPv4 in the v4-mapped form */
	uint32_t ttl;		/* s, the least of its chain */
};

struct dns {
	char name[DNS_TEXT];	/* clean text, in lower case; "." the root */
	size_t len;		/* of it */
	unsigned type;
	unsigned rcode;
	bool response;
	bool truncated;		/* the server cut it */
	bool more;		/* more addresses, or the copy ended early */
	size_t n;
	struct dns_address address[DNS_ADDRESSES];
};

/*
 * n bytes from the network.  -1: no question can be read, *d is undefined.
 * What an answer has behind a place that cannot be read does not count, nor
 * what it says of names that the question does not lead to.
 */
int dns_parse(const uint8_t *p, size_t n, struct dns *d);
/* "AAAA", "TYPE4242"; "NXDOMAIN", "RCODE12".  Borrowed until the next call. */
const char *dns_type_name(unsigned type);
const char *dns_rcode_name(unsigned rcode);

#endif
