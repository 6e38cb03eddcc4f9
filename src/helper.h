/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that does for the collector what could take its time: a worker
 * for each request, since what hangs cannot be called off.  The others go
 * on, and the worker is killed after 5 s.
 */
#ifndef PIDTREED_HELPER_H
#define PIDTREED_HELPER_H

#include <stddef.h>
#include <sys/types.h>

#define HELPER_WORKERS	4	/* requests at a time, at most */
#define HELPER_REQUEST	256	/* bytes of one, at most */

struct helper {
	const char *name;	/* of the process */
	size_t size;		/* of a request */
	int capability;		/* that it keeps if it has it; -1: none */
	const void *arg;	/* work's */
	/* In a worker: answers. */
	void (*work)(const void *arg, const void *request);
	void (*failed)(const void *request);	/* it did not */
};

/*
 * Forks it.  *fd: the asker's end of a SOCK_SEQPACKET pair, non-blocking;
 * requests and answers are whole, answers come in any order.  It becomes
 * `user` if it is root and one is given, has no descriptors but its own, and
 * ends with its parent.  -1 with errno (ENOENT: no such user).
 */
pid_t helper_start(const struct helper *, const char *user, int *fd);
/* In it: sends an answer. */
void helper_answer(const void *, size_t);
/* In a worker: what capability there was is gone. */
void helper_drop(void);

#endif
