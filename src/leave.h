/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of the collector that the kernel decides for it. */
#ifndef PIDTREED_LEAVE_H
#define PIDTREED_LEAVE_H

#include <stdint.h>

struct daemon;
struct leave;

/* NULL: ENOMEM.  While it is root: keeps the cgroup2 hierarchy open. */
struct leave *leave_new(struct daemon *);
/* With the daemon's rules as they are, from now on; what it cannot do so, user
   space does. */
void leave_begin(struct leave *);
/* Before the rules change, and before the last message: the kernel decides
   none, and all that it has counted is counted for them. */
void leave_end(struct leave *);
/* Twice a second, and before anything is told of the rules. */
void leave_tick(struct leave *);
uint64_t leave_total(const struct leave *);	/* left out in the kernel */
void leave_free(struct leave *);

#endif
