/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which connections are logged: prefixes with ports, as written by people,
 * compiled to what the kernel's tries and bitmaps take.
 */
#ifndef PIDTREED_FILTER_H
#define PIDTREED_FILTER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct prefix_port {
	struct in6_addr addr;	/* IPv4 in the v4-mapped form */
	uint16_t port;
};

/* One element of a trie, ready for bpf_map_update_elem. */
struct filter_entry4 { struct filter_key4 key; struct filter_value value; };
struct filter_entry6 { struct filter_key6 key; struct filter_value value; };

struct filter {
	struct filter_entry4 *v4;	/* no IPv4 here is in v6 */
	size_t n4;
	struct filter_entry6 *v6;
	size_t n6;
	struct portset *sets;		/* sets[0] is `ports` */
	size_t nsets;			/* 1..PORTSETS */
	char *text;			/* effective, one line, for START */
	char hash[17];			/* 64 bits of SHA-256 of text, hex */
};

/*
 * What the kernel's look-up will decide for addr (v4-mapped and 64:ff9b::/96
 * are judged by the IPv4 inside) and port (host order).
 * No prefix matches: logged, if ports admits it.
 */
bool filter_decide(const struct filter *, const struct in6_addr *addr,
    uint16_t port);
void filter_free(struct filter *);

#endif
