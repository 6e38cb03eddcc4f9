/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket in the file system. */
#ifndef PIDTREED_WATCH_SOCKET_H
#define PIDTREED_WATCH_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

/* Its path, which is in path afterwards (of size bytes), and it listens, for
   this account and this group (-1: none).  -1 with errno.  The lock of the
   instance is held: what is there is left over. */
int watch_socket(char *path, size_t size, const char *instance,
    uid_t account, gid_t group);

#endif
