/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving root behind, once. */
#ifndef PIDTREED_DROP_H
#define PIDTREED_DROP_H

#include <sys/types.h>

/* The user to become, and his ids.  Where there is none of that name it is
   replaced by nobody, with a warning: the package makes its own account.
   -1 after one line to log_error. */
int drop_user(char **user, uid_t *uid, gid_t *gid);
/* Takes this much off the nice value, while that is allowed. */
void drop_nice(unsigned boost);
/*
 * Becomes uid and gid, without supplementary groups, with no way back, and
 * keeps: CAP_BPF (maps, and running the programs of bpf/pass.bpf.c), and
 * CAP_PERFMON (the iterator of the pass reads kernel memory).
 * Whoever was started as another user than root stays that one.
 * -1 after one line to log_error.
 */
int drop_root(uid_t, gid_t);

#endif
