/* SPDX-License-Identifier: BSD-2-Clause */
/* User names: the cache, and the wait for the helper; see names.h. */
#include "config.h"

#include "names.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "namehelper.h"

#define SETS		256		/* of WAYS entries each */
#define WAYS		4
#define KEEP_MS		(600 * 1000)	/* a name */
#define KEEP_NO_MS	(60 * 1000)	/* that there is none, or no answer */
#define RESTART_MS	(60 * 1000)	/* between two, at least */
#define LOST_MS		(10 * 1000)	/* no answer will come any more */

struct entry {
	uint32_t uid;
	bool used;
	char *name;		/* NULL: none */
	int64_t until;		/* ms; after that it is asked for again */
};

struct asked {
	uint32_t id;		/* 0: free */
	uint32_t uid;
	int64_t at;		/* ms */
};

struct names {
	const char *user;
	pid_t pid;		/* -1: no helper */
	int fd;
	int64_t restart;	/* ms: not before */
	uint32_t last_id;
	unsigned waiting;	/* of the requests below */
	struct asked asked[HELPER_WORKERS];
	struct entry cache[SETS][WAYS];
};

/*
 * The cache: a uid has WAYS places, the one that runs out first goes.
 */

static struct entry *
find(struct names *n, uint32_t uid)
{
	struct entry *set = n->cache[uid * 2654435761u >> 24];

	for (int i = 0; i < WAYS; i++)
		if (set[i].used && set[i].uid == uid)
			return &set[i];
	return NULL;
}

static struct entry *
place_for(struct names *n, uint32_t uid)
{
	struct entry *set = n->cache[uid * 2654435761u >> 24];
	struct entry *e = find(n, uid), *oldest = set;

	if (e != NULL)
		return e;
	for (int i = 0; i < WAYS; i++)
		if (!set[i].used || set[i].until < oldest->until)
			oldest = &set[i];
	free(oldest->name);
	*oldest = (struct entry){ .uid = uid, .used = true };
	return oldest;
}

/* FAILED: a name known before stays, for a while. */
static void
learn(struct names *n, uint32_t uid, enum name_status status,
    const char *name)
{
	struct entry *e = place_for(n, uid);

	e->until = clock_ms() + (status == NAME_FOUND ? KEEP_MS : KEEP_NO_MS);
	if (status == NAME_FAILED ||
	    (status == NAME_FOUND && e->name != NULL &&
	    strcmp(e->name, name) == 0))
		return;
	free(e->name);
	e->name = status == NAME_FOUND ? strdup(name) : NULL;
}

/*
 * The helper.
 */

static void
start(struct names *n)
{
	n->pid = namehelper_start(n->user, &n->fd);
	memset(n->asked, 0, sizeof(n->asked));
	n->waiting = 0;
}

static void
stop(struct names *n)
{
	if (n->pid == -1)
		return;
	close(n->fd);
	kill(n->pid, SIGKILL);
	waitpid(n->pid, NULL, 0);
	n->pid = -1;
}

static void
died(struct names *n)
{
	log_warn("user names: the helper process %d has died; another one is "
	    "started within a minute", (int)n->pid);
	stop(n);
}

/* Takes an answer: 1, none there: 0, the helper is gone: -1. */
static int
take_answer(struct names *n)
{
	struct name_answer a;
	ssize_t len = recv(n->fd, &a, sizeof(a), 0);

	if (len == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len != sizeof(a))
		return -1;
	a.name[sizeof(a.name) - 1] = '\0';
	learn(n, a.uid, a.status, a.name);
	for (int i = 0; i < HELPER_WORKERS; i++)
		if (n->asked[i].id == a.id) {
			n->asked[i].id = 0;
			n->waiting--;
		}
	return 1;
}

static bool
helper_there(struct names *n)
{
	int r = 0;

	while (n->pid != -1 && (r = take_answer(n)) == 1)
		;
	if (r == -1)
		died(n);
	if (n->pid == -1 && clock_ms() >= n->restart) {
		n->restart = clock_ms() + RESTART_MS;
		start(n);
	}
	return n->pid != -1;
}

/* Was uid asked for, now or before, and has no answer yet? */
static bool
ask(struct names *n, uint32_t uid)
{
	const int64_t now = clock_ms();
	struct asked *idle = NULL;
	struct name_request q = { .uid = uid };

	for (int i = 0; i < HELPER_WORKERS; i++) {
		struct asked *a = &n->asked[i];

		if (a->id != 0 && now - a->at >= LOST_MS) {
			a->id = 0;
			n->waiting--;
		}
		if (a->id == 0)
			idle = a;
		else if (a->uid == uid)
			return true;
	}
	if (idle == NULL)
		return false;
	if (++n->last_id == 0)
		++n->last_id;
	q.id = n->last_id;
	if (send(n->fd, &q, sizeof(q), MSG_NOSIGNAL) != sizeof(q))
		return false;
	*idle = (struct asked){ .id = q.id, .uid = uid, .at = now };
	n->waiting++;
	return true;
}

/* Until uid has an entry that is not out of date, or the time is up. */
static bool
wait_for(struct names *n, uint32_t uid, int64_t until_us)
{
	struct pollfd p = { .fd = n->fd, .events = POLLIN };
	const struct entry *e;
	struct timespec t;
	int64_t left;
	int r;

	while ((left = until_us - clock_us()) > 0) {
		t = (struct timespec){ left / 1000000, left % 1000000 * 1000 };
		if (ppoll(&p, 1, &t, NULL) < 1)
			continue;
		r = take_answer(n);
		if (r == -1) {
			died(n);
			return false;
		}
		e = find(n, uid);
		if (r == 1 && e != NULL && e->until > clock_ms())
			return true;
	}
	return false;
}

/* Asks for uid; without an answer in time, that is remembered.  A helper that
   died says nothing about the name. */
static void
refresh(struct names *n, uint32_t uid, int64_t *budget_us)
{
	const int64_t begin = clock_us();
	const int64_t budget = *budget_us > 0 ? *budget_us : 0;
	int64_t used;

	if (!ask(n, uid))
		return;
	if (!wait_for(n, uid, begin + budget) && budget > 0 && n->pid != -1)
		learn(n, uid, NAME_FAILED, NULL);
	used = clock_us() - begin;
	*budget_us -= used < budget ? used : budget;
}

const char *
names_get(struct names *n, uint32_t uid, int64_t *budget_us)
{
	const struct entry *e = find(n, uid);

	if (e != NULL && e->until > clock_ms() && (e->name != NULL ||
	    n->waiting == 0))
		return e->name;
	if (helper_there(n)) {		/* and has taken late answers */
		e = find(n, uid);
		if (e == NULL || e->until <= clock_ms())
			refresh(n, uid, budget_us);
	}
	e = find(n, uid);
	return e != NULL ? e->name : NULL;
}

struct names *
names_open(const char *user)
{
	struct names *n = calloc(1, sizeof(*n));
	int error;

	if (n == NULL)
		return NULL;
	n->user = user;
	start(n);
	if (n->pid != -1)
		return n;
	error = errno;
	free(n);
	errno = error;
	return NULL;
}

void
names_learn_local(struct names *n)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;

	if (f == NULL)
		return;
	while ((pw = fgetpwent(f)) != NULL)
		if (find(n, pw->pw_uid) == NULL)
			learn(n, pw->pw_uid, NAME_FOUND, pw->pw_name);
	fclose(f);
}

pid_t
names_pid(const struct names *n)
{
	return n->pid;
}

void
names_close(struct names *n)
{
	if (n == NULL)
		return;
	stop(n);
	for (int i = 0; i < SETS; i++)
		for (int j = 0; j < WAYS; j++)
			free(n->cache[i][j].name);
	free(n);
}
