/* SPDX-License-Identifier: BSD-2-Clause */
/* What an attempt to execute says beside who made it: where, which file, and
   why it failed; and what a line that was typed says. */
#ifndef PIDTREED_EXECUTION_H
#define PIDTREED_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "message.h"

struct conf;
struct execution;
struct filepath_host;
struct kernel;

/* NULL: ENOMEM.  Borrows its arguments. */
struct execution *execution_new(const struct conf *, const struct kernel *,
    const struct filepath_host *);
void execution_set_conf(struct execution *, const struct conf *);
/*
 * offset_us: real time minus boot time.  Strings live until the next call.
 * True: m->argv had secrets, and has them no more.
 */
bool execution_fill(struct execution *, const struct attempt *,
    int64_t offset_us, struct message *);
/* The same of a line; true: it had secrets, and has them no more. */
bool execution_fill_line(struct execution *, const struct attempt *,
    int64_t offset_us, struct message *);
/* What can be said of it only when the caller's executable is known: traits,
   and its other paths. */
void execution_traits(struct execution *, struct message *);
void execution_free(struct execution *);

#endif
