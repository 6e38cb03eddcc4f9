/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a cgroup is of: what its path alone says. */
#ifndef PIDTREED_CONTAINER_H
#define PIDTREED_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"

#define CONTAINER_ID	128	/* bytes of an id or a name, and NUL */
#define CONTAINER_UID	40	/* of a pod's uid, and NUL */

struct container {
	const char *runtime;	/* constant; NULL: the path does not tell */
	char id[CONTAINER_ID];	/* 64 hex digits; the name, of lxc and
				   systemd-nspawn */
	char pod[CONTAINER_UID];	/* uid of its Kubernetes pod, or "" */
	size_t start;		/* where the component that names it begins */
	bool system;		/* the cgroup is where the system's runtimes
				   make theirs; else a user or a service may
				   have given it any name */
};

/*
 * The outermost container on a cgroup's path ("/a/b"): what is further in,
 * the container may have made and named itself.  False: there is none.
 */
bool container_find(struct str path, struct container *);

#endif
