/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of ids with linear probing; see inflight.h. */
#include "inflight.h"

#include <stdlib.h>

struct slot {
	uint64_t id;
	enum inflight_state state;
};

struct inflight {
	struct slot *slot;
	size_t n, size;		/* size is a power of two */
};

struct inflight *
inflight_new(void)
{
	struct inflight *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->size = 1024;
	t->slot = calloc(t->size, sizeof(*t->slot));
	if (t->slot == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

static size_t
home_of(const struct inflight *t, uint64_t id)
{
	return (id * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (t->size - 1);
}

/* Where id is, or the free slot where it would be. */
static size_t
find(const struct inflight *t, uint64_t id)
{
	size_t i = home_of(t, id);

	while (t->slot[i].state != INFLIGHT_NONE && t->slot[i].id != id)
		i = (i + 1) & (t->size - 1);
	return i;
}

enum inflight_state
inflight_get(const struct inflight *t, uint64_t id)
{
	return t->slot[find(t, id)].state;
}

static int
grow(struct inflight *t)
{
	struct inflight bigger = { NULL, t->n, 2 * t->size };

	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (bigger.slot == NULL)
		return -1;
	for (size_t i = 0; i < t->size; i++)
		if (t->slot[i].state != INFLIGHT_NONE)
			bigger.slot[find(&bigger, t->slot[i].id)] = t->slot[i];
	free(t->slot);
	*t = bigger;
	return 0;
}

/* Knuth, 6.4, algorithm R: what follows moves up so that no probe ends. */
static void
remove_at(struct inflight *t, size_t hole)
{
	size_t i = hole, mask = t->size - 1;

	for (;;) {
		i = (i + 1) & mask;
		if (t->slot[i].state == INFLIGHT_NONE)
			break;
		if (((i - home_of(t, t->slot[i].id)) & mask) >=
		    ((i - hole) & mask)) {
			t->slot[hole] = t->slot[i];
			hole = i;
		}
	}
	t->slot[hole].state = INFLIGHT_NONE;
	t->n--;
}

int
inflight_set(struct inflight *t, uint64_t id, enum inflight_state state)
{
	size_t i = find(t, id);

	if (state == INFLIGHT_NONE) {
		if (t->slot[i].state != INFLIGHT_NONE)
			remove_at(t, i);
		return 0;
	}
	if (t->slot[i].state == INFLIGHT_NONE) {
		if (2 * (t->n + 1) > t->size) {
			if (grow(t) == -1)
				return -1;
			i = find(t, id);
		}
		t->n++;
	}
	t->slot[i] = (struct slot){ id, state };
	return 0;
}

void
inflight_free(struct inflight *t)
{
	if (t == NULL)
		return;
	free(t->slot);
	free(t);
}
