/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of containers: what the runtimes and the kubelet keep on disk, read
 * by a helper process (boxhelper.h), remembered here.
 */
#ifndef PIDTREED_BOXES_H
#define PIDTREED_BOXES_H

#include <stdint.h>

#include "boxhelper.h"
#include "container.h"

struct boxes;

/* Forks the helper; call while root, or while the capability is there.  root
   NULL: none, nothing is read.  NULL with errno.  Borrows both. */
struct boxes *boxes_open(const char *root, const char *user);
/*
 * What is known of the container of this cgroup, or NULL.  Waits at most
 * *budget_us and subtracts what it used.  Kept for 10 minutes; that nothing
 * was found, or not in time, for 10 s.  A container that a user or a service
 * may have made up is not looked for; of lxc and systemd-nspawn the id is
 * the name.  Borrowed until the next call.
 */
const struct box *boxes_get(struct boxes *, uint64_t cgroup,
    const struct container *, int64_t *budget_us);
void boxes_close(struct boxes *);

#endif
