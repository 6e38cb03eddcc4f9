/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of users and groups: the cache, and the wait for the helper; see
   names.h. */
#include "config.h"

#include "names.h"

#include <errno.h>
#include <grp.h>
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
	uint64_t key;		/* of key_of() */
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
 * The cache: an id has WAYS places, the one that runs out first goes.
 */

static uint64_t
key_of(enum name_of of, uint32_t id)
{
	return (uint64_t)of << 32 | id;
}

static struct entry *
set_of(struct names *n, uint64_t key)
{
	return n->cache[(key + (key >> 32)) * 2654435761u << 32 >> 56];
}

static struct entry *
find(struct names *n, uint64_t key)
{
	struct entry *set = set_of(n, key);

	for (int i = 0; i < WAYS; i++)
		if (set[i].used && set[i].key == key)
			return &set[i];
	return NULL;
}

static struct entry *
place_for(struct names *n, uint64_t key)
{
	struct entry *set = set_of(n, key);
	struct entry *e = find(n, key), *oldest = set;

	if (e != NULL)
		return e;
	for (int i = 0; i < WAYS; i++)
		if (!set[i].used || set[i].until < oldest->until)
			oldest = &set[i];
	free(oldest->name);
	*oldest = (struct entry){ .key = key, .used = true };
	return oldest;
}

/* FAILED: a name known before stays, for a while. */
static void
learn(struct names *n, uint64_t key, enum name_status status,
    const char *name)
{
	struct entry *e = place_for(n, key);

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
on_answer(void *arg, uint64_t key, const void *answer)
{
	const struct name_answer *a = answer;
	char name[NAMEHELPER_NAME] = "";

	if (a != NULL)
		memcpy(name, a->name, sizeof(name) - 1);
	learn(arg, key, a != NULL ? a->status : NAME_FAILED, name);
}

const char *
names_get(struct names *n, enum name_of of, uint32_t id, int64_t *budget_us)
{
	const uint64_t key = key_of(of, id);
	const struct entry *e = find(n, key);
	struct name_request q = { .of = of, .number = id };

	if (e != NULL && e->until > clock_ms() && (e->name != NULL ||
	    asker_waiting(n->asker) == 0))
		return e->name;
	if (asker_ready(n->asker)) {	/* and has taken late answers */
		e = find(n, key);
		if (e == NULL || e->until <= clock_ms())
			asker_ask(n->asker, key, &q, sizeof(q), budget_us);
	}
	e = find(n, key);
	return e != NULL ? e->name : NULL;
}

struct names *
names_open(const char *user)
{
	struct names *n = calloc(1, sizeof(*n));
	struct asker_spec spec = {
		.what = "names of users and groups", .arg = n, .start = start,
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

/* Of several names of one id the first counts, as for NSS. */
static void
learn_new(struct names *n, uint64_t key, const char *name)
{
	if (find(n, key) == NULL)
		learn(n, key, NAME_FOUND, name);
}

void
names_learn_local(struct names *n)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;
	struct group *gr;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		learn_new(n, key_of(NAME_OF_USER, pw->pw_uid), pw->pw_name);
	if (f != NULL)
		fclose(f);
	f = fopen("/etc/group", "re");
	while (f != NULL && (gr = fgetgrent(f)) != NULL)
		learn_new(n, key_of(NAME_OF_GROUP, gr->gr_gid), gr->gr_name);
	if (f != NULL)
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
