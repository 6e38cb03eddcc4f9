/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a UNIX socket, and what may they do. */
#ifndef PIDTREED_PEER_H
#define PIDTREED_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#define PEER_NO_GROUP	((gid_t)-1)

struct peer {
	uid_t uid;
	bool watch, change;
};

/*
 * By what the kernel recorded when they connected (socket(7) SO_PEERCRED,
 * SO_PEERGROUPS), of which nothing can be changed later: root may change,
 * root, self and the members of the group may watch.  -1 with errno.
 */
int peer_ask(int fd, uid_t self, gid_t group, struct peer *);

#endif
