/* SPDX-License-Identifier: BSD-2-Clause */
/* What an open of a watched file says beside who did it: which file, by which
   names, and how. */
#ifndef PIDTREED_OPENING_H
#define PIDTREED_OPENING_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "message.h"

struct conf;
struct filepath_host;
struct kernel;
struct opening;

/* NULL: ENOMEM.  Borrows its arguments. */
struct opening *opening_new(const struct conf *, const struct kernel *,
    const struct filepath_host *);
void opening_set_conf(struct opening *, const struct conf *);
/*
 * offset_us: real time minus boot time.  Strings live until the next call.
 * False: it only had the name of what is watched.
 */
bool opening_fill(struct opening *, const struct attempt *,
    int64_t offset_us, struct message *);
void opening_free(struct opening *);

#endif
