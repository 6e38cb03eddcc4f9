/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving root behind, once. */
#ifndef PIDTREED_DROP_H
#define PIDTREED_DROP_H

#include <sys/types.h>

/* The ids to become.  ENOENT: no such user; then nobody's (65534), with a
   warning: what the package installs has its own user. */
int drop_ids(const char *user, uid_t *, gid_t *);
/*
 * Becomes uid and gid, without supplementary groups, with no way back, and
 * keeps: CAP_BPF (maps, and running the programs of bpf/pass.bpf.c), and
 * CAP_PERFMON (the iterator of the pass reads kernel memory).
 * -1 after one line to log_error.
 */
int drop_root(uid_t, gid_t);

#endif
