/* SPDX-License-Identifier: BSD-2-Clause */
/* System accounts, from /etc/passwd and /etc/group alone: the collector never
   calls NSS, which may ask a network service and hang. */
#ifndef PIDTREED_ACCOUNT_H
#define PIDTREED_ACCOUNT_H

#include <sys/types.h>

/* 0, or -1 with errno (ENOENT: no such name there). */
int account_user(const char *name, uid_t *, gid_t *);
int account_group(const char *name, gid_t *);

#endif
