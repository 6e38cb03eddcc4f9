/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that asks NSS for names; see namehelper.h.  It forks a worker
 * for each request, since a call of NSS that hangs cannot be called off:
 * the others go on, and the worker ends after WORKER_S.
 */
#include "config.h"

#include "namehelper.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"

#define WORKER_S	5
#define SOCK		3		/* our end, in the helper */
#define ENTRY_MAX	(64 << 10)	/* bytes of a passwd entry */

struct worker {
	pid_t pid;			/* 0: free */
	struct name_request request;
};

static void
answer(const struct name_request *q, enum name_status status,
    const char *name)
{
	struct name_answer a = {
		.id = q->id, .uid = q->uid, .status = status
	};

	if (name != NULL)
		strncpy(a.name, name, sizeof(a.name) - 1);
	send(SOCK, &a, sizeof(a), MSG_NOSIGNAL);
}

/* getpwuid_r(3): these mean that there is no such entry, as 0 does. */
static bool
means_none(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH ||
	    error == EBADF || error == EPERM;
}

static void
look_up(const struct name_request *q)
{
	struct passwd pw, *found = NULL;
	size_t size = 1024;
	char *mem = NULL, *more;
	int error;

	do {
		size *= 4;
		more = realloc(mem, size);
		if (more == NULL)
			break;
		mem = more;
		error = getpwuid_r(q->uid, &pw, mem, size, &found);
	} while (error == ERANGE && size < ENTRY_MAX);
	if (more == NULL)
		answer(q, NAME_FAILED, NULL);
	else if (found == NULL)
		answer(q, means_none(error) ? NAME_NONE : NAME_FAILED, NULL);
	else if (pw.pw_name[0] == '\0' ||
	    strlen(pw.pw_name) >= NAMEHELPER_NAME)
		answer(q, NAME_NONE, NULL);
	else
		answer(q, NAME_FOUND, pw.pw_name);
	free(mem);
}

static void
die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void
start_worker(struct worker *w, const struct name_request *q)
{
	const pid_t parent = getpid();

	w->request = *q;
	w->pid = fork();
	if (w->pid == 0) {
		die_with(parent);
		alarm(WORKER_S);
		look_up(q);
		_exit(0);
	}
	if (w->pid == -1) {
		w->pid = 0;
		answer(q, NAME_FAILED, NULL);
	}
}

/* A free place, or NULL: none.  Who ended without success had not answered. */
static struct worker *
reap(struct worker *w)
{
	struct worker *idle = NULL;
	int status;

	for (int i = 0; i < NAMEHELPER_WORKERS; i++, w++) {
		if (w->pid != 0 && waitpid(w->pid, &status, WNOHANG) > 0) {
			if (status != 0)
				answer(&w->request, NAME_FAILED, NULL);
			w->pid = 0;
		}
		if (w->pid == 0)
			idle = w;
	}
	return idle;
}

/* Ends when the collector has closed its end; when all workers are busy,
   by the signal of its parent's death. */
static void
serve(void)
{
	struct worker workers[NAMEHELPER_WORKERS] = { 0 }, *idle;
	struct pollfd p = { .events = POLLIN };
	struct name_request q;
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		idle = reap(workers);
		p.fd = idle != NULL ? SOCK : -1;
		if (ppoll(&p, 1, NULL, &none) < 1)
			continue;
		if (recv(SOCK, &q, sizeof(q), 0) != sizeof(q))
			_exit(0);
		start_worker(idle, &q);
	}
}

static void
on_child(int sig)
{
	(void)sig;
}

/* The terminal's and the service manager's signals are for the collector,
   whose end we see; SIGCHLD only while waiting. */
static void
set_signals(void)
{
	static const int ignored[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP,
	    SIGPIPE };
	struct sigaction sa = { .sa_handler = on_child };
	sigset_t mask;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&sa.sa_mask);
	sigaction(SIGCHLD, &sa, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
set_descriptors(int fd)
{
	int null;

	if (fd != SOCK && dup2(fd, SOCK) == -1)
		_exit(1);
	fcntl(SOCK, F_SETFD, FD_CLOEXEC);
	if (close_range(SOCK + 1, ~0U, 0) == -1)
		_exit(1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 0; null != -1 && i < SOCK; i++)
		dup2(null, i);
	if (null > SOCK)
		close(null);
}

static void
drop(bool become, uid_t uid, gid_t gid)
{
	if (become && (setgroups(0, NULL) == -1 ||
	    setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1))
		_exit(1);
	capng_clear(CAPNG_SELECT_ALL);
	if (geteuid() != 0 && capng_apply(CAPNG_SELECT_CAPS) != 0)
		_exit(1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

pid_t
namehelper_start(const char *user, int *fd)
{
	const bool become = geteuid() == 0 && user != NULL;
	const pid_t parent = getpid();
	uid_t uid = 0;
	gid_t gid = 0;
	int pair[2];
	pid_t pid;

	if (become && account_user(user, &uid, &gid) == -1)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		set_signals();
		set_descriptors(pair[1]);
		drop(become, uid, gid);
		die_with(parent);	/* after the drop, which resets it */
		prctl(PR_SET_NAME, "pidtreed-names");
		serve();
	}
	close(pair[1]);
	if (pid == -1) {
		close(pair[0]);
		return -1;
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*fd = pair[0];
	return pid;
}
