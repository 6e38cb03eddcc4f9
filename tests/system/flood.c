/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As many connections as the machine can make, each to an address and port
 * of its own, closed by a reset so that no port is used up:
 *	flood NETNS PROCESSES EACH FIRST-PORT LAST-PORT [PAUSE]
 * to 198.51.100.1 and up, in NETNS, or where it is if that is "-".
 * PAUSE: microseconds after each.  Prints how many were established and the
 * nanoseconds it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Connection number n; 1 if it was established. */
static int
one(uint32_t n, int first, int ports)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct linger hard = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM, 0), done;

	if (fd < 0)
		die("socket");
	to.sin_port = htons(first + n % ports);
	to.sin_addr.s_addr = htonl((198u << 24 | 51 << 16 | 100 << 8) +
	    1 + n / ports % 254);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	done = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
	close(fd);
	return done;
}

static void
enter(const char *path)
{
	int fd;

	if (!strcmp(path, "-"))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die(path);
	close(fd);
}

int
main(int argc, char **argv)
{
	uint64_t *done, begun, sum = 0;
	int processes, each, first, ports, pause_us;

	if (argc != 6 && argc != 7) {
		fprintf(stderr, "usage: flood NETNS PROCESSES EACH "
		    "FIRST-PORT LAST-PORT [PAUSE]\n");
		return 2;
	}
	enter(argv[1]);
	processes = atoi(argv[2]);
	each = atoi(argv[3]);
	first = atoi(argv[4]);
	ports = atoi(argv[5]) - first + 1;
	pause_us = argc == 7 ? atoi(argv[6]) : 0;
	done = mmap(NULL, processes * sizeof(*done), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (done == MAP_FAILED || ports < 1)
		die("mmap");
	begun = now_ns();
	for (int p = 0; p < processes; p++) {
		if (fork())
			continue;
		for (int i = 0; i < each; i++) {
			done[p] += one(p * each + i, first, ports);
			if (pause_us)
				usleep(pause_us);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int p = 0; p < processes; p++)
		sum += done[p];
	printf("%llu %llu\n", (unsigned long long)sum,
	    (unsigned long long)(now_ns() - begun));
	return 0;
}
