/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's own addresses; see address.h. */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"

#define LIST_MAX	3900	/* bytes; a value of a message has 4000 */
#define ADDRESSES_MAX	4096	/* more are not looked at */

struct address {
	unsigned char family;	/* AF_INET sorts before AF_INET6 */
	unsigned char bytes[16];
};

static bool
global4(const struct in_addr *in)
{
	const uint32_t a = ntohl(in->s_addr);

	return a >> 24 != 0 && a >> 24 != 127 && a >> 16 != 0xa9fe &&
	    a >> 28 < 0xe;
}

static bool
global6(const struct in6_addr *in)
{
	return !IN6_IS_ADDR_LOOPBACK(in) && !IN6_IS_ADDR_LINKLOCAL(in) &&
	    !IN6_IS_ADDR_MULTICAST(in) && !IN6_IS_ADDR_UNSPECIFIED(in);
}

/* false: not one to be told. */
static bool
address_of(const struct sockaddr *sa, struct address *a)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	memset(a, 0, sizeof(*a));
	if (sa == NULL)
		return false;
	a->family = sa->sa_family;
	if (sa->sa_family == AF_INET && global4(&in->sin_addr))
		memcpy(a->bytes, &in->sin_addr, sizeof(in->sin_addr));
	else if (sa->sa_family == AF_INET6 && global6(&in6->sin6_addr))
		memcpy(a->bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
	else
		return false;
	return true;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct address));
}

static void
list(struct buf *b, const struct address *a, size_t n)
{
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && compare(&a[i - 1], &a[i]) == 0)
			continue;
		inet_ntop(a[i].family, a[i].bytes, text, sizeof(text));
		if (b->len + strlen(text) + 1 > LIST_MAX)
			return;
		if (b->len > 0)
			buf_addc(b, ' ');
		buf_adds(b, text);
	}
}

char *
address_list(void)
{
	struct address *a = calloc(ADDRESSES_MAX, sizeof(*a));
	struct ifaddrs *all = NULL, *i;
	char mem[LIST_MAX + 1];
	struct buf b;
	size_t n = 0;

	buf_init(&b, mem, sizeof(mem));
	if (a != NULL && getifaddrs(&all) == 0) {
		for (i = all; i != NULL && n < ADDRESSES_MAX; i = i->ifa_next)
			n += address_of(i->ifa_addr, &a[n]);
		qsort(a, n, sizeof(*a), compare);
		list(&b, a, n);
		freeifaddrs(all);
	}
	free(a);
	return b.len > 0 ? strndup(b.p, b.len) : NULL;
}

int
address_watch(void)
{
	const struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    NETLINK_ROUTE);

	if (fd != -1 && bind(fd, (const struct sockaddr *)&addr,
	    sizeof(addr)) == -1) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Only that there was news matters; so does an overrun (ENOBUFS), which
   recv reports once. */
void
address_drain(int fd)
{
	char news[8192];
	int overruns = 0;

	while (recv(fd, news, sizeof(news), MSG_DONTWAIT | MSG_TRUNC) > 0 ||
	    (errno == ENOBUFS && overruns++ < 8))
		;
}
