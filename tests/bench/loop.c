/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is measured: one operation again and again, for as long as a line on
 * standard input says.  In a network namespace of its own, on loopback.
 *	loop TINY VISIT	programs to execute (tiny.c); says "ready", then for
 *			each "OPERATION MS" or "OPERATION xCOUNT" on standard
 *			input: "OPERATIONS NS NS-OF-CPU-TIME"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

static char *tiny, *visit;
static int listener;
static int datagrams, peered, alone;	/* UDP: takes, sends, sends */
static int nameserver, asker;		/* UDP: port 53, asks there */
static int stream, far_end;		/* TCP */
static struct sockaddr_in address;

static void
die(const char *what)
{
	fprintf(stderr, "loop: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Without TIME_WAIT: its sockets would pile up and slow each next connect. */
static void
enter_netns(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, s = socket(AF_INET, SOCK_DGRAM, 0);

	if (unshare(CLONE_NEWNET) == -1)
		die("unshare");
	close(s);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	if (s == -1 || ioctl(s, SIOCSIFFLAGS, &lo) == -1)
		die("lo");
	close(s);
	fd = open("/proc/sys/net/ipv4/tcp_max_tw_buckets", O_WRONLY);
	if (fd == -1 || write(fd, "0", 1) != 1)
		die("tcp_max_tw_buckets");
	close(fd);
}

static void
open_port(void)
{
	address.sin_family = AF_INET;
	address.sin_port = htons(LOOP_PORT);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener == -1 ||
	    bind(listener, (void *)&address, sizeof(address)) == -1 ||
	    listen(listener, 128) == -1)
		die("listen");
}

static void
open_udp(void)
{
	datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	peered = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	alone = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (datagrams == -1 || peered == -1 || alone == -1 ||
	    bind(datagrams, (void *)&address, sizeof(address)) == -1 ||
	    connect(peered, (void *)&address, sizeof(address)) == -1)
		die("udp");
}

static void
open_dns(void)
{
	struct sockaddr_in to = address;

	to.sin_port = htons(53);
	nameserver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	asker = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (nameserver == -1 || asker == -1 ||
	    bind(nameserver, (void *)&to, sizeof(to)) == -1 ||
	    connect(asker, (void *)&to, sizeof(to)) == -1)
		die("port 53");
}

static int
connected(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    connect(fd, (void *)&address, sizeof(address)) == -1)
		die("connect");
	return fd;
}

static void
accept_one(void)
{
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		die("accept");
	close(fd);
}

static void
reap(pid_t pid)
{
	int status;

	if (pid == -1 || waitpid(pid, &status, 0) != pid || status != 0)
		die("child");
}

static void
do_connect(void)
{
	int fd = connected();

	accept_one();
	close(fd);
}

static void
take_one(ssize_t sent)
{
	char c;

	if (sent != 1 || recv(datagrams, &c, 1, 0) != 1)
		die("datagram");
}

static void
do_send(void)
{
	take_one(send(peered, "x", 1, 0));
}

static void
do_sendto(void)
{
	take_one(sendto(alone, "x", 1, 0, (void *)&address,
	    sizeof(address)));
}

/* A byte of a stream; the peer does not answer. */
static void
do_segment(void)
{
	char c;

	if (send(stream, "x", 1, 0) != 1 || recv(far_end, &c, 1, 0) != 1)
		die("stream");
}

/* A question, its answer: www.example.net A, 192.0.2.1.  The next name's first
   letters are another's. */
static void
question(bool new)
{
	static uint8_t m[64] = "\0\0\1\0\0\1\0\0\0\0\0\0"
	    "\3www\7example\3net\0\0\1\0\1"
	    "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\1";
	static uint32_t n;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t b[64];
	ssize_t size = 12 + 17 + 4;

	n++;
	m[0] = n >> 8;
	m[1] = n;
	m[2] = 1;
	m[7] = 0;
	if (new)
		for (int i = 0; i < 6; i++)
			m[17 + i] = 'a' + (n >> 4 * i & 15);
	if (send(asker, m, size, 0) != size || recvfrom(nameserver, b,
	    sizeof(b), 0, (void *)&from, &len) != size)
		die("question");
	m[2] = 0x81;
	m[7] = 1;
	size += 16;
	if (sendto(nameserver, m, size, 0, (void *)&from, len) != size ||
	    recv(asker, b, sizeof(b), 0) != size)
		die("answer");
}

static void
do_ask(void)
{
	question(false);
}

static void
do_asknew(void)
{
	question(true);
}

static void
do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	reap(pid);
}

static void
execute(char *file)
{
	char *argv[] = { file, NULL }, *envp[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve(file, argv, envp);
		_exit(127);
	}
	reap(pid);
}

static void
do_exec(void)
{
	execute(tiny);
}

/* What every system call pays that fails, while failed executions are looked
   for: it is none. */
static void
do_fail(void)
{
	close(-1);
}

static void
open_close(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd != -1)
		close(fd);
}

/* What every open pays while others are watched, without its close ... */
static void
do_open(void)
{
	static int first = -1;
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		die("/etc/passwd");
	if (first == -1)
		first = fd;
	if (fd - first == 100)
		close_range(first, ~0U, 0);
}

/* and one that fails, */
static void
do_openfail(void)
{
	open_close("/usr/lib/none/libnothing.so");
}

/* and one that is watched, as seldom as the collector can log it. */
static void
do_watched(void)
{
	usleep(100);
	open_close("/etc/shadow");
}

/* The kernel asks once whether we may. */
static void
do_check(void)
{
	if (chroot("/") == -1)
		die("chroot");
}

/* A connection from a process that was made for it ... */
static void
do_forked(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		connected();
		_exit(0);
	}
	accept_one();
	reap(pid);
}

/* ... and that executed something. */
static void
do_execed(void)
{
	execute(visit);
	accept_one();
}

static const struct {
	const char *name;
	void (*once)(void);
} operations[] = {
	{ "connect", do_connect },
	{ "send", do_send },
	{ "sendto", do_sendto },
	{ "segment", do_segment },
	{ "ask", do_ask },
	{ "asknew", do_asknew },
	{ "fork", do_fork },
	{ "exec", do_exec },
	{ "fail", do_fail },
	{ "open", do_open },
	{ "openfail", do_openfail },
	{ "watched", do_watched },
	{ "check", do_check },
	{ "forked", do_forked },
	{ "execed", do_execed },
	{ NULL, NULL }
};

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Our own and that of all our children. */
static int64_t
cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) +
	    (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000000) +
	    (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * INT64_C(1000);
}

static bool
measure(const char *name, int64_t ms, int64_t count)
{
	int64_t begin, end, cpu, n = 0;

	for (size_t i = 0; operations[i].name != NULL; i++) {
		if (strcmp(operations[i].name, name) != 0)
			continue;
		begin = clock_ns(CLOCK_MONOTONIC);
		cpu = cpu_ns();
		do {
			operations[i].once();
			n++;
			end = clock_ns(CLOCK_MONOTONIC);
		} while (count > 0 ? n < count : end - begin < ms * 1000000);
		printf("%lld %lld %lld\n", (long long)n,
		    (long long)(end - begin), (long long)(cpu_ns() - cpu));
		fflush(stdout);
		return true;
	}
	return false;
}

int
main(int argc, char **argv)
{
	char line[64], name[16];
	long long n;

	if (argc != 3)
		return 2;
	tiny = argv[1];
	visit = argv[2];
	enter_netns();
	open_port();
	open_udp();
	open_dns();
	stream = connected();
	far_end = accept(listener, NULL, NULL);
	if (far_end == -1)
		die("accept");
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (!(sscanf(line, "%15s x%lld", name, &n) == 2 &&
		    measure(name, 0, n)) &&
		    !(sscanf(line, "%15s %lld", name, &n) == 2 &&
		    measure(name, n, 0)))
			return 2;
	return 0;
}
