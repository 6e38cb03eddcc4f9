/* SPDX-License-Identifier: BSD-2-Clause */
/* User names: the cache, and the wait for the helper; see names.h. */
#include "config.h"

#include "names.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asker.h"
#include "clock.h"
#include "namehelper.h"

#define SETS		256		/* of WAYS entries each */
#define WAYS		4
#define KEEP_MS		(600 * 1000)	/* a name */
#define KEEP_NO_MS	(60 * 1000)	/* that there is none, or no answer */

struct entry {
	uint32_t uid;
	bool used;
	char *name;		/* NULL: none */
	int64_t until;		/* ms; after that it is asked for again */
};

struct names {
	const char *user;
	struct asker *asker;
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

static pid_t
start(void *arg, int *fd)
{
	const struct names *n = arg;

	return namehelper_start(n->user, fd);
}

static void
on_answer(void *arg, uint64_t uid, const void *answer)
{
	const struct name_answer *a = answer;
	char name[NAMEHELPER_NAME] = "";

	if (a != NULL)
		memcpy(name, a->name, sizeof(name) - 1);
	learn(arg, uid, a != NULL ? a->status : NAME_FAILED, name);
}

const char *
names_get(struct names *n, uint32_t uid, int64_t *budget_us)
{
	const struct entry *e = find(n, uid);
	struct name_request q = { .uid = uid };

	if (e != NULL && e->until > clock_ms() && (e->name != NULL ||
	    asker_waiting(n->asker) == 0))
		return e->name;
	if (asker_ready(n->asker)) {	/* and has taken late answers */
		e = find(n, uid);
		if (e == NULL || e->until <= clock_ms())
			asker_ask(n->asker, uid, &q, sizeof(q), budget_us);
	}
	e = find(n, uid);
	return e != NULL ? e->name : NULL;
}

struct names *
names_open(const char *user)
{
	struct names *n = calloc(1, sizeof(*n));
	struct asker_spec spec = {
		.what = "user names", .arg = n, .start = start,
		.answer = sizeof(struct name_answer), .learn = on_answer
	};
	int error;

	if (n == NULL)
		return NULL;
	n->user = user;
	n->asker = asker_open(&spec);
	if (n->asker != NULL)
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
	return asker_pid(n->asker);
}

void
names_close(struct names *n)
{
	if (n == NULL)
		return;
	asker_close(n->asker);
	for (int i = 0; i < SETS; i++)
		for (int j = 0; j < WAYS; j++)
			free(n->cache[i][j].name);
	free(n);
}
