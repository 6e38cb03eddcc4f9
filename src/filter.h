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
#include "items.h"
#include "prefix.h"

#define FILTER_TEXT	3500	/* bytes of text, at most */

/* One element of a trie, ready for bpf_map_update_elem. */
struct filter_entry4 { struct filter_key4 key; struct filter_value value; };
struct filter_entry6 { struct filter_key6 key; struct filter_value value; };

struct filter {
	struct filter_entry4 *v4;	/* no IPv4 here is in v6 */
	size_t n4;
	struct filter_entry6 *v6;
	size_t n6;
	struct portset *sets;		/* sets[0]: what `ports` admits */
	size_t nsets;			/* 1..PORTSETS */
	char *boxes;			/* what spec has, or NULL */
	char *text;			/* effective, one line, for START; ends
					   in " ..." if it was cut */
	char hash[17];			/* 64 bits of SHA-256 of text before
					   it was cut, hex */
};

enum metadata_mode { METADATA_DIGEST, METADATA_ALL, METADATA_OFF };

struct filter_spec {
	const struct items *exclude, *include, *ports;
	const struct prefix_port *proxies;
	size_t nproxies;
	enum metadata_mode metadata;	/* the cloud service addresses */
	const char *boxes;	/* boxfilter_text: told, not decided here */
	bool local;		/* about this host's own: nothing of these */
};

/* Called once for each trouble; place may be NULL. */
typedef void filter_trouble(void *arg, const char *place, const char *what);

/* What is excluded unless the configuration says something else, and the
   cloud service addresses; both end with NULL. */
extern const char *const filter_default_exclude[];
extern const char *const filter_default_listen[];
extern const char *const filter_metadata[];

/*
 * NULL after trouble was called for everything that is wrong, or with
 * errno ENOMEM.  The rules, in pidtreed.yaml(5): the longest prefix decides,
 * inverted where its ports do not apply; `ports` must admit too; a proxy is
 * logged whatever the rest says.
 */
struct filter *filter_new(const struct filter_spec *, filter_trouble *,
    void *arg);
/*
 * What the kernel's look-up will decide for addr (v4-mapped and 64:ff9b::/96
 * are judged by the IPv4 inside) and port (host order).
 * No prefix matches: logged, if ports admits it.
 */
bool filter_decide(const struct filter *, const struct in6_addr *addr,
    uint16_t port);
/* Makes text and hash of the rest; the last step of filter_new. */
int filter_describe(struct filter *);
void filter_free(struct filter *);

#endif
