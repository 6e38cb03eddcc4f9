/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection itself, out of an attempt: tuple, outcome, how long; and out
   of an ending, how it went. */
#ifndef PIDTREED_CONNECTION_H
#define PIDTREED_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "message.h"

struct conf;

/* offset_us: real time minus boot time.  Strings are constants. */
void connection_fill(const struct attempt *, const struct conf *,
    int64_t offset_us, struct message *);
/* Of what the kernel does not filter: does the configuration?  netns is the
   collector's. */
bool connection_wanted(const struct attempt *, const struct conf *,
    uint32_t netns);
void connection_fill_ending(const struct ending *, int64_t offset_us,
    struct message *);

#endif
