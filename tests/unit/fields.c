/* SPDX-License-Identifier: BSD-2-Clause */
/* fields: what every reader of the log relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "fields.h"

/* PARAM-NAME = 1*32PRINTUSASCII except '=', SP, ']', '"' (RFC 5424 6); a
   digit at the end of a generation's name would be taken for the distance. */
static void
names_are_valid(void **state)
{
	const struct field *f;
	size_t i;

	(void)state;
	for (f = fields; f < fields + nfields; f++) {
		assert_in_range(f->len, 1, FIELD_NAME);
		assert_int_equal(f->len, strlen(f->name));
		for (i = 0; i < f->len; i++)
			assert_true(isalnum((unsigned char)f->name[i]) ||
			    f->name[i] == '_');
		if (f->generation)
			assert_in_range(f->len, 1, FIELD_NAME - 9);
		if (f->generation || f->sd == SD_ANCESTRY)
			assert_false(isdigit(
			    (unsigned char)f->name[f->len - 1]));
		assert_int_not_equal(f->msgids, 0);
		assert_true(f->doc[0] != '\0');
	}
}

/* Readers put all parameters of a message into one set, some without case. */
static void
names_are_unique(void **state)
{
	const struct field *f, *g;

	(void)state;
	for (f = fields; f < fields + nfields; f++)
		for (g = f + 1; g < fields + nfields; g++)
			if ((f->msgids & g->msgids) != 0 &&
			    strcasecmp(f->name, g->name) == 0)
				fail_msg("%s, %s", f->name, g->name);
}

/* Any message may have to be shortened, and says so. */
static void
cuts_are_told(void **state)
{
	const struct field *f;
	unsigned told = 0;

	(void)state;
	for (f = fields; f < fields + nfields; f++)
		if (strcmp(f->name, "truncated") == 0)
			told |= f->msgids;
	assert_int_equal(told, (1U << NMSGIDS) - 1);
}

static void
members_are_named_once(void **state)
{
	const struct field *f, *g;

	(void)state;
	for (f = fields; f < fields + nfields; f++)
		for (g = f + 1; g < fields + nfields; g++)
			if (f->generation == g->generation &&
			    f->offset == g->offset &&
			    (f->msgids & g->msgids) != 0)
				fail_msg("%s, %s", f->name, g->name);
}

static void
elements_adjoin(void **state)
{
	const struct field *f;
	int id, last;

	(void)state;
	for (id = 0; id < NMSGIDS; id++) {
		assert_non_null(msgid_names[id].name);
		last = 0;
		for (f = fields; f < fields + nfields; f++) {
			if (!(f->msgids >> id & 1))
				continue;
			if (f->sd < last)
				fail_msg("%s", f->name);
			last = f->sd;
		}
	}
}

static void
counters_are_carried(void **state)
{
#define X(name, cls, doc) #name,
	static const char *const all[] = { COUNTERS(X) UCOUNTERS(X) };
#undef X
	struct message m;
	size_t i, hint = 0;
	int64_t dist;

	(void)state;
	message_init(&m, MSG_STATS);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct field *f = field_find(SD_EVENT, MSG_STATS, all[i],
		    strlen(all[i]), &dist, &hint);

		assert_non_null(f);
		assert_true(field_number(f, &m) == NUM_NONE);
		*field_number_at(f, &m) = i + 1;
	}
	for (i = 0; i < NCOUNTERS; i++)
		assert_int_equal(m.counter[i], i + 1);
	for (i = 0; i < NUCOUNTERS; i++)
		assert_int_equal(m.ucounter[i], NCOUNTERS + i + 1);
}

/* message_init and message_add_generation name each number. */
static void
nothing_is_known(void **state)
{
	struct message m;
	const struct field *f;
	const void *p;
	int id;

	(void)state;
	for (id = 0; id < NMSGIDS; id++) {
		memset(&m, 'x', sizeof(m));
		message_init(&m, id);
		assert_int_equal(m.ngen, 0);
		p = message_add_generation(&m);
		for (f = fields; f < fields + nfields; f++)
			if (field_is_number(f) && field_number(f,
			    f->generation ? p : &m) != NUM_NONE)
				fail_msg("%s is a number", f->name);
			else if ((f->type == FIELD_STR ||
			    f->type == FIELD_TEXT) && field_str(f,
			    f->generation ? p : &m)->s != NULL)
				fail_msg("%s is a string", f->name);
		assert_int_equal(m.family, 0);
		assert_true(m.time == NUM_NONE && m.procid == NUM_NONE);
		assert_true(m.gen[0].dist == NUM_NONE);
		assert_null(m.text.s);
	}
}

static const struct field *
find(enum sd sd, enum msgid id, const char *name, int64_t *dist)
{
	size_t hint = 3;

	return field_find(sd, id, name, strlen(name), dist, &hint);
}

static void
finds(void **state)
{
	static const struct {
		enum sd sd;
		enum msgid id;
		const char *name, *want;
		int64_t dist;
	} t[] = {
		{ SD_META, MSG_START, "sequenceId", "sequenceId", 0 },
		{ SD_EVENT, MSG_CONNECT, "spid", "spid", 0 },
		{ SD_EVENT, MSG_CONNECT, "nat64", "nat64", 0 },
		{ SD_EVENT, MSG_CONNECT, "spid1", NULL, 0 },
		{ SD_EVENT, MSG_CONNECT, "depth", NULL, 0 },
		{ SD_EVENT, MSG_CONNECT, "rss", NULL, 0 },
		{ SD_EVENT, MSG_CONNECT, "spids", NULL, 0 },
		{ SD_EVENT, MSG_STATS, "rss", "rss", 0 },
		{ SD_EVENT, MSG_STATS, "spid", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "depth", "depth", 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "spid", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "spid0", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "spid01", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "spid1", "spid", 1 },
		{ SD_ANCESTRY, MSG_CONNECT, "spid123456789", "spid",
		    123456789 },
		{ SD_ANCESTRY, MSG_CONNECT, "spid1234567890", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "depth1", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "act1", NULL, 0 },
		{ SD_ANCESTRY, MSG_CONNECT, "1", NULL, 0 },
	};
	const struct field *f;
	int64_t dist;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		f = find(t[i].sd, t[i].id, t[i].name, &dist);
		if (f == NULL ? t[i].want != NULL : t[i].want == NULL ||
		    strcmp(f->name, t[i].want) != 0 || dist != t[i].dist)
			fail_msg("%s", t[i].name);
	}
}

/* Of a line of 40, the nearest 24 and the outermost 8. */
static void
long_lines_are_cut(void **state)
{
	struct message m;
	struct generation *g;
	int i;

	(void)state;
	message_init(&m, MSG_CONNECT);
	assert_true(m.cut == NUM_NONE);
	for (i = 0; i < 40; i++) {
		g = message_add_generation(&m);
		assert_true(g->pid == NUM_NONE && g->comm.s == NULL);
		g->dist = g->pid = i;
		assert_int_equal(m.cut == NUM_NONE, i < GENERATIONS);
	}
	assert_int_equal(m.ngen, GENERATIONS);
	assert_int_equal(m.cut, 8);
	for (i = 0; i < GENERATIONS; i++)
		assert_int_equal(m.gen[i].dist,
		    i < GENERATIONS_NEAR ? i : i + 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_valid),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(cuts_are_told),
		cmocka_unit_test(members_are_named_once),
		cmocka_unit_test(elements_adjoin),
		cmocka_unit_test(counters_are_carried),
		cmocka_unit_test(nothing_is_known),
		cmocka_unit_test(finds),
		cmocka_unit_test(long_lines_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
