/* SPDX-License-Identifier: BSD-2-Clause */
/* Are two messages the same, field for field? */
#ifndef PIDTREED_SAME_H
#define PIDTREED_SAME_H

#include <string.h>

#include "fields.h"

static inline bool
same_str(const struct str *a, const struct str *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->s, b->s, a->n) == 0);
}

/* The first row in which they differ, or NULL.  b was read from what was
   written of a: what the writer derived may be in b alone. */
static inline const struct field *
same_rows(const void *a, const void *b, bool generation, unsigned msgid)
{
	const struct field *f;

	for (f = fields; f < fields + nfields; f++) {
		if (f->generation != generation || !(f->msgids >> msgid & 1))
			continue;
		if (f->type == FIELD_ADDR) {
			if (memcmp(field_addr(f, a), field_addr(f, b),
			    sizeof(struct in6_addr)) != 0)
				return f;
		} else if (field_is_number(f)) {
			if (field_number(f, a) != field_number(f, b))
				return f;
		} else if (!same_str(field_str(f, a), field_str(f, b)) &&
		    (strcmp(f->name, "chain") != 0 ||
		    field_str(f, a)->n > 0))
			return f;
	}
	return NULL;
}

/* NULL, or the name of what differs. */
static inline const char *
same_message(const struct message *a, const struct message *b)
{
	const struct field *f;
	size_t i;

	if (a->id != b->id || a->facility != b->facility ||
	    a->severity != b->severity || a->time != b->time ||
	    a->procid != b->procid || !same_str(&a->hostname, &b->hostname) ||
	    !same_str(&a->app, &b->app))
		return "header";
	if (a->family != b->family || a->ngen != b->ngen)
		return a->ngen != b->ngen ? "ngen" : "family";
	if (a->text.n > 0 && !same_str(&a->text, &b->text))
		return "text";
	if ((f = same_rows(a, b, false, a->id)) != NULL)
		return f->name;
	for (i = 0; i < a->ngen; i++) {
		if (a->gen[i].dist != b->gen[i].dist)
			return "dist";
		if ((f = same_rows(a->gen + i, b->gen + i, true, a->id)) !=
		    NULL)
			return f->name;
	}
	return NULL;
}

#endif
