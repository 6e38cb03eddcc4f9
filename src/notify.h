/* SPDX-License-Identifier: BSD-2-Clause */
/* The service manager's protocol (sd_notify(3), sd_listen_fds(3)), spoken
   directly: readiness, watchdog, and descriptors kept over a restart. */
#ifndef PIDTREED_NOTIFY_H
#define PIDTREED_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify;

/*
 * NULL with errno ENOMEM; without a manager every call below does nothing.
 * Takes NOTIFY_SOCKET, LISTEN_*, FDSTORE, WATCHDOG_* out of the environment:
 * call before anything that opens descriptors or forks.
 */
struct notify *notify_open(void);
/* "READY=1"; several lines are separated by \n.  0: the manager took it, or
   there is none; -1 with errno.  Waits at most a second. */
int notify_send(struct notify *, const char *state);
/* Half of WATCHDOG_USEC, 0: no watchdog. */
uint64_t notify_watchdog_us(const struct notify *);
/*
 * Is there a manager that stores descriptors (FDSTORE set, or was used)?
 * systemd sets FDSTORE since version 254; for older ones the unit says
 * Environment=FDSTORE=N beside FileDescriptorStoreMax=N.
 */
bool notify_can_store(const struct notify *);
/* name: at most 255 printable ASCII characters without a colon, unique; what
   was stored under it is not replaced, so unstore first.  -1 with errno; the
   manager's own limit is not reported.  fd stays the caller's.  unstore also
   closes what notify_stored gave. */
int notify_store(struct notify *, const char *name, int fd);
int notify_unstore(struct notify *, const char *name);
/* A descriptor stored earlier, CLOEXEC, borrowed; -1: none of that name. */
int notify_stored(const struct notify *, const char *name);
/* Calls fn with each name that the manager gave us and that is still stored;
   fn may unstore it. */
void notify_each(const struct notify *, void (*fn)(void *arg,
    const char *name), void *arg);
/* Closes the stored descriptors too (the manager's copies stay). */
void notify_close(struct notify *);

#endif
