/* SPDX-License-Identifier: BSD-2-Clause */
/* The service manager's protocol (sd_notify(3), sd_listen_fds(3)), spoken
   directly: readiness, watchdog, and descriptors kept over a restart. */
#ifndef PIDTREED_NOTIFY_H
#define PIDTREED_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify;

/* NULL with errno ENOMEM; without a manager every call below does nothing.
   Takes NOTIFY_SOCKET, LISTEN_*, WATCHDOG_* out of the environment. */
struct notify *notify_open(void);
int notify_send(struct notify *, const char *state);	/* "READY=1" */
/* Half of WATCHDOG_USEC, 0: no watchdog. */
uint64_t notify_watchdog_us(const struct notify *);
/* Is there a manager that stores descriptors (FDSTORE set, or was used)? */
bool notify_can_store(const struct notify *);
int notify_store(struct notify *, const char *name, int fd);
int notify_unstore(struct notify *, const char *name);
/* A descriptor stored earlier, CLOEXEC, borrowed; -1: none of that name. */
int notify_stored(const struct notify *, const char *name);
void notify_close(struct notify *);

#endif
