/* SPDX-License-Identifier: BSD-2-Clause */
/* What the writers of RainerScript share; others include forwarder.h. */
#ifndef PIDTREED_FORWARDER_IMPL_H
#define PIDTREED_FORWARDER_IMPL_H

#include "buf.h"

struct forwarder;

/* `param="value"` on a line of its own, if there is a value. */
void forwarder_put(struct buf *, const char *param, const char *value);
/* The action of the kind with its queue. */
void forwarder_action(struct buf *, const struct forwarder *,
    const char *suffix);

#endif
