/* SPDX-License-Identifier: BSD-2-Clause */
/* logfile: lines from whatever a log may be, and nothing is fatal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "logfile.h"
#include "loglist.h"
#include "tail.h"

static char dir[] = "/tmp/pidtree-logfile-XXXXXX";
static char path[sizeof(dir) + 16];

static void
put_file(const char *mode, const void *s, size_t n)
{
	FILE *f = fopen(path, mode);

	assert_non_null(f);
	assert_int_equal(fwrite(s, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
put_gzip(const char *mode, const char *s, size_t n)
{
	gzFile z = gzopen(path, mode);

	assert_non_null(z);
	assert_int_equal(gzwrite(z, s, n), n);
	assert_int_equal(gzclose(z), Z_OK);
}

static void
expect_line(struct logfile *lf, const char *want)
{
	const char *p;
	size_t n;

	assert_int_equal(logfile_line(lf, &p, &n), 1);
	assert_int_equal(n, strlen(want));
	assert_memory_equal(p, want, n);
}

static void
expect_end(struct logfile *lf)
{
	const char *p;
	size_t n;

	assert_int_equal(logfile_line(lf, &p, &n), 0);
}

static void
plain(void **state)
{
	static const char text[] = "one\n\ntwo\0two\nthree";
	struct logfile *lf;
	const char *p;
	size_t n;

	(void)state;
	put_file("w", text, sizeof(text) - 1);
	lf = logfile_open(path);
	assert_non_null(lf);
	expect_line(lf, "one");
	expect_line(lf, "");
	assert_int_equal(logfile_line(lf, &p, &n), 1);
	assert_int_equal(n, 7);
	assert_memory_equal(p, "two\0two", 7);
	expect_line(lf, "three");
	expect_end(lf);
	assert_true(logfile_stats(lf)->torn);
	assert_int_equal(logfile_stats(lf)->lines, 4);
	logfile_close(lf);
}

/* Every length around the size of what is read at once and of the bound. */
static void
long_lines(void **state)
{
	static const size_t len[] = { (256 << 10) - 1, 256 << 10,
	    LOGFILE_LINE - 2, LOGFILE_LINE - 1, LOGFILE_LINE,
	    LOGFILE_LINE + 1, 3 * LOGFILE_LINE };
	char *text = malloc(3 * LOGFILE_LINE + 64);
	struct logfile *lf;
	const char *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		memcpy(text, "before\n", 7);
		memset(text + 7, 'x', len[i]);
		memcpy(text + 7 + len[i], "\nafter\n", 7);
		put_file("w", text, len[i] + 14);
		lf = logfile_open(path);
		expect_line(lf, "before");
		if (len[i] < LOGFILE_LINE) {
			assert_int_equal(logfile_line(lf, &p, &n), 1);
			assert_int_equal(n, len[i]);
		}
		expect_line(lf, "after");
		expect_end(lf);
		assert_int_equal(logfile_stats(lf)->toolong,
		    len[i] >= LOGFILE_LINE);
		logfile_close(lf);
	}
	free(text);
}

static void
gzip(void **state)
{
	struct logfile *lf;

	(void)state;
	put_gzip("w", "one\ntw", 6);
	put_gzip("a", "o\nthree\n", 8);	/* a second member */
	put_file("a", "\0\0\0\0", 4);		/* padding */
	lf = logfile_open(path);
	expect_line(lf, "one");
	expect_line(lf, "two");
	expect_line(lf, "three");
	expect_end(lf);
	assert_false(logfile_stats(lf)->damaged);
	assert_int_equal(logfile_stats(lf)->bytes, 14);
	logfile_close(lf);
}

/* Cut off or overwritten anywhere: what comes before is still read. */
static void
gzip_damaged(void **state)
{
	static char text[200000];
	unsigned char z[sizeof(text)];
	size_t i, size, cut;
	struct logfile *lf;
	const char *p;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 50 == 49 ? '\n' : 'a' + random() % 26;
	put_gzip("w", text, sizeof(text));
	f = fopen(path, "r");
	size = fread(z, 1, sizeof(z), f);
	fclose(f);
	for (cut = 3; cut < size; cut += size / 20) {
		uint64_t lines = 0;
		size_t n;

		put_file("w", z, cut);
		if (cut % 2 == 0)
			put_file("a", "\377\377\377\377\377\377\377\377", 8);
		lf = logfile_open(path);
		while (logfile_line(lf, &p, &n) == 1)
			if (n == 49 && memcmp(p, text + lines * 50, n) == 0)
				lines++;
		assert_true(logfile_stats(lf)->damaged);
		assert_true(cut < size / 2 || lines > 1000);
		logfile_close(lf);
	}
}

/* A log that grows: no half lines; it is told when another takes its name. */
static void
follow(void **state)
{
	char old[sizeof(path) + 2];
	struct logfile *lf;

	(void)state;
	put_file("w", "", 0);
	lf = logfile_open(path);
	logfile_follow(lf);
	expect_end(lf);
	put_file("a", "one\ntw", 6);
	expect_line(lf, "one");
	expect_end(lf);
	put_file("a", "o\n", 2);
	expect_line(lf, "two");
	assert_false(logfile_rotated(lf));

	snprintf(old, sizeof(old), "%s.1", path);
	assert_int_equal(rename(path, old), 0);
	assert_false(logfile_rotated(lf));	/* no other one yet */
	put_file("w", "new\n", 4);
	assert_true(logfile_rotated(lf));
	logfile_close(lf);
	unlink(old);

	lf = logfile_open(path);
	expect_line(lf, "new");
	put_file("w", "x\n", 2);		/* copytruncate */
	assert_true(logfile_rotated(lf));
	logfile_close(lf);
}

static void
lists(void **state)
{
	struct loglist l = { 0 };
	char pattern[sizeof(path) + 8];

	(void)state;
	put_file("w", "", 0);
	assert_int_equal(loglist_add(&l, dir), 0);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.path[0], path);
	snprintf(pattern, sizeof(pattern), "%s/*.log", dir);
	assert_int_equal(loglist_add(&l, pattern), 0);
	assert_int_equal(loglist_add(&l, "-"), 0);
	assert_int_equal(l.n, 3);
	snprintf(pattern, sizeof(pattern), "%s/none*", dir);
	assert_int_equal(loglist_add(&l, pattern), -1);
	loglist_free(&l);
	assert_null(logfile_open(dir));
}

static void
tails(void **state)
{
	struct tail *t = tail_new(2);
	const char *p;
	size_t n;

	(void)state;
	assert_int_equal(tail_push(t, "a", 1), 0);
	assert_int_equal(tail_push(t, "bb", 2), 0);
	assert_int_equal(tail_push(t, "ccc", 3), 0);
	assert_true(tail_shift(t, &p, &n));
	assert_int_equal(n, 2);
	assert_memory_equal(p, "bb", 2);
	assert_true(tail_shift(t, &p, &n));
	assert_memory_equal(p, "ccc", 3);
	assert_false(tail_shift(t, &p, &n));
	tail_free(t);
}

static int
leave(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(gzip),
		cmocka_unit_test(gzip_damaged),
		cmocka_unit_test(follow),
		cmocka_unit_test(lists),
		cmocka_unit_test(tails),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/a.log", dir);
	return cmocka_run_group_tests(tests, NULL, leave);
}
