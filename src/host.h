/* SPDX-License-Identifier: BSD-2-Clause */
/* Who this host is: id, boot, and what the HOST message says. */
#ifndef PIDTREED_HOST_H
#define PIDTREED_HOST_H

#include <stdint.h>

#include "message.h"

struct conf;
struct host;

/* Never NULL but for ENOMEM: what cannot be found out is left out. */
struct host *host_new(const struct conf *);
/* hostname, hostid, boot: in every message. */
void host_stamp(const struct host *, struct message *);
/* The rest, in HOST. */
void host_describe(const struct host *, struct message *);
/* 16 hex digits of boot_id, for externalId. */
const char *host_boot(const struct host *);
/* Looks at addresses and names again; 1 if something changed. */
int host_refresh(struct host *);
/* A descriptor (rtnetlink) that is readable when addresses may have changed. */
int host_fd(const struct host *);
void host_free(struct host *);

#endif
