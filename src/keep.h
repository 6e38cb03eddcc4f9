/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What outlives the collector: descriptors of maps and links, in the service
 * manager's descriptor store where there is one, else as pins in bpffs.
 */
#ifndef PIDTREED_KEEP_H
#define PIDTREED_KEEP_H

#include <stdbool.h>
#include <sys/types.h>

struct keep;
struct notify;

/* Never NULL but for ENOMEM.  Where neither is possible nothing is kept, and
   keep_where says so.  Mounts bpffs on /sys/fs/bpf if nothing is there.  Pins
   are only used in a directory that root or this account owns. */
#define KEEP_ANYBODY	((uid_t)-1)
struct keep *keep_open(const char *instance, struct notify *, uid_t account);
/* "fdstore", "/sys/fs/bpf/pidtreed-NAME", or "none: REASON". */
const char *keep_where(const struct keep *);
/* A descriptor kept under this name, CLOEXEC, the caller's; -1 ENOENT. */
int keep_get(struct keep *, const char *name);
/* -1 with errno; the descriptor stays the caller's. */
int keep_put(struct keep *, const char *name, int fd);
void keep_drop(struct keep *, const char *name);
/* Calls fn with each name that is kept. */
void keep_each(struct keep *, void (*fn)(void *arg, const char *name),
    void *arg);
/* The pins shall be removable by this user after root was left. */
int keep_give(struct keep *, uid_t, gid_t);
/* Does a stop leave it to the manager what becomes of everything? */
bool keep_managed(const struct keep *);
/* Takes back what keep_put put: a start that failed leaves what it found. */
void keep_undo(struct keep *);
/* Lets go of all of it; what no other process holds is gone then. */
void keep_release(struct keep *);
void keep_close(struct keep *);

#endif
