/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of the configuration: what was written, and where. */
#ifndef PIDTREED_ITEMS_H
#define PIDTREED_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

struct item {
	char *text;
	char *place;		/* `file:line:column`; NULL: a default */
};

struct items {
	struct item *v;
	size_t n, size;
	bool replaced;		/* the defaults were left out */
};

/* Copies both; place may be NULL.  -1 with errno. */
int items_add(struct items *, const char *text, const char *place);
/* No items, and no memory. */
void items_clear(struct items *);

#endif
