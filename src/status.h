/* SPDX-License-Identifier: BSD-2-Clause */
/* How the collector is: what it tells whoever asks by the control socket. */
#ifndef PIDTREED_STATUS_H
#define PIDTREED_STATUS_H

#include <stddef.h>

#include "message.h"

struct daemon;
struct fjson_object;
struct status;

/* NULL: ENOMEM.  Borrows the daemon. */
struct status *status_new(struct daemon *);
/* A message was written, with so many bytes. */
void status_wrote(struct status *, const struct message *, size_t bytes);
/* Every half second: rates, and when something was lost last. */
void status_tick(struct status *);
/* {"status":{...}}, as pidtreed-control(7) says; the caller's.  NULL: no
   memory. */
struct fjson_object *status_json(struct status *);
void status_free(struct status *);

#endif
