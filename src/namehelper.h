/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that asks NSS for names; names.c talks to it. */
#ifndef PIDTREED_NAMEHELPER_H
#define PIDTREED_NAMEHELPER_H

#include <stdint.h>
#include <sys/types.h>

#define NAMEHELPER_WORKERS	4	/* requests at a time, at most */
#define NAMEHELPER_NAME		256	/* bytes with the NUL */

/* Both over a SOCK_SEQPACKET socket, whole; id is the asker's, and answers
   come in any order. */
struct name_request {
	uint32_t id;
	uint32_t uid;
};

enum name_status { NAME_FOUND, NAME_NONE, NAME_FAILED };

struct name_answer {
	uint32_t id;
	uint32_t uid;
	uint32_t status;	/* enum name_status */
	char name[NAMEHELPER_NAME];
};

/*
 * Forks it.  *fd: the asker's end, non-blocking.  It becomes `user` if it
 * is root and one is given, has no capabilities, no descriptors but its
 * own, and ends with its parent.  -1 with errno (ENOENT: no such user).
 */
pid_t namehelper_start(const char *user, int *fd);

#endif
