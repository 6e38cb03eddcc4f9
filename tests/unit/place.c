/* SPDX-License-Identifier: BSD-2-Clause */
/* places: every field of the table goes somewhere, none where another is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "place.h"

/* The one row of a field. */
static const struct place *
only(const struct field *f)
{
	bool own = f->sd == SD_EVENT &&
	    (f->msgids & FIELD_EVENTS) == 0;
	const struct place *p, *found = NULL;

	for (p = places; p < places + nplaces; p++) {
		if (p->sd != f->sd || !(p->how & PLACE_COLLECTOR) != !own ||
		    strcmp(p->name, f->name) != 0)
			continue;
		if (found != NULL)
			fail_msg("%s has two rows", f->name);
		found = p;
	}
	if (found == NULL)
		fail_msg("%s has no place: src/place.c", f->name);
	return found;
}

static void
every_field_has_a_place(void **state)
{
	const struct field *f;
	size_t hint = 0;

	(void)state;
	assert_int_equal(nplaces, nfields);
	for (f = fields; f < fields + nfields; f++) {
		const struct place *p = only(f);

		assert_ptr_equal(place_find(f, &hint), p);
		if (p->ecs == NULL || p->cef == NULL ||
		    (p->parent != NULL) != f->generation ||
		    (p->ancestor != NULL) != f->generation)
			fail_msg("%s", f->name);
		if ((p->cef6 != NULL) != (f->type == FIELD_ADDR))
			fail_msg("%s: IPv6", f->name);
	}
}

/* A value is no object that holds others: a.b and a.b.c exclude each other. */
static bool
clash(const char *a, const char *b)
{
	size_t n = strlen(a);

	return strncasecmp(a, b, n) == 0 && (b[n] == '\0' || b[n] == '.');
}

static void
apart(const char *name, const char *a, const char *b)
{
	if (clash(a, b) || clash(b, a))
		fail_msg("%s: %s, %s", name, a, b);
}

static void
ecs_paths_are_apart(void **state)
{
	static const char *const taken[] = { "@timestamp", "message",
	    "ecs.version", "event.kind", "event.category", "event.type",
	    "event.code", "event.outcome", "event.module", "event.dataset",
	    "network.type", "host.name", "log", PLACE_ARRAY };
	const struct field *f, *g;
	const struct place *p, *q;
	size_t i;

	(void)state;
	for (f = fields; f < fields + nfields; f++) {
		p = only(f);
		for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
			apart(f->name, p->ecs, taken[i]);
			if (f->generation)
				apart(f->name, p->parent, taken[i]);
		}
		if (f->generation)
			apart(f->name, p->ancestor, "distance");
		for (g = fields; g < fields + nfields; g++) {
			if (f == g || (f->msgids & g->msgids) == 0)
				continue;
			q = only(g);
			apart(f->name, p->ecs, q->ecs);
			if (g->generation)
				apart(f->name, p->ecs, q->parent);
			if (f->generation && g->generation) {
				apart(f->name, p->parent, q->parent);
				apart(f->name, p->ancestor, q->ancestor);
			}
		}
	}
}

/* In CEF all are in one line: the caller's key, its label, an IPv6 address's,
   and the ancestors', which are names with a number. */
static void
cef_keys_are_apart(void **state)
{
	const struct field *f, *g;
	const struct place *p, *q;

	(void)state;
	for (f = fields; f < fields + nfields; f++) {
		p = only(f);
		for (size_t i = 0; p->cef[i] != '\0'; i++)
			assert_true(isalnum((unsigned char)p->cef[i]) ||
			    p->cef[i] == '_');
		assert_int_equal(p->how & PLACE_EPOCH && !field_is_number(f),
		    0);
		for (g = fields; g < fields + nfields; g++) {
			q = only(g);
			if (f == g || (f->msgids & g->msgids) == 0)
				continue;
			if (strcasecmp(p->cef, q->cef) == 0 ||
			    (q->cef6 != NULL && strcmp(p->cef, q->cef6) == 0))
				fail_msg("%s, %s", f->name, g->name);
		}
	}
	assert_true(place_wants_label("cs1"));
	assert_true(place_wants_label("c6a3"));
	assert_true(place_wants_label("deviceCustomDate1"));
	assert_false(place_wants_label("cs"));
	assert_false(place_wants_label("cnt"));
	assert_false(place_wants_label("cs10"));
}

static void
every_message_is_of_a_kind(void **state)
{
	int id;

	(void)state;
	for (id = 0; id < NMSGIDS; id++) {
		assert_non_null(place_kinds[id].title);
		assert_non_null(place_kinds[id].kind);
		assert_non_null(place_kinds[id].category);
		assert_non_null(place_kinds[id].type);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_a_place),
		cmocka_unit_test(ecs_paths_are_apart),
		cmocka_unit_test(cef_keys_are_apart),
		cmocka_unit_test(every_message_is_of_a_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
