/* SPDX-License-Identifier: BSD-2-Clause */
/* A question of DNS and its answer, as an event. */
#ifndef PIDTREED_DNS_EVENT_H
#define PIDTREED_DNS_EVENT_H

#include "event.h"
#include "message.h"

/*
 * The rest of what lineage_fill put into m: name, type, what was answered.  x
 * NULL: the kernel did not keep it.  What m points to lives until the next
 * call.
 */
void dns_event_fill(const struct attempt *, const struct dns_exchange *x,
    struct message *m);

#endif
