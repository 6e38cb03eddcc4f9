/* SPDX-License-Identifier: BSD-2-Clause */
/* A process that does what could take its time; see helper.h. */
#include "config.h"

#include "helper.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"

#define WORKER_S	5
#define SOCK		3		/* our end, in the helper */

struct worker {
	pid_t pid;			/* 0: free */
	uint64_t request[HELPER_REQUEST / 8];
};

void
helper_answer(const void *answer, size_t size)
{
	send(SOCK, answer, size, MSG_NOSIGNAL);
}

void
helper_drop(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (geteuid() != 0 && capng_apply(CAPNG_SELECT_CAPS) != 0)
		_exit(1);
}

static void
die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void
start_worker(const struct helper *h, struct worker *w)
{
	const pid_t parent = getpid();

	w->pid = fork();
	if (w->pid == 0) {
		die_with(parent);
		alarm(WORKER_S);
		h->work(h->arg, w->request);
		_exit(0);
	}
	if (w->pid == -1) {
		w->pid = 0;
		h->failed(w->request);
	}
}

/* A free place, or NULL: none.  Who ended without success had not answered. */
static struct worker *
reap(const struct helper *h, struct worker *w)
{
	struct worker *idle = NULL;
	int status;

	for (int i = 0; i < HELPER_WORKERS; i++, w++) {
		if (w->pid != 0 && waitpid(w->pid, &status, WNOHANG) > 0) {
			if (status != 0)
				h->failed(w->request);
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
serve(const struct helper *h)
{
	struct worker workers[HELPER_WORKERS] = { 0 }, *idle;
	struct pollfd p = { .events = POLLIN };
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		idle = reap(h, workers);
		p.fd = idle != NULL ? SOCK : -1;
		if (ppoll(&p, 1, NULL, &none) < 1)
			continue;
		if (recv(SOCK, idle->request, sizeof(idle->request), 0) !=
		    (ssize_t)h->size)
			_exit(0);
		start_worker(h, idle);
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

/* With the one capability, if it is there. */
static void
keep(int capability)
{
	capng_get_caps_process();
	if (capability != -1 && !capng_have_capability(CAPNG_PERMITTED,
	    capability))
		capability = -1;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capability != -1)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
		    capability);
}

static void
drop(const struct helper *h, bool become, uid_t uid, gid_t gid)
{
	keep(h->capability);
	if (become && capng_change_id(uid, gid, CAPNG_DROP_SUPP_GRP |
	    CAPNG_CLEAR_BOUNDING) != 0)
		_exit(1);
	if (!become && geteuid() != 0 && capng_apply(CAPNG_SELECT_CAPS) != 0)
		_exit(1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

pid_t
helper_start(const struct helper *h, const char *user, int *fd)
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
		drop(h, become, uid, gid);
		die_with(parent);	/* after the drop, which resets it */
		prctl(PR_SET_NAME, h->name);
		serve(h);
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
