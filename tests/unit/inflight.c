/* SPDX-License-Identifier: BSD-2-Clause */
/* inflight: against an array, through growth and removals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inflight.h"

#define IDS	6000

static uint64_t
id_of(int i)
{
	return (uint64_t)(i % 3) << 48 | (1000 + i);
}

static void
as_an_array(void **state)
{
	static enum inflight_state model[IDS];
	struct inflight *t = inflight_new();

	(void)state;
	assert_non_null(t);
	srand(1);
	for (int step = 0; step < 100000; step++) {
		int i = rand() % IDS;
		enum inflight_state s = rand() % 3;

		assert_int_equal(inflight_get(t, id_of(i)), model[i]);
		assert_int_equal(inflight_set(t, id_of(i), s), 0);
		model[i] = s;
	}
	for (int i = 0; i < IDS; i++)
		assert_int_equal(inflight_get(t, id_of(i)), model[i]);
	inflight_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
