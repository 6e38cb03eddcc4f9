/* SPDX-License-Identifier: BSD-2-Clause */
/* All messages that are no trees, in one line: what became of a connection,
   and what the collector says of itself; losses stand out. */
#ifndef PIDTREED_LINEPRINT_H
#define PIDTREED_LINEPRINT_H

#include "message.h"
#include "term.h"

void lineprint(struct term *, const struct message *);

#endif
