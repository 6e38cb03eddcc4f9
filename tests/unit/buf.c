/* SPDX-License-Identifier: BSD-2-Clause */
/* buf: latches the first thing that does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"

static void
adds_up(void **state)
{
	char mem[64];
	struct buf b;

	(void)state;
	buf_init(&b, mem, sizeof(mem));
	buf_adds(&b, "a");
	buf_addc(&b, '=');
	buf_addu(&b, UINT64_MAX);
	buf_addf(&b, " %s", "x");
	assert_string_equal(buf_cstr(&b), "a=18446744073709551615 x");
}

static void
latches(void **state)
{
	char mem[4];
	struct buf b;

	(void)state;
	buf_init(&b, mem, sizeof(mem));
	buf_adds(&b, "abc");
	assert_string_equal(buf_cstr(&b), "abc");
	buf_adds(&b, "de");
	assert_true(b.full);
	buf_addc(&b, 'f');
	assert_int_equal(b.len, 3);
	assert_null(buf_cstr(&b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_up),
		cmocka_unit_test(latches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
