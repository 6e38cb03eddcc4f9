/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who this host is: id, boot, and what the HOST message says.
 *
 * id: configured; or the cloud's instance id (cloud.h); or derived from
 * /etc/machine-id (machineid.h).
 * machine: the cloud's type of machine, or the product that the firmware
 * names, or the architecture.
 */
#ifndef PIDTREED_HOST_H
#define PIDTREED_HOST_H

#include <stdint.h>

#include "message.h"

struct conf;
struct host;

/* Never NULL but for ENOMEM: what cannot be found out is left out.  Call
   while root (Azure's machine id).  Borrows conf. */
struct host *host_new(const struct conf *);
/* The same with all files taken below root. */
struct host *host_new_at(const char *root, const struct conf *);
/* hostname, hostid, boot: in every message.  Borrowed until host_refresh. */
void host_stamp(const struct host *, struct message *);
/* The rest, in HOST.  addresses: as many as fit into 3,900 bytes. */
void host_describe(const struct host *, struct message *);
/* 16 hex digits of boot_id, for externalId. */
const char *host_boot(const struct host *);
/* Looks at addresses and names again; 1 if something changed. */
int host_refresh(struct host *);
/* A descriptor (rtnetlink) that is readable when addresses may have changed;
   host_refresh empties it.  -1: the kernel refused, look from time to time. */
int host_fd(const struct host *);
void host_free(struct host *);

#endif
