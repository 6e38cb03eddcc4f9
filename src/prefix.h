/* SPDX-License-Identifier: BSD-2-Clause */
/* Prefixes and address:port as people write them. */
#ifndef PIDTREED_PREFIX_H
#define PIDTREED_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct prefix_port {
	struct in6_addr addr;	/* IPv4 in the v4-mapped form */
	uint16_t port;
};

/* IPv4 is in the v4-mapped form: 10.0.0.0/8 is ::ffff:10.0.0.0, 104. */
struct prefix {
	struct in6_addr addr;
	unsigned len;		/* 0..128 */
};

/*
 * The n bytes at s are an address (a host) or ADDRESS/LENGTH.  Refused, as
 * they could never apply: what lies in 64:ff9b::/96 (RFC 6052), because
 * NAT64 addresses are judged by the IPv4 inside.  -1: *why says what is
 * wrong and what was expected.
 */
int prefix_parse(struct prefix *, const char *s, size_t n, struct buf *why);
/* ADDRESS:PORT, [IPV6]:PORT. */
int prefix_port_parse(struct prefix_port *, const char *, struct buf *why);
/* ADDRESS/LENGTH, in any case with the length. */
void prefix_write(const struct prefix *, struct buf *);

/* Are the first len bits the same? */
bool prefix_bits(const void *, const void *, unsigned len);
bool prefix_is_v4(const struct prefix *);
/* The families are apart: ::/0 has no IPv4 in it. */
bool prefix_has(const struct prefix *, const struct in6_addr *);
/* The address by which addr is judged: IPv4 inside NAT64 in its v4-mapped
   form, any other as it is. */
struct in6_addr prefix_judged(const struct in6_addr *addr);

#endif
