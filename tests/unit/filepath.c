/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel walked: marked, compared, and where the host's root is
   a part of a file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "filepath.h"

static struct str
str(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static void
assert_str(struct str got, const char *want)
{
	if (got.n != strlen(want) || memcmp(got.s, want, got.n) != 0)
		fail_msg("%.*s, expected %s", (int)got.n, got.s, want);
}

static void
walks(void **state)
{
	char p[EXE_LEN], mem[EXE_LEN + 8];

	(void)state;
	memset(p, 'x', sizeof(p));
	memcpy(p + EXE_LEN - 4, "/a/b", 4);
	assert_str(filepath_walked(mem, sizeof(mem), p, EXE_LEN - 4, false),
	    "/a/b");
	assert_str(filepath_walked(mem, sizeof(mem), p, EXE_LEN - 4, true),
	    ".../a/b");
	assert_str(filepath_walked(mem, sizeof(mem), p, EXE_LEN, false), "/");
	assert_str(filepath_walked(mem, sizeof(mem), p, EXE_LEN, true), "...");
	assert_true(filepath_ends(str("/mnt/etc/x"), str("/etc/x")));
	assert_true(filepath_ends(str("/x"), str("/x")));
	assert_false(filepath_ends(str("/x"), str("/y/x")));
}

static void
host_roots(void **state)
{
	static const struct { const char *lines, *root; } rows[] = {
		{ "", "" },
		{ "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "" },
		{ "27 1 0:30 /@ / rw - btrfs /dev/sda1 rw\n", "/@" },
		{ "27 1 0:30 /@rootfs / rw shared:1 - btrfs /dev/sda1 rw\n"
		  "28 27 0:30 /@home /home rw - btrfs /dev/sda1 rw\n",
		  "/@rootfs" },
		{ "28 27 0:30 /@home /home rw - btrfs /dev/sda1 rw\n", "" },
		{ "27 1 0:30 /@ / rw - btrfs /dev/sda1 rw\n"
		  "90 27 8:1 / / rw - ext4 /dev/sdb1 rw\n", "" },
		{ "90 27 8:1 / / rw - ext4 /dev/sdb1 rw\n"
		  "27 90 8:1 /srv/a\\040b\\134c / rw - ext4 /dev/sda1 rw\n",
		  "/srv/a b\\c" },
		{ "nonsense\n27 1 8:1 /x\n", "" },
	};
	char name[] = "/tmp/filepath-XXXXXX";
	struct filepath_host h;
	FILE *f;

	(void)state;
	close(mkstemp(name));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f = fopen(name, "w");
		assert_non_null(f);
		fputs(rows[i].lines, f);
		fclose(f);
		filepath_host_root(name, &h);
		assert_string_equal(h.root, rows[i].root);
	}
	unlink(name);
	filepath_host_root(name, &h);
	assert_string_equal(h.root, "");
}

static void
what_the_host_sees(void **state)
{
	static const struct filepath_host part = { .root = "/@" }, all;

	(void)state;
	assert_str(filepath_on_host(str("/@/etc/shadow"), &part),
	    "/etc/shadow");
	assert_str(filepath_on_host(str("/etc/shadow"), &all), "/etc/shadow");
	assert_str(filepath_on_host(str("/@home/x"), &part), "/@home/x");
	assert_str(filepath_on_host(str("/@"), &part), "/@");
	assert_str(filepath_on_host(str(".../@/x"), &part), ".../@/x");
	assert_str(filepath_below(str("/srv/a/b"), str("/srv/a")), "/b");
	assert_null(filepath_below(str("/srv/ab"), str("/srv/a")).s);
	assert_null(filepath_below(str("/srv/a"), str("/srv/a")).s);
	assert_null(filepath_below(str("/srv"), str("")).s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
		cmocka_unit_test(host_roots),
		cmocka_unit_test(what_the_host_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
