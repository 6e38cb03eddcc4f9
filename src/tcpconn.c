/* SPDX-License-Identifier: BSD-2-Clause */
/* A process's TCP connections, from proc(5); see tcpconn.h. */
#include "config.h"

#include "tcpconn.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ESTABLISHED	0x01	/* TCP_ESTABLISHED, net/tcp_states.h */

/* Has the process the socket open?  1, 0, or -1 with errno. */
static int
owns(pid_t pid, unsigned long inode)
{
	char path[64], want[64], target[64];
	struct dirent *d;
	ssize_t n;
	DIR *dir;
	int yes = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	snprintf(want, sizeof(want), "socket:[%lu]", inode);
	if ((dir = opendir(path)) == NULL)
		return -1;
	while (!yes && (d = readdir(dir)) != NULL) {
		n = readlinkat(dirfd(dir), d->d_name, target,
		    sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		yes = strcmp(target, want) == 0;
	}
	closedir(dir);
	return yes;
}

/* Words of 32 bits, each in the host's order: one for IPv4, four for IPv6. */
static bool
address(const char *hex, struct in6_addr *a)
{
	size_t words = strlen(hex) / 8, i;
	uint32_t word;
	char one[9];

	memset(a, 0, sizeof(*a));
	if (words == 1)
		a->s6_addr[10] = a->s6_addr[11] = 0xff;
	else if (words != 4)
		return false;
	for (i = 0; i < words; i++) {
		memcpy(one, hex + 8 * i, 8);
		one[8] = '\0';
		word = strtoul(one, NULL, 16);
		memcpy(a->s6_addr + (words == 1 ? 12 : 4 * i), &word, 4);
	}
	return true;
}

static bool
parse(const char *line, struct tcpconn *c, unsigned long *inode)
{
	char local[33], remote[33];
	unsigned state;

	return sscanf(line, " %*u: %32[0-9A-F]:%x %32[0-9A-F]:%x %x "
	    "%" SCNx64 ":%*x %*x:%*x %*x %*u %*u %lu", local, &c->lport,
	    remote, &c->rport, &state, &c->unacknowledged, inode) == 7 &&
	    state == ESTABLISHED && address(local, &c->local) &&
	    address(remote, &c->remote);
}

static bool
is_one_of(const struct addrinfo *ai, const struct in6_addr *a)
{
	struct in6_addr b;

	for (; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_family == AF_INET6)
			b = ((const struct sockaddr_in6 *)
			    (const void *)ai->ai_addr)->sin6_addr;
		else if (ai->ai_family == AF_INET) {
			memcpy(&b, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
			memcpy(b.s6_addr + 12, &((const struct sockaddr_in *)
			    (const void *)ai->ai_addr)->sin_addr, 4);
		} else
			continue;
		if (memcmp(&b, a, sizeof(b)) == 0)
			return true;
	}
	return false;
}

static int
find_in(pid_t pid, const char *file, const struct addrinfo *ai, unsigned port,
    struct tcpconn *c)
{
	char path[64], line[512];
	unsigned long inode;
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, file);
	if ((f = fopen(path, "re")) == NULL)
		return errno == ENOENT ? 0 : -1;	/* no IPv6 */
	while (found == 0 && fgets(line, sizeof(line), f) != NULL)
		if (parse(line, c, &inode) && c->rport == port &&
		    (ai == NULL || is_one_of(ai, &c->remote)))
			found = owns(pid, inode);
	fclose(f);
	return found;
}

int
tcpconn_find(pid_t pid, const char *host, unsigned port, struct tcpconn *c)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;
	int rc;

	if (getaddrinfo(host, NULL, &hints, &ai) != 0)
		ai = NULL;
	rc = find_in(pid, "tcp", ai, port, c);
	if (rc == 0)
		rc = find_in(pid, "tcp6", ai, port, c);
	if (ai != NULL)
		freeaddrinfo(ai);
	return rc;
}
