/* SPDX-License-Identifier: BSD-2-Clause */
/* What was taken is kept in a few chunks, freed as one; the first failure. */
#include "take.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define CHUNK	2048	/* bytes: most findings need one or two */

struct take_chunk {
	struct take_chunk *next;
	size_t used, size;
	max_align_t mem[];
};

void *
take_alloc(struct take *t, size_t n)
{
	struct take_chunk *c = t->chunks;
	size_t size;

	n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
	    sizeof(max_align_t);
	size = n > CHUNK ? n : CHUNK;
	if (c == NULL || c->size - c->used < n) {
		if ((c = malloc(sizeof(*c) + size)) == NULL) {
			take_fail(t, (struct node){ NULL, NULL }, NULL,
			    "out of memory");
			return NULL;
		}
		*c = (struct take_chunk){ t->chunks, 0, size };
		t->chunks = c;
		t->kept += sizeof(*c) + size;
	}
	c->used += n;
	return memset((char *)c->mem + c->used - n, 0, n);
}

void *
take_more(struct take *t, void *list, size_t n, size_t size)
{
	void *more;

	if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
		return list;	/* it has room up to a power of 2 */
	more = take_alloc(t, (n < 4 ? 4 : 2 * n) * size);
	if (more != NULL && n > 0)
		memcpy(more, list, n * size);
	return more;
}

void
take_free(struct take_chunk *c)
{
	struct take_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
take_fail(struct take *t, struct node parent, const char *name,
    const char *why)
{
	struct buf b;

	if (t->failed)
		return;
	t->failed = true;
	buf_init(&b, t->why, sizeof(t->why) - 1);
	if (parent.name != NULL)
		buf_addf(&b, "%s%s%s: ", parent.name, name == NULL ? "" : ".",
		    name == NULL ? "" : name);
	else if (name != NULL)
		buf_addf(&b, "%s: ", name);
	buf_adds(&b, why);
	t->why[b.len] = '\0';
}
