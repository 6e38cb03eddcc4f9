/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Storms of processes, bounded, against the family tree in the kernel:
 *	storm refork MS		a line of processes, each leaves at its fork
 *	storm bomb MS LIMIT	all fork as fast as they can, LIMIT at most
 *	storm threads N		N processes whose 6 threads leave together
 *	storm pairs N		N parents that leave together with a child
 *	storm lines N DEPTH	N lines of DEPTH orphans, the last one stays
 *				until standard input ends
 * refork and bomb run in a pid namespace, so that nothing survives them, and
 * as a user of their own.  Prints how many processes it made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STORM_UID 54321
#define THREADS 5

/* What all processes of a storm share. */
struct sky {
	atomic_long made;
	atomic_int gate;
};

static void
die(const char *what)
{
	fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct sky *
sky_new(void)
{
	struct sky *sky = mmap(NULL, sizeof(*sky), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (sky == MAP_FAILED)
		die("mmap");
	return sky;
}

static void
become_nobody(int limit)
{
	struct rlimit most = { limit, limit };

	if (setgroups(0, NULL) || setgid(STORM_UID) || setuid(STORM_UID) ||
	    setrlimit(RLIMIT_NPROC, &most))
		die("becoming nobody");
}

/* Runs body as process 1 of a pid namespace: its end is the end of all. */
static void
in_namespace(void (*body)(struct sky *, uint64_t), struct sky *sky,
    int limit, uint64_t until)
{
	pid_t pid = -1;

	if (unshare(CLONE_NEWPID) == 0)
		pid = fork();
	if (pid < 0)
		die("pid namespace");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCHLD, SIG_IGN);
		if (!fork()) {
			become_nobody(limit);
			body(sky, until);
			_exit(0);
		}
		while (now_ms() < until)
			usleep(10000);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* for (;;) if (fork()) _exit(0); */
static void
refork(struct sky *sky, uint64_t until)
{
	while (now_ms() < until) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0);
		if (pid == 0)
			atomic_fetch_add(&sky->made, 1);
	}
}

/* for (;;) fork(); with some that leave, so that it goes on. */
static void
bomb(struct sky *sky, uint64_t until)
{
	unsigned seed = 1;

	while (now_ms() < until) {
		pid_t pid = fork();

		if (pid == 0) {
			atomic_fetch_add(&sky->made, 1);
			seed = getpid();
		} else if (pid < 0 || rand_r(&seed) % 4 == 0) {
			_exit(0);
		}
	}
}

static void *
leave_together(void *arg)
{
	struct sky *sky = arg;

	atomic_fetch_add(&sky->gate, 1);
	while (atomic_load(&sky->gate) < THREADS + 1)
		sched_yield();
	syscall(SYS_exit, 0);
	return NULL;
}

static void
threads(struct sky *sky)
{
	pthread_t id;
	pid_t pid;

	atomic_store(&sky->gate, 0);
	if ((pid = fork()) < 0)
		die("fork");
	if (!pid) {
		for (int i = 0; i < THREADS; i++)
			if (pthread_create(&id, NULL, leave_together, sky))
				_exit(1);
		leave_together(sky);
	}
	atomic_fetch_add(&sky->made, 1);
	waitpid(pid, NULL, 0);
}

static void
await_gate(struct sky *sky)
{
	atomic_fetch_add(&sky->gate, 1);
	while (atomic_load(&sky->gate) < 2)
		sched_yield();
	_exit(0);
}

static void
pair(struct sky *sky)
{
	pid_t pid;

	atomic_store(&sky->gate, 0);
	if ((pid = fork()) < 0)
		die("fork");
	if (!pid) {
		if (fork() < 0)
			_exit(1);
		await_gate(sky);
	}
	atomic_fetch_add(&sky->made, 2);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* A line of orphans; only the last stays, until the gate opens. */
static void
line(struct sky *sky, int depth)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	for (int i = 0; i < depth; i++) {
		atomic_fetch_add(&sky->made, 1);
		if (fork())
			_exit(0);
	}
	atomic_fetch_add(&sky->gate, 1);
	while (atomic_load(&sky->gate) >= 0)
		usleep(20000);
	_exit(0);
}

static void
lines(struct sky *sky, int n, int depth)
{
	char c;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < n; i++)
		line(sky, depth);
	while (atomic_load(&sky->gate) < n)
		usleep(1000);
	printf("%ld\n", atomic_load(&sky->made));
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	atomic_store(&sky->gate, -1);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;
	int more = argc > 3 ? atoi(argv[3]) : 0;
	struct sky *sky = sky_new();

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (!strcmp(what, "refork")) {
		in_namespace(refork, sky, 64, now_ms() + n);
	} else if (!strcmp(what, "bomb")) {
		in_namespace(bomb, sky, more, now_ms() + n);
	} else if (!strcmp(what, "threads")) {
		while (n-- > 0)
			threads(sky);
	} else if (!strcmp(what, "pairs")) {
		while (n-- > 0)
			pair(sky);
	} else if (!strcmp(what, "lines")) {
		lines(sky, n, more);
		return 0;
	} else {
		fprintf(stderr, "usage: storm refork|bomb|threads|pairs|lines "
		    "NUMBER [LIMIT|DEPTH]\n");
		return 2;
	}
	printf("%ld\n", atomic_load(&sky->made));
	return 0;
}
