/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree export --fields: the table of places, for programs. */
#include "placeprint.h"

#include <stdio.h>

#include "place.h"

static const char *
or_nothing(const char *s)
{
	return s == NULL ? "" : s;
}

/* For programs: what ECS makes of a value. */
static const char *
how_name(const struct field *f, const struct place *p)
{
	if (p->how & PLACE_LIST)
		return "list";
	if (p->how & PLACE_LOWER)
		return "lower";
	if (p->how & PLACE_DIRECTION)
		return "direction";
	return f->type == FIELD_UINT && !(p->how & PLACE_KEYWORD) ?
	    "number" : "string";
}

static void
print_field(const struct field *f, const struct place *p)
{
	static const char *const type[] = {
		[FIELD_STR] = "string", [FIELD_TEXT] = "text",
		[FIELD_UINT] = "number", [FIELD_TIME] = "time",
		[FIELD_TIME_MS] = "time", [FIELD_ADDR] = "address",
	};
	int id;

	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t",
	    sd_names[f->sd].name, f->name, type[f->type], how_name(f, p),
	    p->ecs, or_nothing(p->parent), or_nothing(p->ancestor), p->cef,
	    or_nothing(p->cef6));
	for (id = 0; id < NMSGIDS; id++)
		if (f->msgids >> id & 1)
			printf("%s ", msgid_names[id].name);
	putchar('\n');
}

/* A row a field, then a row a message; pidtree-export(1) says what of. */
void
placeprint(void)
{
	const struct field *f;
	const struct place *p;
	size_t hint = 0;
	int id;

	for (f = fields; f < fields + nfields; f++)
		if ((p = place_find(f, &hint)) != NULL)
			print_field(f, p);
	for (id = 0; id < NMSGIDS; id++) {
		const struct place_kind *k = place_kinds + id;

		printf("message\t%s\t%s\t%s\t%s%s%s\t%s\n",
		    msgid_names[id].name, k->kind, k->category, k->type,
		    k->type2 == NULL ? "" : " ", or_nothing(k->type2),
		    k->title);
	}
}
