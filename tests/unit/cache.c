/* SPDX-License-Identifier: BSD-2-Clause */
/* cache: what was used last stays, the rest goes in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cache.h"

static void
put(struct cache *c, uint64_t a, uint64_t b, int v)
{
	int *p = malloc(sizeof(*p));

	assert_non_null(p);
	*p = v;
	assert_int_equal(cache_put(c, a, b, p), 0);
}

static void
oldest_goes(void **state)
{
	struct cache *c = cache_new(3);

	(void)state;
	put(c, 1, 0, 10);
	put(c, 2, 0, 20);
	put(c, 2, 1, 21);
	assert_int_equal(*(int *)cache_get(c, 1, 0), 10);
	put(c, 3, 0, 30);
	assert_null(cache_get(c, 2, 0));
	assert_int_equal(*(int *)cache_get(c, 2, 1), 21);
	assert_int_equal(*(int *)cache_get(c, 1, 0), 10);
	assert_int_equal(*(int *)cache_get(c, 3, 0), 30);
	cache_free(c);
}

static void
replaces(void **state)
{
	struct cache *c = cache_new(2);

	(void)state;
	put(c, 1, 0, 10);
	put(c, 2, 0, 20);
	put(c, 1, 0, 11);
	assert_int_equal(*(int *)cache_get(c, 1, 0), 11);
	assert_int_equal(*(int *)cache_get(c, 2, 0), 20);
	cache_empty(c);
	assert_null(cache_get(c, 1, 0));
	assert_null(cache_get(c, 2, 0));
	put(c, 1, 0, 12);
	assert_int_equal(*(int *)cache_get(c, 1, 0), 12);
	cache_free(c);
}

static void
many(void **state)
{
	struct cache *c = cache_new(500);

	(void)state;
	for (int i = 0; i < 10000; i++)
		put(c, i, i % 7, i);
	for (int i = 0; i < 9500; i++)
		assert_null(cache_get(c, i, i % 7));
	for (int i = 9500; i < 10000; i++)
		assert_int_equal(*(int *)cache_get(c, i, i % 7), i);
	cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oldest_goes),
		cmocka_unit_test(replaces),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
