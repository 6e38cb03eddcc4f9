/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator's words that make processes: every way to be born, and
 * to lose one's ancestors.  The new process goes on with the program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define PATIENCE_MS 20000

static int
count(const char *arg)
{
	return *arg ? atoi(arg) : 1;
}

/*
 * A pipe that all who descend from here on hold open: whoever stays does so
 * until the last of them has ended.
 */
struct line {
	int ends[2];
};

static struct line
line_open(void)
{
	struct line line;

	if (pipe(line.ends) < 0)
		fail("pipe");
	return line;
}

/* The parent's part: waits for all below it, leaves as its worst child. */
static void __attribute__((noreturn))
see_out(struct line line)
{
	int status, worst = 0;
	char c;

	close(line.ends[1]);
	while (read(line.ends[0], &c, 1) < 0 && errno == EINTR)
		;
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			_exit(worst);
		if (WIFEXITED(status) && WEXITSTATUS(status) > worst)
			worst = WEXITSTATUS(status);
	}
}

static void
await_end(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (poll(&p, 1, PATIENCE_MS) != 1) {
		errno = ETIMEDOUT;
		fail("a process does not end");
	}
	close(pidfd);
}

static void
born(struct load *l, uint64_t after, struct line line)
{
	close(line.ends[0]);
	if (l->nup == ANCESTRY_MAX) {
		errno = E2BIG;
		fail("too many generations");
	}
	memmove(l->up + 1, l->up, l->nup++ * sizeof(*l->up));
	l->up[0] = l->know.self;
	know_born(&l->know, after);
}

/* fork: the parent stays until the child has ended. */
static void
do_fork(struct load *l, char *arg)
{
	for (int n = count(arg); n > 0; n--) {
		struct line line = line_open();
		uint64_t after = know_now();
		pid_t pid;

		know_proc(&l->know);
		if ((pid = fork()) < 0)
			fail("fork");
		if (pid)
			see_out(line);
		born(l, after, line);
	}
}

/* orphan: the parent leaves at once, the child waits until it has. */
static void
do_orphan(struct load *l, char *arg)
{
	for (int n = count(arg); n > 0; n--) {
		struct line line = line_open();
		uint64_t after = know_now();
		int self = syscall(SYS_pidfd_open, getpid(), 0);
		pid_t pid;

		know_proc(&l->know);
		if (self < 0 || (pid = fork()) < 0)
			fail("orphan");
		if (pid)
			_exit(0);
		born(l, after, line);
		close(line.ends[1]);
		await_end(self);
		know_exit(&l->know, l->up[0]);
	}
}

/* killup=N: the N nearest ancestors are killed, the outermost first. */
static void
do_killup(struct load *l, char *arg)
{
	int n = count(arg), fds[ANCESTRY_MAX];

	if (n > l->nup) {
		errno = ESRCH;
		fail("killup");
	}
	for (int i = n - 1; i >= 0; i--) {
		fds[i] = syscall(SYS_pidfd_open, l->up[i].pid, 0);
		if (fds[i] < 0 || syscall(SYS_pidfd_send_signal, fds[i],
		    SIGKILL, NULL, 0) < 0)
			fail("killup");
	}
	for (int i = 0; i < n; i++) {
		await_end(fds[i]);
		know_exit(&l->know, l->up[i]);
	}
}

/* killafter=MS: the child goes on and is killed after that time. */
static void
do_killafter(struct load *l, char *arg)
{
	struct line line = line_open();
	uint64_t after = know_now();
	pid_t pid;

	know_proc(&l->know);
	if ((pid = fork()) < 0)
		fail("fork");
	if (pid) {
		usleep(count(arg) * 1000);
		kill(pid, SIGKILL);
		see_out(line);
	}
	born(l, after, line);
}

/* vfork: the child shares our memory until its exec, the next word. */
static void
do_vfork(struct load *l, char *arg)
{
	struct load *saved = malloc(sizeof(*saved));
	struct line line = line_open();
	uint64_t after = know_now();
	volatile pid_t pid;

	(void)arg;
	if (!saved)
		fail("vfork");
	memcpy(saved, l, sizeof(*saved));
	know_proc(&l->know);
	if ((pid = vfork()) < 0)
		fail("vfork");
	if (!pid) {
		born(l, after, line);
		load_run(l);
		_exit(3);
	}
	memcpy(l, saved, sizeof(*l));
	see_out(line);
}

static long
clone_as(uint64_t flags, int exit_signal, int *pidfd, pid_t tid)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = exit_signal,
		.set_tid = tid ? (uintptr_t)&tid : 0,
		.set_tid_size = tid ? 1 : 0,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* cloneparent: the child becomes our sibling; it was born from us. */
static void
do_cloneparent(struct load *l, char *arg)
{
	struct line line = line_open();
	uint64_t after = know_now();
	int pidfd = -1;
	long pid;

	(void)arg;
	know_proc(&l->know);
	if ((pid = clone_as(CLONE_PARENT, 0, &pidfd, 0)) < 0)
		fail("clone3");
	if (pid)
		see_out(line);
	born(l, after, line);
}

static void
do_subreaper(struct load *l, char *arg)
{
	(void)l, (void)arg;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		fail("subreaper");
}

/* The second process of a pid that has been used: true if it could be had. */
static bool
reborn(struct load *l, long pid, uint64_t after, struct line line)
{
	int pidfd = -1;
	long got = clone_as(0, SIGCHLD, &pidfd, pid);

	if (got < 0 && errno == EEXIST)
		return false;
	if (got < 0)
		fail("clone3 set_tid");
	if (got)
		see_out(line);
	born(l, after, line);
	return true;
}

/*
 * reuse: X makes Y and leaves; Y does the next word.  A new process gets the
 * pid of X and goes on after it.  Y waits until the pid is taken again.
 */
static void
do_reuse(struct load *l, char *arg)
{
	struct line line = line_open();
	char *word;
	int go[2], status;
	pid_t pid;

	(void)arg;
	know_proc(&l->know);
	if (!(word = load_word(l)) || pipe(go) < 0)
		fail("reuse");
	uint64_t after = know_now();
	if ((pid = fork()) < 0)
		fail("fork");
	if (!pid) {
		char c;

		born(l, after, line);
		l->next = word;
		close(go[1]);
		do_orphan(l, "");
		if (read(go[0], &c, 1) != 1)
			_exit(4);
		load_run(l);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	close(go[0]);
	if (!reborn(l, pid, know_now(), line))
		_exit(4);
	if (write(go[1], "", 1) != 1)
		fail("reuse");
}

static void *
thread_main(void *arg)
{
	load_run(arg);
	_exit(0);
}

static void
start_thread(struct load *l)
{
	pthread_attr_t attr;
	pthread_t id;

	know_proc(&l->know);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	errno = pthread_create(&id, &attr, thread_main, l);
	if (errno)
		fail("pthread_create");
}

/* thread: a thread goes on, the leader waits. */
static void
do_thread(struct load *l, char *arg)
{
	(void)arg;
	start_thread(l);
	for (;;)
		pause();
}

/* leaderless: a thread goes on after the leader has left. */
static void
do_leaderless(struct load *l, char *arg)
{
	(void)arg;
	start_thread(l);
	syscall(SYS_exit, 0);
}

/* awaitleader: until this thread's leader is a zombie. */
static void
do_awaitleader(struct load *l, char *arg)
{
	(void)l, (void)arg;
	for (int i = 0; know_leader_lives(); i++) {
		if (i == PATIENCE_MS)
			fail("the leader does not leave");
		usleep(1000);
	}
}

const struct word birth_words[] = {
	{ "fork",	do_fork },
	{ "orphan",	do_orphan },
	{ "killup",	do_killup },
	{ "killafter",	do_killafter },
	{ "vfork",	do_vfork },
	{ "cloneparent", do_cloneparent },
	{ "subreaper",	do_subreaper },
	{ "reuse",	do_reuse },
	{ "thread",	do_thread },
	{ "leaderless",	do_leaderless },
	{ "awaitleader", do_awaitleader },
	{ NULL,		NULL }
};
