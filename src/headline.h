/* SPDX-License-Identifier: BSD-2-Clause */
/* Who connected where to, in a line or two, and the pieces of it. */
#ifndef PIDTREED_HEADLINE_H
#define PIDTREED_HEADLINE_H

#include "message.h"
#include "term.h"

/* 2026-11-22T08:14:02.113Z web-7 alice(1000) as root(0) ->
   203.0.113.4:443/tcp established */
void headline(struct term *, const struct message *);
/* The line below it: after how long, from where, which login, unit... */
void headline_notes(struct term *, const struct message *);

void headline_time(struct term *, const struct message *);	/* and host */
void headline_user(struct term *, struct str name, int64_t uid);
void headline_target(struct term *, const struct message *);
void headline_waited(struct term *, int64_t ms);

#endif
