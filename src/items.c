/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of the configuration; see items.h. */
#include "items.h"

#include <stdlib.h>
#include <string.h>

int
items_add(struct items *list, const char *text, const char *place)
{
	struct item it = { 0 };

	if (list->n == list->size) {
		size_t size = list->size == 0 ? 16 : 2 * list->size;
		struct item *v = reallocarray(list->v, size, sizeof(*v));

		if (v == NULL)
			return -1;
		list->v = v;
		list->size = size;
	}
	it.text = strdup(text);
	if (place != NULL)
		it.place = strdup(place);
	if (it.text == NULL || (place != NULL && it.place == NULL)) {
		free(it.text);
		free(it.place);
		return -1;
	}
	list->v[list->n++] = it;
	return 0;
}

void
items_clear(struct items *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].text);
		free(list->v[i].place);
	}
	free(list->v);
	list->v = NULL;
	list->n = list->size = 0;
}
