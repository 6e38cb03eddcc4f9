/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of containers, remembered; see boxes.h. */
#include "boxes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asker.h"
#include "cache.h"
#include "clock.h"

#define KEEP_MS		(600 * 1000)
#define KEEP_NO_MS	(10 * 1000)
#define KNOWN		512

struct known_box {
	int64_t until;		/* ms */
	bool found;
	struct box box;
};

struct boxes {
	const char *root, *user;
	struct asker *asker;
	struct cache *known;	/* by cgroup */
	struct box own;		/* the one whose id is its name */
};

static pid_t
start(void *arg, int *fd)
{
	const struct boxes *b = arg;

	return boxhelper_start(b->root, b->user, fd);
}

/* Each ends with a NUL, whatever came. */
static void
terminate(struct box *box)
{
	box->runtime[BOX_RUNTIME - 1] = box->name[BOX_NAME - 1] = '\0';
	box->image[BOX_IMAGE - 1] = box->pod[BOX_NAME - 1] = '\0';
	box->space[BOX_SPACE - 1] = '\0';
}

/* What was known stays if it cannot be found any more: a container that has
   ended had that name. */
static void
learn(void *arg, uint64_t cgroup, const void *answer)
{
	struct boxes *b = arg;
	const struct box_answer *a = answer;
	struct known_box *k = cache_get(b->known, cgroup, 0);

	if (k == NULL) {
		k = calloc(1, sizeof(*k));
		if (k == NULL || cache_put(b->known, cgroup, 0, k) == -1) {
			free(k);
			return;
		}
	}
	k->until = clock_ms() + KEEP_NO_MS;
	if (a == NULL || !a->found)
		return;
	k->until = clock_ms() + KEEP_MS;
	k->found = true;
	k->box = a->box;
	terminate(&k->box);
}

static const struct box *
ask(struct boxes *b, uint64_t cgroup, const struct container *c,
    int64_t *budget_us)
{
	const struct known_box *k = cache_get(b->known, cgroup, 0);
	struct box_request q = { .id = 0 };

	if (asker_waiting(b->asker) > 0 || k == NULL || k->until <= clock_ms())
		if (asker_ready(b->asker))
			k = cache_get(b->known, cgroup, 0);
	if ((k == NULL || k->until <= clock_ms()) &&
	    asker_pid(b->asker) != -1) {
		snprintf(q.runtime, sizeof(q.runtime), "%s",
		    c->runtime != NULL ? c->runtime : "");
		strcpy(q.container, c->id);
		strcpy(q.pod, c->pod);
		asker_ask(b->asker, cgroup, &q, sizeof(q), budget_us);
		k = cache_get(b->known, cgroup, 0);
	}
	return k != NULL && k->found ? &k->box : NULL;
}

const struct box *
boxes_get(struct boxes *b, uint64_t cgroup, const struct container *c,
    int64_t *budget_us)
{
	if (c->runtime != NULL && (strcmp(c->runtime, "lxc") == 0 ||
	    strcmp(c->runtime, "systemd-nspawn") == 0)) {
		memset(&b->own, 0, sizeof(b->own));
		strcpy(b->own.name, c->id);
		return &b->own;
	}
	if (!c->system || b->asker == NULL)
		return NULL;
	return ask(b, cgroup, c, budget_us);
}

struct boxes *
boxes_open(const char *root, const char *user)
{
	struct boxes *b = calloc(1, sizeof(*b));
	struct asker_spec spec = {
		.what = "names of containers", .arg = b, .start = start,
		.answer = sizeof(struct box_answer), .learn = learn
	};
	int error;

	if (b == NULL)
		return NULL;
	b->root = root;
	b->user = user;
	b->known = cache_new(KNOWN);
	if (b->known != NULL && root != NULL)
		b->asker = asker_open(&spec);
	if (b->known != NULL && (b->asker != NULL || root == NULL))
		return b;
	error = errno;
	cache_free(b->known);
	free(b);
	errno = error;
	return NULL;
}

void
boxes_close(struct boxes *b)
{
	if (b == NULL)
		return;
	asker_close(b->asker);
	cache_free(b->known);
	free(b);
}
