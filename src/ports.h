/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of ports (struct portset): read, joined, written. */
#ifndef PIDTREED_PORTS_H
#define PIDTREED_PORTS_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"
#include "event.h"

static inline bool
ports_has(const struct portset *s, unsigned port)
{
	return s->bit[port / 64] >> port % 64 & 1;
}

void ports_add(struct portset *, unsigned low, unsigned high);
bool ports_empty(const struct portset *);
bool ports_all(const struct portset *);
/* a becomes a and b; a without b. */
void ports_meet(struct portset *a, const struct portset *b);
void ports_without(struct portset *a, const struct portset *b);
/* Adds `80,8000-8999` to the set.  -1: *why says what is wrong where. */
int ports_parse(struct portset *, const char *, struct buf *why);
/* As ports_parse takes it; the shortest form. */
void ports_write(const struct portset *, FILE *);

#endif
