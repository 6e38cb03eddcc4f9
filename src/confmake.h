/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lists of the configuration mean, once all files are read. */
#ifndef PIDTREED_CONFMAKE_H
#define PIDTREED_CONFMAKE_H

#include "conf.h"

/* Fills proxies, filter, redact and hash.  Returns the number of troubles,
   after one line for each; name stands for what has no place. */
unsigned confmake(struct conf *, const char *name);

#endif
