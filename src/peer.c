/* SPDX-License-Identifier: BSD-2-Clause */
/* Credentials of a connection; see peer.h. */
#define _GNU_SOURCE	/* struct ucred */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Is the group among those of the process that connected? */
static int
has_group(int fd, gid_t group)
{
	socklen_t len = 0, room;
	gid_t *list;
	int has = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == -1 &&
	    errno != ERANGE)
		return -1;
	if (len == 0)
		return 0;
	room = len;
	if ((list = malloc(room)) == NULL)
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &len) == -1)
		has = -1;
	for (size_t i = 0; has == 0 && i < len / sizeof(*list); i++)
		has = list[i] == group;
	free(list);
	return has;
}

int
peer_ask(int fd, uid_t self, gid_t group, struct peer *p)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int member = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return -1;
	if (group != PEER_NO_GROUP)
		member = cred.gid == group ? 1 : has_group(fd, group);
	if (member == -1)
		return -1;
	p->uid = cred.uid;
	p->change = cred.uid == 0;
	p->watch = p->change || cred.uid == self || member == 1;
	return 0;
}
