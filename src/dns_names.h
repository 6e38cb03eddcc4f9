/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which name is behind an address: what this host's processes were answered.
 * Bounded: at most DNS_NAMES_MOST addresses of processes and as many of the
 * host are remembered, the least recently used goes first.
 */
#ifndef PIDTREED_DNS_NAMES_H
#define PIDTREED_DNS_NAMES_H

#include <stdint.h>

#include "event.h"
#include "message.h"

struct dns;
struct dns_names;

#define DNS_NAMES_MOST	8192

struct dns_names *dns_names_new(void);		/* NULL: ENOMEM */
/* The answer d came to this process at that time (ns since boot). */
void dns_names_learn(struct dns_names *, const struct dns *d,
    const struct proc_key *who, uint64_t time);
/*
 * dhost and dhostsource of a message about dst, by this process at that time:
 * what it was answered itself ("dns"), else what another of the host was
 * ("dns-host").  Borrowed until the next dns_names_learn.
 */
void dns_names_stamp(struct dns_names *, const struct proc_key *who,
    uint64_t time, struct message *);
void dns_names_free(struct dns_names *);

#endif
