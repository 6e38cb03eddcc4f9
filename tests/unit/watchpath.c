/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that are watched: which may be, what is below them, tidying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "watchpath.h"

static void
what_may_be_watched(void **state)
{
	static const struct { const char *path; bool is; } rows[] = {
		{ "/etc/shadow", true }, { "/etc/pam.d/", true },
		{ "/home/*/.ssh", true }, { "//etc//x", true },
		{ "/x", true }, { "/*/x", true }, { "/", false },
		{ "", false }, { "etc/shadow", false }, { "/home/*", false },
		{ "/etc/cron.*", false }, { "/etc/*.d/x", false },
		{ "/etc/../x", false }, { "/etc/.", false },
		{ "/home/**/x", false }, { "/etc/...", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (watchpath_is(rows[i].path) != rows[i].is)
			fail_msg("%s", rows[i].path);
	for (const char *const *p = watchpath_default; *p != NULL; p++)
		assert_true(watchpath_is(*p));
}

static void
what_is_below(void **state)
{
	static const struct { const char *watched, *path; bool has; } rows[] = {
		{ "/etc/shadow", "/etc/shadow", true },
		{ "/etc/shadow", "/etc/shadow-", false },
		{ "/etc/shadow", "/srv/etc/shadow", false },
		{ "/etc/shadow", "/etc", false },
		{ "/etc/pam.d/", "/etc/pam.d", true },
		{ "/etc/pam.d", "/etc/pam.d/a/b", true },
		{ "/etc/pam.d", "/etc/pam.dd", false },
		{ "/home/*/.ssh", "/home/alice/.ssh/id", true },
		{ "/home/*/.ssh", "/home/alice/x/.ssh", false },
		{ "/home/*/.ssh", "/home/.ssh", false },
		{ "/x", "/", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (watchpath_has(rows[i].watched, rows[i].path,
		    strlen(rows[i].path)) != rows[i].has)
			fail_msg("%s %s", rows[i].watched, rows[i].path);
}

static void
what_the_kernel_knows(void **state)
{
	static const char long_name[] =
	    "/a/0123456789012345678901234567890123456789";
	struct watch_key key;

	(void)state;
	watchpath_key("/etc/pam.d/", &key);
	assert_string_equal(key.name, "pam.d");
	assert_string_equal(key.parent, "etc");
	watchpath_key("/home/*/.ssh", &key);
	assert_string_equal(key.name, ".ssh");
	assert_string_equal(key.parent, "");
	watchpath_key("/x", &key);
	assert_string_equal(key.parent, "/");
	watchpath_key(long_name, &key);
	assert_string_equal(key.name, "0123456789012345678901234567890");
	assert_string_equal(key.parent, "a");
}

static void
tidied(void **state)
{
	static const struct { const char *path, *want; } rows[] = {
		{ "/a/../b//c/./d/", "/b/c/d" }, { "/../../a", "/a" },
		{ "/", "/" }, { "/a/..", "/" }, { "", "" },
		{ "/a/b/../../../c", "/c" }, { "//", "/" },
		{ "/aa/b/../ccc", "/aa/ccc" },
	};
	char mem[64];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].path);
		memcpy(mem, rows[i].path, n);
		watchpath_tidy(mem, &n);
		mem[n] = '\0';
		assert_string_equal(mem, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_watched),
		cmocka_unit_test(what_is_below),
		cmocka_unit_test(what_the_kernel_knows),
		cmocka_unit_test(tidied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
