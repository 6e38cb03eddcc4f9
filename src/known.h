/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the collector remembers between messages: the kernel is asked once for
 * what does not change.  Bounded; what is borrowed from here stays for at
 * least the 32 generations of a message.
 */
#ifndef PIDTREED_KNOWN_H
#define PIDTREED_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup2.h"
#include "event.h"
#include "message.h"

struct conf;
struct image_text;
struct kernel;
struct known;

/* What never changes of a process, and, once it has gone, all of it. */
struct node {
	struct proc_key parent;
	uint32_t cut;
	bool gone;		/* the following are valid and final */
	uint64_t ended;			/* ns since boot */
	uint64_t image;
	uint64_t cgroup;
	uint32_t uid, euid, gid, egid, auid, ses;
	char comm[COMM_LEN];
};

/* NULL: ENOMEM.  Borrows its arguments. */
struct known *known_new(const struct conf *, const struct kernel *);
/* Executables are rendered again, as the new configuration wants them. */
void known_set_conf(struct known *, const struct conf *);
/* NULL, of each: nobody knows it any more. */
const struct image_text *known_image(struct known *, uint64_t id);
/* Of a process that no probe and no pass could look at: what /proc says, if
   it is still the same process. */
const struct image_text *known_in_proc(struct known *,
    const struct proc_key *);
const struct cgroup_text *known_cgroup(struct known *, uint64_t id);
/* gone: it is not among the living of this event, so that the record may have
   become final. */
const struct node *known_node(struct known *, const struct proc_key *,
    bool gone);
int64_t known_from_proc(const struct known *);	/* processes read there */
void known_free(struct known *);

#endif
