/* SPDX-License-Identifier: BSD-2-Clause */
/* A process's TCP connections, from proc(5). */
#ifndef PIDTREED_TCPCONN_H
#define PIDTREED_TCPCONN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tcpconn {
	struct in6_addr local, remote;	/* IPv4 in the v4-mapped form */
	unsigned lport, rport;
	uint64_t unacknowledged;	/* bytes sent or to be sent */
};

/*
 * The process's established connection to that host (a name or an address)
 * and port: 1 and which, 0: none, -1 with errno.  A name that cannot be
 * resolved now stands for any address.
 */
int tcpconn_find(pid_t, const char *host, unsigned port, struct tcpconn *);

#endif
