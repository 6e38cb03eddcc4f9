/* SPDX-License-Identifier: BSD-2-Clause */
/* The collector's side of a helper process; see asker.h. */
#include "config.h"

#include "asker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "helper.h"
#include "log.h"

#define RESTART_MS	(60 * 1000)	/* between two, at least */
#define LOST_MS		(10 * 1000)	/* no answer will come any more */

struct asked {
	uint32_t id;		/* 0: free */
	uint64_t key;
	int64_t at;		/* ms */
};

struct asker {
	struct asker_spec spec;
	pid_t pid;		/* -1: no helper */
	int fd;
	int64_t restart;	/* ms: not before */
	uint32_t last_id;
	unsigned waiting;	/* of the requests below */
	struct asked asked[HELPER_WORKERS];
	uint64_t answer[];	/* the one in work */
};

static void
start(struct asker *a)
{
	a->pid = a->spec.start(a->spec.arg, &a->fd);
	memset(a->asked, 0, sizeof(a->asked));
	a->waiting = 0;
}

static void
stop(struct asker *a)
{
	if (a->pid == -1)
		return;
	close(a->fd);
	kill(a->pid, SIGKILL);
	waitpid(a->pid, NULL, 0);
	a->pid = -1;
}

static void
died(struct asker *a)
{
	log_warn("%s: the helper process %d has died; another one is started "
	    "within a minute", a->spec.what, (int)a->pid);
	stop(a);
}

static void
forget(struct asker *a, struct asked *q)
{
	q->id = 0;
	a->waiting--;
}

/* Takes an answer: 1, none there: 0, the helper is gone: -1.  *key: whose. */
static int
take_answer(struct asker *a, uint64_t *key)
{
	ssize_t len = recv(a->fd, a->answer, a->spec.answer, 0);
	uint32_t id;

	if (len == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len != (ssize_t)a->spec.answer)
		return -1;
	memcpy(&id, a->answer, sizeof(id));
	for (int i = 0; i < HELPER_WORKERS; i++)
		if (a->asked[i].id == id && id != 0) {
			*key = a->asked[i].key;
			forget(a, &a->asked[i]);
			a->spec.learn(a->spec.arg, *key, a->answer);
			return 1;
		}
	*key = UINT64_MAX;		/* of one that was given up */
	return 1;
}

bool
asker_ready(struct asker *a)
{
	uint64_t key;
	int r = 0;

	while (a->pid != -1 && (r = take_answer(a, &key)) == 1)
		;
	if (r == -1)
		died(a);
	if (a->pid == -1 && clock_ms() >= a->restart) {
		a->restart = clock_ms() + RESTART_MS;
		start(a);
	}
	return a->pid != -1;
}

unsigned
asker_waiting(const struct asker *a)
{
	return a->waiting;
}

/* Was key asked for, now or before, and has no answer yet? */
static bool
ask(struct asker *a, uint64_t key, void *request, size_t size)
{
	const int64_t now = clock_ms();
	struct asked *idle = NULL;

	for (int i = 0; i < HELPER_WORKERS; i++) {
		struct asked *q = &a->asked[i];

		if (q->id != 0 && now - q->at >= LOST_MS)
			forget(a, q);
		if (q->id == 0)
			idle = q;
		else if (q->key == key)
			return true;
	}
	if (idle == NULL)
		return false;
	if (++a->last_id == 0)
		++a->last_id;
	memcpy(request, &a->last_id, sizeof(a->last_id));
	if (send(a->fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
		return false;
	*idle = (struct asked){ .id = a->last_id, .key = key, .at = now };
	a->waiting++;
	return true;
}

/* Until key has its answer, or the time is up. */
static bool
wait_for(struct asker *a, uint64_t key, int64_t until_us)
{
	struct pollfd p = { .fd = a->fd, .events = POLLIN };
	struct timespec t;
	uint64_t whose;
	int64_t left;
	int r;

	while ((left = until_us - clock_us()) > 0) {
		t = (struct timespec){ left / 1000000, left % 1000000 * 1000 };
		if (ppoll(&p, 1, &t, NULL) < 1)
			continue;
		r = take_answer(a, &whose);
		if (r == -1) {
			died(a);
			return false;
		}
		if (r == 1 && whose == key)
			return true;
	}
	return false;
}

/* A helper that died says nothing about the key. */
void
asker_ask(struct asker *a, uint64_t key, void *request, size_t size,
    int64_t *budget_us)
{
	const int64_t begin = clock_us();
	const int64_t budget = *budget_us > 0 ? *budget_us : 0;
	int64_t used;

	if (!ask(a, key, request, size))
		return;
	if (!wait_for(a, key, begin + budget) && budget > 0 && a->pid != -1)
		a->spec.learn(a->spec.arg, key, NULL);
	used = clock_us() - begin;
	*budget_us -= used < budget ? used : budget;
}

struct asker *
asker_open(const struct asker_spec *spec)
{
	struct asker *a = calloc(1, sizeof(*a) + spec->answer);
	int error;

	if (a == NULL)
		return NULL;
	a->spec = *spec;
	start(a);
	if (a->pid != -1)
		return a;
	error = errno;
	free(a);
	errno = error;
	return NULL;
}

pid_t
asker_pid(const struct asker *a)
{
	return a->pid;
}

void
asker_close(struct asker *a)
{
	if (a == NULL)
		return;
	stop(a);
	free(a);
}
