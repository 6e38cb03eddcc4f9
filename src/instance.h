/* SPDX-License-Identifier: BSD-2-Clause */
/* One collector of a name at a time. */
#ifndef PIDTREED_INSTANCE_H
#define PIDTREED_INSTANCE_H

/* Held until the process ends.  -1 after one line to log_error, which names
   the process that holds it. */
int instance_lock(const char *name);

#endif
