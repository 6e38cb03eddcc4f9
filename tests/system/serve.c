/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of the tests' connections: listens on every address of its
 * network namespace, IPv4 and IPv6, and keeps what it accepts until the peer
 * leaves.  Says "ready" on standard output; ends when standard input does.
 *	serve [-m] PORT[-PORT]...	-m: what follows is MPTCP
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static void
die(const char *what)
{
	fprintf(stderr, "serve: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
watch(int poll, int fd, bool listener)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP };

	e.data.u64 = (uint64_t)listener << 32 | fd;
	if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll_ctl");
}

static void
open_port(int poll, int port, int protocol)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, protocol);
	int on = 1, off = 0, queue = 1024;

	any.sin6_port = htons(port);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    listen(fd, 4096) < 0)
		die("listen");
	watch(poll, fd, true);
}

static void
open_ports(int poll, const char *range, int protocol)
{
	int first = atoi(range), last = first;
	const char *dash = strchr(range, '-');

	if (dash)
		last = atoi(dash + 1);
	for (int port = first; port <= last; port++)
		open_port(poll, port, protocol);
}

/* Accepts what waits, or reads and forgets; false at the end of input. */
static bool
serve(int poll, struct epoll_event *e)
{
	int fd = e->data.u64 & 0xffffffff, peer;
	char buf[4096];
	ssize_t n;

	if (e->data.u64 >> 32) {
		while ((peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0)
			watch(poll, peer, false);
		return true;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	if (n < 0 && errno == EAGAIN)
		return true;
	if (fd == STDIN_FILENO)
		return false;
	close(fd);
	return true;
}

int
main(int argc, char **argv)
{
	struct rlimit files = { 1 << 20, 1 << 20 };
	struct epoll_event events[256];
	int poll = epoll_create1(0), protocol = 0;
	bool on = true;

	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-m"))
			protocol = IPPROTO_MPTCP;
		else
			open_ports(poll, argv[i], protocol);
	}
	watch(poll, STDIN_FILENO, false);
	puts("ready");
	fflush(stdout);
	while (on) {
		int n = epoll_wait(poll, events, 256, -1);

		for (int i = 0; i < n && on; i++)
			on = serve(poll, &events[i]);
	}
	return 0;
}
