/* SPDX-License-Identifier: BSD-2-Clause */
/* search: which files are searched, and that none of them is fatal. */
#define _GNU_SOURCE	/* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "logfile.h"
#include "search-dir.h"
#include "search.h"
#include "text.h"

#define DAY	INT64_C(86400)
#define NOV	INT64_C(1793491200)	/* 2026-11-01T00:00:00Z */

/* What was found: the value of pad of each line. */
struct got {
	char pads[256];
	size_t n;
	int end_after;
	void (*during)(struct got *);
	bool check;
};

static const char *
at(const char *name)
{
	static char path[4][256];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

/* A message of this day of November, with its pad. */
static int
message(char *to, int day, const char *pad)
{
	return sprintf(to, "<86>1 2026-11-%02dT12:00:00.000000Z web-7 "
	    "pidtreed 712 CONNECT [event@32473 dst=\"203.0.113.5\" "
	    "pad=\"%s\"] x\n", day, pad);
}

/* A log that was last written on the evening of its last day. */
static void
put_days(const char *name, int first, int last, const char *pad)
{
	struct timeval t[2] = { { .tv_sec = NOV + last * DAY } };
	size_t n = strlen(name);
	gzFile z = gzopen(at(name), n > 3 && strcmp(name + n - 3, ".gz") == 0 ?
	    "w" : "wT");
	char text[512];

	assert_non_null(z);
	message(text, first, pad);
	gzputs(z, text);
	if (last != first) {
		message(text, last, "");
		gzputs(z, text);
	}
	assert_int_equal(gzclose(z), Z_OK);
	t[1] = t[0];
	assert_int_equal(utimes(at(name), t), 0);
}

static void
append(const char *name, const char *s, size_t n)
{
	FILE *f = fopen(at(name), "a");

	assert_non_null(f);
	assert_int_equal(fwrite(s, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static int
found(void *arg, const struct search_hit *h)
{
	struct got *g = arg;
	const char *pad = memmem(h->line, h->n, "pad=\"", 5);

	assert_non_null(pad);
	for (pad += 5; *pad != '"'; pad++)
		g->pads[g->n++] = *pad;
	g->pads[g->n] = '\0';
	if (g->during != NULL)
		g->during(g);
	return g->end_after > 0 && --g->end_after == 0;
}

static bool
check(void *arg, unsigned thread, const struct search_hit *h)
{
	(void)arg;
	assert_true(thread < 16);
	return memmem(h->line, h->n, "pad=\"a", 6) == NULL;
}

static struct search *
new_search(const char *log, int64_t since, int64_t until)
{
	struct search *s = search_new();

	assert_int_equal(search_log(s, log), 0);
	assert_int_equal(search_needle(s, &(struct search_needle){
	    SEARCH_PARAM, .name = "dst", .value = { "203.0.113.5", 11 },
	    .since = since, .until = until }), 0);
	return s;
}

static void
run(struct search *s, struct got *g, const char *want)
{
	struct search_calls calls = { .found = found, .arg = g,
	    .check = g->check ? check : NULL };

	g->n = 0;
	g->pads[0] = '\0';
	assert_int_equal(search_run(s, &calls), 0);
	assert_string_equal(g->pads, want);
}

static void
expect(const char *log, int64_t since, int64_t until, const char *want,
    uint64_t excluded)
{
	struct search *s = new_search(log, since, until);
	struct got g = { .n = 0 };

	run(s, &g, want);
	assert_int_equal(search_stats(s)->excluded, excluded);
	search_free(s);
}

static int
empty(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s && mkdir %s", dir, dir);
	return system(command);
}

static void
newest_first(void **state)
{
	(void)state;
	put_days("log.2.gz", 1, 2, "c");
	put_days("log.1", 3, 4, "b");
	put_days("log", 5, 6, "a");
	expect(dir, 0, 0, "abc", 0);
	expect(at("log.*"), 0, 0, "bc", 0);
	expect(at("log"), 0, 0, "a", 0);
}

static void
a_tree(void **state)
{
	char path[512];
	int i, n;

	(void)state;
	mkdir(at("web-1"), 0700);
	mkdir(at("web-2"), 0700);
	put_days("web-1/log", 3, 3, "a");
	put_days("web-2/log", 2, 2, "b");
	put_days("web-2/.hidden", 1, 1, "-");
	/* Once, whatever its names are. */
	assert_int_equal(link(at("web-1/log"), at("web-2/same")), 0);
	assert_int_equal(symlink(at("web-1/log"), at("link")), 0);
	assert_int_equal(symlink("..", at("web-1/loop")), 0);
	assert_int_equal(symlink("nowhere", at("web-1/dangling")), 0);
	assert_int_equal(mkfifo(at("web-1/fifo"), 0600), 0);
	expect(dir, 0, 0, "ab", 0);
	/* Too deep, and said. */
	n = snprintf(path, sizeof(path), "%s", dir);
	for (i = 0; i <= SEARCH_DEPTH; i++) {
		n += snprintf(path + n, sizeof(path) - n, "/d");
		mkdir(path, 0700);
	}
	{
		struct search *s = new_search(dir, 0, 0);
		const struct search_problem *p;
		size_t np;

		p = search_problems(s, &np);
		assert_int_equal(np, 1);
		assert_int_equal(p->what, SEARCH_DEEP);
		search_free(s);
	}
}

static void
windows(void **state)
{
	int64_t day = DAY * 1000000, nov = NOV * 1000000;

	(void)state;
	put_days("log.2.gz", 1, 2, "c");
	put_days("log.1", 9, 9, "b");
	put_days("log", 28, 28, "a");
	/* A line's own time decides; a file is left out only if all of it is
	   far away. */
	expect(dir, nov + 8 * day, nov + 9 * day, "b", 2);
	expect(dir, nov + 8 * day, 0, "ab", 1);
	expect(dir, 0, nov + 9 * day, "bc", 1);
	expect(dir, nov + 27 * day, nov + 28 * day, "a", 2);
	expect(dir, nov + 26 * day, nov + 27 * day, "", 2);
	/* What was named is never left out; and a copy has a new time. */
	expect(at("log.2.gz"), nov + 27 * day, nov + 28 * day, "", 0);
	expect(at("log.2.gz"), nov, nov + 1 * day, "c", 0);
}

/* Delayed, by hold time or on its way; newest first, as exports are. */
static void
out_of_order(void **state)
{
	int64_t day = DAY * 1000000, nov = NOV * 1000000;
	char text[512];

	(void)state;
	put_days("log", 15, 15, "b");
	append("log", text, message(text, 9, "a"));
	append("log", text, message(text, 15, "b"));
	expect(dir, nov + 8 * day, nov + 9 * day, "a", 0);
	put_days("log", 28, 28, "b");
	append("log", text, message(text, 1, "a"));
	expect(dir, nov, nov + 1 * day, "a", 0);
}

static void
nothing_is_fatal(void **state)
{
	static const char xz[] = "\xfd" "7zXZ\0\0\4";
	static const char zstd[] = "\x28\xb5\x2f\xfd";
	static char junk[3 << 20];
	const struct search_problem *p;
	struct got g = { .n = 0 };
	struct search *s;
	char text[512];
	size_t n, i;
	unsigned seen = 0;

	(void)state;
	put_days("cut.gz", 1, 1, "c");
	assert_int_equal(truncate(at("cut.gz"), 60), 0);
	memset(junk, 'x', sizeof(junk));
	append("long", text, message(text, 2, "a"));
	append("long", junk, sizeof(junk));
	append("long", "\n", 1);
	append("long", text, message(text, 2, "b") - 4);	/* torn */
	append("old.xz", xz, sizeof(xz));
	append("old.zst", zstd, sizeof(zstd));
	append("empty", "", 0);
	append("gone", text, message(text, 2, "-"));
	append("void.gz", "", 0);
	s = new_search(dir, 0, 0);
	search_tune(s, 2, 1 << 20);
	assert_int_equal(unlink(at("gone")), 0);
	run(s, &g, "ab");
	p = search_problems(s, &n);
	for (i = 0; i < n; i++)
		seen |= 1u << p[i].what;
	assert_int_equal(seen, 1 << SEARCH_DAMAGED | 1 << SEARCH_TOOLONG |
	    1 << SEARCH_PACKED | 1 << SEARCH_VANISHED);
	assert_int_equal(n, 5);
	assert_int_equal(search_stats(s)->toolong, 1);
	/* Once more is the same. */
	run(s, &g, "ab");
	search_problems(s, &n);
	assert_int_equal(n, 5);
	search_free(s);
}

static void
not_there(void **state)
{
	struct search *s = search_new();

	(void)state;
	assert_int_equal(search_log(s, at("none")), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(search_log(s, at("none*")), -1);
	assert_int_equal(errno, ENOENT);
	search_free(s);
}

static void
rotated(void **state)
{
	struct got g = { .n = 0 };
	struct search *s;
	char text[512];

	(void)state;
	put_days("log.1", 1, 1, "b");
	put_days("log", 2, 2, "a");
	s = new_search(dir, 0, 0);
	assert_int_equal(rename(at("log.1"), at("log.2")), 0);
	assert_int_equal(rename(at("log"), at("log.1")), 0);
	append("log", text, message(text, 3, "c"));
	run(s, &g, "cab");
	/* And compressed. */
	put_days("log.2.gz", 1, 1, "B");
	assert_int_equal(unlink(at("log.2")), 0);
	run(s, &g, "caB");
	{
		size_t n;

		search_problems(s, &n);
		assert_int_equal(n, 0);
	}
	search_free(s);
}

static void
grow(struct got *g)
{
	char text[512];

	if (g->n < 3)
		append("log", text, message(text, 2, "g"));
}

static void
growing(void **state)
{
	struct got g = { .during = grow };
	struct search *s;

	(void)state;
	put_days("log", 2, 2, "a");
	s = new_search(dir, 0, 0);
	search_tune(s, 1, 0);
	{
		struct search_calls calls = { .found = found, .arg = &g };

		assert_int_equal(search_run(s, &calls), 0);
		assert_true(g.pads[0] == 'a');
	}
	search_free(s);
}

static void
a_pipe(void **state)
{
	struct got g = { .n = 0 };
	struct search *s;
	char text[512];
	int fd[2], old = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(dup2(fd[0], STDIN_FILENO), STDIN_FILENO);
	close(fd[0]);
	assert_true(write(fd[1], text, message(text, 2, "p")) > 0);
	close(fd[1]);
	s = new_search("-", 0, 0);
	run(s, &g, "p");
	run(s, &g, "p");
	dup2(old, STDIN_FILENO);
	close(old);
	search_free(s);
}

static void
ends_when_told(void **state)
{
	struct got g = { .end_after = 2 };
	struct search *s;

	(void)state;
	put_days("log.2", 1, 1, "c");
	put_days("log.1", 2, 2, "b");
	put_days("log", 3, 3, "a");
	s = new_search(dir, 0, 0);
	run(s, &g, "ab");
	assert_true(search_stats(s)->interrupted);
	g = (struct got){ .check = true };
	run(s, &g, "bc");
	assert_false(search_stats(s)->interrupted);
	search_free(s);
}

/* The last test: it is for good. */
static void
interrupted(void **state)
{
	struct got g = { .n = 0 };
	struct search *s;

	(void)state;
	put_days("log", 3, 3, "a");
	s = new_search(dir, 0, 0);
	search_interrupt(2);
	run(s, &g, "");
	assert_true(search_stats(s)->interrupted);
	search_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(newest_first, empty),
		cmocka_unit_test_setup(a_tree, empty),
		cmocka_unit_test_setup(windows, empty),
		cmocka_unit_test_setup(out_of_order, empty),
		cmocka_unit_test_setup(nothing_is_fatal, empty),
		cmocka_unit_test_setup(not_there, empty),
		cmocka_unit_test_setup(rotated, empty),
		cmocka_unit_test_setup(growing, empty),
		cmocka_unit_test_setup(a_pipe, empty),
		cmocka_unit_test_setup(ends_when_told, empty),
		cmocka_unit_test_setup(interrupted, empty),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
