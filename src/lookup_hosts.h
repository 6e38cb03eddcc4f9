/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hosts of the logs, and what is known of their recording: which
 * collectors ran, which numbers of their messages are there, what they
 * would have logged, what they lost.  Messages come in any order.
 */
#ifndef PIDTREED_LOOKUP_HOSTS_H
#define PIDTREED_LOOKUP_HOSTS_H

#include "lookup_counted.h"
#include "lookup_hidden.h"
#include "lookup_light.h"
#include "lookup_series.h"

struct mishap {
	enum msgid id;			/* MSG_LOST, MSG_CLOCK; NMSGIDS: a
					   message that cannot be read */
	int64_t time;
	int64_t n;			/* connections lost; step in us */
	int64_t datagrams;		/* lost, of UDP alone */
	int64_t questions;		/* lost, of DNS alone */
	char *cause;
};

struct host {
	size_t number;			/* in hosts->host */
	char *id;
	char *name, *fqdn, *addresses;	/* the newest HOST; name: of any line */
	int64_t described;		/* time of that HOST */
	bool forwards;			/* at any time */
	int64_t first, last;		/* of all its messages that were read */
	struct series *series;
	size_t nseries;
	struct mishap *mishap;
	size_t nmishaps;
	struct counted_list counted;
	struct hidden_list hidden;
};

#define HOSTS_CACHE	1024

struct hosts {
	struct host **host;
	size_t n;
	struct texts filter;		/* texts, as START has them */
	struct texts probes;
	struct host *cache[HOSTS_CACHE];	/* by the hash of their id */
};

/* The host of a message; its number counts if its neighbours are given here
   too.  -1 with errno ENOMEM. */
int hosts_line(struct hosts *, const struct light *, bool numbered,
    struct host **);
/* Adds what lines told another, by hosts_line alone. */
int hosts_merge(struct hosts *, const struct hosts *from);
/* A message of the collector itself, after hosts_line. */
int hosts_own(struct hosts *, struct host *, const struct message *);
/* A message about what is looked for that cannot be read, and why. */
int hosts_unreadable(struct host *, int64_t time, const char *why);
/* By id; NULL: not there. */
struct host *hosts_find(const struct hosts *, struct str id);
/* Is addr among the words of the host's addresses? */
bool host_has(const struct host *, const struct in6_addr *addr);
bool host_named(const struct host *, const char *name);
void hosts_free(struct hosts *);

#endif
