/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message as a line of ArcSight's Common Event Format, version 0, by the
 * table of places.  Values are those of the log: what is no character is \xHH.
 */
#ifndef PIDTREED_CEF_H
#define PIDTREED_CEF_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"

struct cef;

/* NULL: no memory. */
struct cef *cef_new(void);
/*
 * The line without newline, borrowed until the next call; with `header` the
 * syslog header of RFC 3164 before it, in UTC.  NULL: no memory.
 */
const char *cef_line(struct cef *, const struct message *, bool header,
    size_t *len);
void cef_free(struct cef *);

#endif
