/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader: takes messages from a socket as rsyslogd does and throws them
 * away.
 *	drain SOCKET	says "ready"; then for each line on standard input:
 *			"CONNECTIONS MESSAGES BYTES WHOLE RELOADS", so far;
 *			WHOLE: connections that the first and the last rule of
 *			one set have tagged
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop.h"

#define BATCH	64
#define SIZE	8096

static void
die(const char *what)
{
	fprintf(stderr, "drain: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* systemd raises the number of datagrams that a socket holds to 512; here it
   is raised in a namespace of our own. */
static int
open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (unshare(CLONE_NEWNET) == -1)
		die("unshare");
	fd = open("/proc/sys/net/unix/max_dgram_qlen", O_WRONLY);
	if (fd == -1 || write(fd, "512", 3) != 3)
		die("max_dgram_qlen");
	close(fd);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd == -1 || bind(fd, (void *)&address, sizeof(address)) == -1 ||
	    chmod(path, 0666) == -1)
		die(path);
	return fd;
}

struct counts {
	long long connections, messages, bytes, whole, reloads;
};

/* The collector sees every process: another's connection does not count. */
static bool
is_ours(const char *message, size_t n)
{
	char dpt[32];
	int len = snprintf(dpt, sizeof(dpt), " dpt=\"%d\" ", LOOP_PORT);

	return memmem(message, n < 400 ? n : 400, " CONNECT [", 10) != NULL &&
	    memmem(message, n < 1200 ? n : 1200, dpt, len) != NULL;
}

static bool
has(const char *message, size_t n, const char *text)
{
	return memmem(message, n, text, strlen(text)) != NULL;
}

static bool
is_whole(const char *message, size_t n)
{
	return has(message, n, " tags=\"a-first,a-last\"") ||
	    has(message, n, " tags=\"b-first,b-last\"");
}

static void
count(struct counts *n, const char *message, size_t size)
{
	n->messages++;
	n->bytes += size;
	if (is_ours(message, size)) {
		n->connections++;
		n->whole += is_whole(message, size);
	} else
		n->reloads += has(message, size < 400 ? size : 400,
		    " RELOAD [");
}

static void
take(int fd, struct counts *n)
{
	static char space[BATCH][SIZE];
	static struct iovec part[BATCH];
	static struct mmsghdr message[BATCH];
	int got;

	for (int i = 0; i < BATCH; i++) {
		part[i] = (struct iovec){ space[i], SIZE };
		message[i].msg_hdr.msg_iov = &part[i];
		message[i].msg_hdr.msg_iovlen = 1;
	}
	got = recvmmsg(fd, message, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++)
		count(n, space[i], message[i].msg_len);
}

int
main(int argc, char **argv)
{
	struct counts n = { 0 };
	struct pollfd p[2];
	char line[64];

	if (argc != 2)
		return 2;
	p[0] = (struct pollfd){ open_socket(argv[1]), POLLIN, 0 };
	p[1] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (poll(p, 2, -1) == -1)
			die("poll");
		if (p[0].revents)
			take(p[0].fd, &n);
		else if (p[1].revents) {
			if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
				return 0;
			printf("%lld %lld %lld %lld %lld\n", n.connections,
			    n.messages, n.bytes, n.whole, n.reloads);
			fflush(stdout);
		}
	}
}
