/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands of pidtree act: so many at once, each for a time, in a session
 * of its own, which is ended with it.  Nothing here waits.
 */
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"

#define GRACE_MS	1000	/* between SIGTERM and SIGKILL */
#define OUTPUT_LINE	512	/* bytes */

struct job {
	pid_t pid;		/* 0: not in use */
	int fd;			/* of the process */
	int out;		/* what it writes; -1: it has closed that */
	int64_t begun, until;	/* ms */
	bool late;		/* it got SIGTERM */
	uint64_t wrote;		/* bytes */
	char line[OUTPUT_LINE];
	size_t have;
};

struct act_jobs {
	struct job running[ACT_JOBS];
	size_t nrunning;
	struct act_gift waiting[ACT_WAITING];	/* a ring */
	size_t first, nwaiting;
	int64_t said;		/* ms: of an overload; 0: never */
	uint64_t said_count;
};

struct act_jobs *
act_jobs_new(void)
{
	return calloc(1, sizeof(struct act_jobs));
}

bool
act_jobs_idle(const struct act_jobs *j)
{
	return j->nrunning == 0 && j->nwaiting == 0;
}

static void
start(struct act *a, struct act_gift *g)
{
	struct act_jobs *j = a->jobs;
	struct job *r = j->running;

	while (r->pid != 0)
		r++;
	*r = (struct job){ .fd = -1, .out = -1, .begun = act_now_ms() };
	r->until = r->begun + a->options.timeout_s * 1000;
	r->pid = act_spawn(a->options.argv, g, &r->out);
	if (r->pid > 0) {
		r->fd = pidfd_open(r->pid, 0);
		j->nrunning++;
	} else {
		r->pid = 0;
		a->count[ACT_failed]++;
		act_tell(a, "%s: %s", a->options.argv[0], strerror(errno));
	}
	act_gift_free(g);
}

static void
overload(struct act *a)
{
	struct act_jobs *j = a->jobs;
	int64_t now = act_now_ms();

	a->count[ACT_overload]++;
	if (j->said != 0 && now - j->said < 10000)
		return;
	act_tell(a, "overload: %zu running, %zu waiting; %" PRIu64
	    " not acted on", j->nrunning, j->nwaiting,
	    a->count[ACT_overload] - j->said_count);
	j->said = now;
	j->said_count = a->count[ACT_overload];
}

void
act_jobs_add(struct act *a, struct act_gift *g)
{
	struct act_jobs *j = a->jobs;

	if (j->nrunning < a->options.jobs && j->nwaiting == 0)
		start(a, g);
	else if (j->nwaiting < a->options.waiting)
		j->waiting[(j->first + j->nwaiting++) % ACT_WAITING] = *g;
	else {
		overload(a);
		act_gift_free(g);
	}
}

static void
start_waiting(struct act *a)
{
	struct act_jobs *j = a->jobs;
	struct act_gift *g;

	while (j->nwaiting > 0 && j->nrunning < a->options.jobs) {
		g = &j->waiting[j->first];
		j->first = (j->first + 1) % ACT_WAITING;
		j->nwaiting--;
		start(a, g);
	}
}

static void
say_line(struct act *a, struct job *r)
{
	if (r->have > 0)
		act_tell(a, "%s[%d]: %.*s", a->options.argv[0], (int)r->pid,
		    (int)r->have, r->line);
	r->have = 0;
}

/* A line is said when it is whole; of all no more than --output. */
static void
take_output(struct act *a, struct job *r, const char *p, size_t n)
{
	for (; n > 0; p++, n--) {
		if (r->wrote++ >= a->options.output)
			continue;
		if (*p == '\n')
			say_line(a, r);
		else {
			if (r->have == sizeof(r->line))
				say_line(a, r);
			r->line[r->have++] = *p == '\0' ? '?' : *p;
		}
	}
}

/* What is there, but not for ever. */
static void
read_output(struct act *a, struct job *r)
{
	char data[4096];
	ssize_t n = 0;
	int i;

	for (i = 0; i < 16 && r->out >= 0; i++) {
		if ((n = read(r->out, data, sizeof(data))) > 0) {
			take_output(a, r, data, n);
			continue;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(r->out);
			r->out = -1;
		}
		return;
	}
}

static void
say_end(struct act *a, struct job *r, int status)
{
	const char *command = a->options.argv[0];
	const uint64_t most = a->options.output;
	long ms = act_now_ms() - r->begun;

	say_line(a, r);
	if (r->wrote > most)
		act_tell(a, "%s[%d]: %" PRIu64 " more bytes left out", command,
		    (int)r->pid, r->wrote - most);
	if (r->late) {
		a->count[ACT_late]++;
		act_tell(a, "%s[%d]: ended after %ld ms: out of time", command,
		    (int)r->pid, ms);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		a->count[ACT_done]++;
	else {
		a->count[ACT_failed]++;
		act_tell(a, "%s[%d]: %s %d after %ld ms", command,
		    (int)r->pid, WIFSIGNALED(status) ? "signal" : "exit",
		    WIFSIGNALED(status) ? WTERMSIG(status) :
		    WEXITSTATUS(status), ms);
	}
}

/* Has it ended?  While it is not taken off the list its number, and that of
   its session, is nobody else's. */
static bool
reap(struct act *a, struct job *r)
{
	siginfo_t info = { .si_pid = 0 };
	int status = 0;

	if (waitid(P_PID, r->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid != r->pid)
		return false;
	kill(-r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) == -1 && errno == EINTR)
		;
	read_output(a, r);
	say_end(a, r, status);
	if (r->out >= 0)
		close(r->out);
	if (r->fd >= 0)
		close(r->fd);
	r->pid = 0;
	a->jobs->nrunning--;
	return true;
}

static void
press(struct job *r)
{
	int64_t now = act_now_ms();

	if (now < r->until)
		return;
	kill(-r->pid, r->late ? SIGKILL : SIGTERM);
	r->late = true;
	r->until = now + GRACE_MS;
}

size_t
act_jobs_poll(struct act *a, struct pollfd *p, int64_t *until)
{
	struct job *r;
	size_t n = 0;

	for (r = a->jobs->running; r < a->jobs->running + ACT_JOBS; r++) {
		if (r->pid == 0)
			continue;
		p[n++] = (struct pollfd){ r->fd, POLLIN, 0 };
		p[n++] = (struct pollfd){ r->out, POLLIN, 0 };
		if (r->until < *until)
			*until = r->until;
		/* Without a descriptor: from time to time. */
		if (r->fd < 0 && act_now_ms() + 100 < *until)
			*until = act_now_ms() + 100;
	}
	return n;
}

void
act_jobs_run(struct act *a)
{
	struct job *r;

	for (r = a->jobs->running; r < a->jobs->running + ACT_JOBS; r++) {
		if (r->pid == 0)
			continue;
		read_output(a, r);
		if (!reap(a, r))
			press(r);
	}
	start_waiting(a);
}

void
act_jobs_end(struct act *a)
{
	struct act_jobs *j = a->jobs;
	struct job *r;
	int tries;

	for (; j->nwaiting > 0; j->nwaiting--) {
		act_gift_free(&j->waiting[j->first]);
		j->first = (j->first + 1) % ACT_WAITING;
		a->count[ACT_overload]++;
	}
	for (r = j->running; r < j->running + ACT_JOBS; r++)
		if (r->pid != 0) {
			r->late = true;
			kill(-r->pid, SIGKILL);
			kill(r->pid, SIGKILL);
			/* One that hangs in the kernel is left to init. */
			for (tries = 0; !reap(a, r) && tries < 10; tries++)
				poll(&(struct pollfd){ r->fd, POLLIN, 0 }, 1,
				    50);
		}
}

void
act_jobs_free(struct act_jobs *j)
{
	free(j);
}
