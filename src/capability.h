/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities by name, and what an attempt says that counted checks of one. */
#ifndef PIDTREED_CAPABILITY_H
#define PIDTREED_CAPABILITY_H

#include "event.h"
#include "message.h"

/* The number of a capability, as capabilities(7) names it (any case, with
   CAP_ or without); -1: there is none of this name. */
int capability_of(const char *name);

/* All but whose it is.  What m borrows from here lasts until the next call;
   offset_us: from boot time to real time. */
void capability_fill(const struct attempt *, int64_t offset_us,
    struct message *m);

#endif
