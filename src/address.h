/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's own addresses, and news of them. */
#ifndef PIDTREED_ADDRESS_H
#define PIDTREED_ADDRESS_H

/* All but loopback, link-local and multicast, in order, IPv4 first,
   separated by blanks, at most 3,900 bytes; malloc'd; NULL: none. */
char *address_list(void);
/* Readable when addresses have come or gone; -1 with errno. */
int address_watch(void);
/* Reads all that address_watch's descriptor has. */
void address_drain(int fd);

#endif
