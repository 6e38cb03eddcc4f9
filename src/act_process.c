/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process of an event is stopped or killed, if it is still the same one.
 * A descriptor of the process of that number is opened first, and what it is
 * looked at then: a process that started when the event's did was there all
 * the time, so the descriptor is of no other.
 */
#include <sys/pidfd.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"
#include "number.h"

#define KERNEL_THREAD	0x00200000	/* PF_KTHREAD */
#define NS		UINT64_C(1000000000)

int
act_stat(pid_t pid, struct act_stat *s)
{
	char path[64], line[1024], *p;
	ssize_t n;
	int fd, ppid;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	line[n] = '\0';
	/* proc(5): 3 state, 4 ppid, 9 flags, 22 starttime; the comm before
	   them may have anything in it. */
	if ((p = strrchr(line, ')')) == NULL ||
	    sscanf(p + 1, " %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u "
	    "%*u %*d %*d %*d %*d %*d %*d %" SCNu64, &s->state, &ppid,
	    &s->flags, &s->start) != 4)
		return -1;
	s->ppid = ppid;
	return 0;
}

/* Of this host, since it was last started?  The event's id begins with all
   of the boot's, its own field has half of it. */
static bool
is_here(const struct act *a, const struct message *m)
{
	size_t n = strlen(a->boot);

	return n == 16 && m->boot.s != NULL && m->boot.n >= 8 &&
	    m->boot.n <= n && memcmp(m->boot.s, a->boot, m->boot.n) == 0 &&
	    (m->externalid.s == NULL || m->externalid.n < n ||
	    memcmp(m->externalid.s, a->boot, n) == 0);
}

/* pkey is pid:start, start in nanoseconds. */
static bool
read_key(const struct message *m, pid_t *pid, uint64_t *start)
{
	const char *colon;
	uint64_t n;

	if (m->pkey.s == NULL || m->ngen == 0 ||
	    (colon = memchr(m->pkey.s, ':', m->pkey.n)) == NULL ||
	    number_parse(m->pkey.s, colon - m->pkey.s, INT32_MAX, &n) != 0 ||
	    number_parse(colon + 1, m->pkey.s + m->pkey.n - colon - 1,
	    INT64_MAX, start) != 0 || (int64_t)n != m->gen[0].pid || n == 0)
		return false;
	*pid = n;
	return true;
}

/* Why there is nothing to be done to it; NULL: it is that process. */
static const char *
look(pid_t pid, uint64_t start)
{
	struct act_stat s;

	if (act_stat(pid, &s) != 0)
		return kill(pid, 0) != 0 && errno == ESRCH ?
		    "it has ended" : "it cannot be looked at";
	/* To 1/100 s, as proc(5) has it. */
	if (s.start != start / (NS / sysconf(_SC_CLK_TCK)))
		return "its number is another process's now";
	if (s.state == 'Z' || s.state == 'X')
		return "it has ended";
	if ((s.flags & KERNEL_THREAD) != 0)
		return "it is a thread of the kernel";
	return NULL;
}

static const char *
send_to(int fd, int sig)
{
	if (sig == 0 || pidfd_send_signal(fd, sig, NULL, 0) == 0)
		return NULL;
	return errno == ESRCH ? "it has ended" : strerror(errno);
}

/* Why it is left alone, or NULL. */
static const char *
attack(const struct act *a, const struct message *m)
{
	const char *why;
	uint64_t start;
	pid_t pid;
	int fd;

	if (!read_key(m, &pid, &start))
		return "the event has no pkey of it";
	if (!is_here(a, m))
		return "it is of another host or boot";
	if ((fd = pidfd_open(pid, 0)) < 0)
		return errno == ESRCH || errno == EINVAL ? "it has ended" :
		    strerror(errno);
	if ((why = look(pid, start)) == NULL && (why = act_spare(pid,
	    m->procid > 0 && m->procid <= INT32_MAX ? m->procid : 0)) == NULL)
		why = send_to(fd, a->options.signal);
	close(fd);
	return why;
}

void
act_process(struct act *a, const struct message *m, char *done, size_t size)
{
	const char *why = attack(a, m);
	const int sig = a->options.signal;
	const char *what = sig == SIGKILL ? "killed" : sig == SIGSTOP ?
	    "stopped" : "would stop or kill";
	int64_t pid = m->ngen > 0 ? m->gen[0].pid : NUM_NONE;

	if (why == NULL) {
		a->count[ACT_signalled] += sig != 0;
		snprintf(done, size, "%s", what);
	} else {
		a->count[ACT_left]++;
		snprintf(done, size, "left alone: %s", why);
	}
	act_tell(a, "process %" PRId64 " %s (%.*s)", pid == NUM_NONE ? 0 : pid,
	    done, (int)(m->text.n < 1000 ? m->text.n : 1000),
	    m->text.s == NULL ? "" : m->text.s);
}
