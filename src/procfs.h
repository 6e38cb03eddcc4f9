/* SPDX-License-Identifier: BSD-2-Clause */
/* A living process in proc(5), for the rare one that the kernel side has not
   seen: whatever is read counts only if it is still the same process. */
#ifndef PIDTREED_PROCFS_H
#define PIDTREED_PROCFS_H

#include <stdbool.h>

#include <stdint.h>
#include <sys/types.h>

#include "event.h"

/* Is there a process of this pid that started then (to 1/100 s, as proc(5)
   has it)?  One whose times may not be read counts as the same. */
bool procfs_same(const struct proc_key *);
/* Its executable (what may be read of it) and arguments.  -1: not the same,
   or a thread of the kernel, which has neither. */
int procfs_image(const struct proc_key *, struct image *);

#endif
