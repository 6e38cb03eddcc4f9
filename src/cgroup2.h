/* SPDX-License-Identifier: BSD-2-Clause */
/* The cgroup2 hierarchy: its root, to attach to; paths, to name units. */
#ifndef PIDTREED_CGROUP2_H
#define PIDTREED_CGROUP2_H

#include <stdbool.h>

#include "container.h"
#include "event.h"
#include "message.h"

/* The root directory, wherever it is mounted; if it is nowhere, mounted for
   this process alone.  -1 with errno. */
int cgroup2_open(void);
/* Why sock_ops programs cannot be attached beside what is there, with the
   id of the one in the way; NULL if they can.  Borrowed. */
const char *cgroup2_refuses_sockops(int cgroup_fd);
/* Is a sock_ops program loaded whose name is not ours?  Needs root. */
bool cgroup2_foreign_sockops(const char *ours);

/* What a recorded path says; what is absent has s NULL. */
struct cgroup_text {
	struct str path;
	struct str unit;	/* of systemd, the one nearest to the leaf;
				   not those inside a container */
	bool contained;
	struct container container;	/* valid if contained */
	char mem[CGROUP_LEN + 1 + 4];	/* the path ends with /... if it was
					   cut */
};

void cgroup2_names(const struct cgroup_name *, struct cgroup_text *);

#endif
