/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes by the hour, and the lineages that write most. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "volume.h"

#define HOUR	(3600 * INT64_C(1000))

static void
make(struct message *m, char name[16], const char *format, int i)
{
	struct generation *g;

	message_init(m, MSG_CONNECT);
	snprintf(name, 16, format, i);
	g = message_add_generation(m);
	g->uid = 1000;
	g->comm = (struct str){ name, strlen(name) };
	g = message_add_generation(m);
	g->comm = (struct str){ "sh", 2 };
}

static void
day_has_24_hours(void **state)
{
	struct volume *v = volume_new(5);
	struct volume_sum sum;
	struct message m;
	char name[16];

	(void)state;
	make(&m, name, "x", 0);
	volume_add(v, 5, &m, 100);
	volume_day(v, 5 + HOUR / 2, &sum);
	assert_int_equal(sum.ms, HOUR / 2);
	assert_int_equal(sum.bytes, 100);
	volume_add(v, 5 + 3 * HOUR, &m, 10);
	volume_day(v, 5 + 23 * HOUR, &sum);
	assert_int_equal(sum.bytes, 110);
	assert_int_equal(sum.messages, 2);
	volume_day(v, 5 + 24 * HOUR, &sum);
	assert_int_equal(sum.bytes, 10);
	assert_int_equal(sum.ms, 23 * HOUR);
	volume_day(v, 5 + 100 * HOUR, &sum);
	assert_int_equal(sum.bytes, 0);
	volume_free(v);
}

static void
most_are_found(void **state)
{
	struct volume *v = volume_new(0);
	struct volume_lineage top[3];
	struct message m;
	char name[16];
	int64_t ms;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		make(&m, name, "rare%d", i);
		volume_add(v, i, &m, 10);
		make(&m, name, "often", 0);
		volume_add(v, i, &m, 50);
		make(&m, name, "a<b", 0);
		volume_add(v, i, &m, 20);
	}
	assert_int_equal(volume_top(v, 20000, top, 3, &ms), 3);
	assert_int_equal(ms, 20000);
	assert_string_equal(top[0].name, "1000: often<sh");
	assert_int_equal(top[0].bytes, 1000000);
	assert_int_equal(top[0].messages, 20000);
	assert_int_equal(top[0].over, 0);
	assert_string_equal(top[1].name, "1000: a\\x3cb<sh");
	assert_int_equal(top[1].bytes, 400000);
	assert_true(top[2].bytes - top[2].over <= 10);
	volume_free(v);
}

/* The last half and this one are added; what is older is not. */
static void
halves_are_added(void **state)
{
	struct volume *v = volume_new(0);
	struct volume_lineage top[2];
	struct message m;
	char name[16];
	int64_t ms;

	(void)state;
	make(&m, name, "x", 0);
	volume_add(v, 0, &m, 1);
	volume_add(v, 13 * HOUR, &m, 10);
	assert_int_equal(volume_top(v, 14 * HOUR, top, 2, &ms), 1);
	assert_int_equal(top[0].bytes, 11);
	volume_add(v, 26 * HOUR, &m, 100);
	assert_int_equal(volume_top(v, 26 * HOUR, top, 2, &ms), 1);
	assert_int_equal(top[0].bytes, 110);
	assert_int_equal(ms, 13 * HOUR);
	volume_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(day_has_24_hours),
		cmocka_unit_test(most_are_found),
		cmocka_unit_test(halves_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
