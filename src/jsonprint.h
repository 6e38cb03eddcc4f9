/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message as one JSON object in a line, by the field table: an object for
 * each element of structured data (without the @number), the names as in the
 * log, numbers as numbers, the ancestors as an array, nearest first.
 */
#ifndef PIDTREED_JSONPRINT_H
#define PIDTREED_JSONPRINT_H

#include "message.h"
#include "term.h"

void jsonprint(struct term *, const struct message *);

#endif
