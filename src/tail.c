/* SPDX-License-Identifier: BSD-2-Clause */
/* The last so many lines, in a ring. */
#include "tail.h"

#include <stdlib.h>
#include <string.h>

struct kept {
	char *s;
	size_t n, size;
};

struct tail {
	size_t max, first, n;
	struct kept line[];
};

struct tail *
tail_new(size_t max)
{
	struct tail *t = calloc(1, sizeof(*t) + max * sizeof(t->line[0]));

	if (t != NULL)
		t->max = max;
	return t;
}

int
tail_push(struct tail *t, const char *s, size_t n)
{
	struct kept *k = &t->line[(t->first + t->n) % t->max];
	char *more;

	if (n > k->size) {
		if ((more = realloc(k->s, n)) == NULL)
			return -1;
		k->s = more;
		k->size = n;
	}
	k->n = n;
	memcpy(k->s, s, n);
	if (t->n < t->max)
		t->n++;
	else
		t->first = (t->first + 1) % t->max;
	return 0;
}

bool
tail_shift(struct tail *t, const char **s, size_t *n)
{
	const struct kept *k = &t->line[t->first];

	if (t->n == 0)
		return false;
	*s = k->s;
	*n = k->n;
	t->first = (t->first + 1) % t->max;
	t->n--;
	return true;
}

void
tail_free(struct tail *t)
{
	size_t i;

	for (i = 0; t != NULL && i < t->max; i++)
		free(t->line[i].s);
	free(t);
}
