/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a log could not be used, for the person who asked: it tells how
   much an answer is worth. */
#ifndef PIDTREED_SKIPPED_H
#define PIDTREED_SKIPPED_H

#include "logfile.h"
#include "reader.h"

/* A line on standard error for each kind; nothing if all was used. */
void skipped(const struct logfile *, const struct reader_stats *);

#endif
