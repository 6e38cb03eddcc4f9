/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the control socket, by a pair of sockets: what it may do, and
   what becomes of it when it does something else. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "request.h"
#include "watcher.h"

#define EVENT	1000		/* bytes */

struct test {
	struct event_base *base;
	struct watcher *w;
	int fd;			/* the client's end */
	unsigned lines, turns;
	struct watcher_owner owner;
};

/* "good" is a request, all else is none. */
static bool
line(void *arg, struct watcher *w, const char *s, size_t n)
{
	struct test *t = arg;

	t->lines++;
	if (n == 4 && memcmp(s, "good", 4) == 0) {
		watcher_say(w, "fine", 4);
		return true;
	}
	watcher_complain(w, "no \"request\"");
	return false;
}

static bool
turn(void *arg)
{
	struct test *t = arg;

	return t->turns > 0 && t->turns-- > 0;
}

static int
setup(void **state)
{
	static const struct peer root = { 0, true, true };
	struct test *t = calloc(1, sizeof(*t));
	int fd[2];

	if (t == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd) == -1)
		return -1;
	t->base = event_base_new();
	event_base_priority_init(t->base, 3);
	t->owner = (struct watcher_owner){ line, turn, t };
	t->turns = 1000;
	t->fd = fd[0];
	t->w = watcher_new(t->base, fd[1], &root, &t->owner);
	*state = t;
	return t->w == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct test *t = *state;

	watcher_free(t->w);
	event_base_free(t->base);
	close(t->fd);
	free(t);
	return 0;
}

static void
go(struct test *t)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(t->base, EVLOOP_NONBLOCK);
}

/* What comes, as a string. */
static const char *
got(struct test *t)
{
	static char text[4 << 20];
	size_t n = 0;
	ssize_t k;

	for (int i = 0; i < 100; i++, go(t))
		while ((k = read(t->fd, text + n, sizeof(text) - n - 4)) > 0)
			n += k;
	text[n] = '\0';
	return text;
}

static void
put(struct test *t, const char *s)
{
	assert_int_equal(write(t->fd, s, strlen(s)), (ssize_t)strlen(s));
	go(t);
}

static void
lines_are_answered(void **state)
{
	struct test *t = *state;

	put(t, "go");
	assert_string_equal(got(t), "");
	put(t, "od\ngood\nx\n");
	assert_string_equal(got(t), "fine\nfine\n"
	    "{\"error\":\"no \\\"request\\\"\"}\n");
	assert_false(watcher_tick(t->w));
}

static void
garbage_ends(void **state)
{
	struct test *t = *state;

	put(t, "1\n2\n3\n4\n5\ngood\n6\n");
	assert_int_equal(t->lines, WATCHER_BAD);
	assert_non_null(strstr(got(t), "closed\"}\n"));
	assert_true(watcher_tick(t->w));
}

static void
long_line_ends(void **state)
{
	struct test *t = *state;
	char text[REQUEST_LINE + 1];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put(t, text);
	assert_int_equal(t->lines, 0);
	assert_non_null(strstr(got(t), "too long"));
	assert_true(watcher_tick(t->w));
}

/* So many lines a tick, of one and of all. */
static void
turns_are_kept(void **state)
{
	struct test *t = *state;

	for (int i = 0; i < 3 * WATCHER_TURNS; i++)
		put(t, "good\n");
	assert_int_equal(t->lines, WATCHER_TURNS);
	assert_false(watcher_tick(t->w));
	go(t);
	assert_int_equal(t->lines, 2 * WATCHER_TURNS);
	t->turns = 1;
	assert_false(watcher_tick(t->w));
	go(t);
	assert_int_equal(t->lines, 2 * WATCHER_TURNS + 1);
}

/* Events: all of them are either there or counted, in their order. */
static void
lost_is_told(void **state)
{
	struct test *t = *state;
	char event[EVENT + 1];
	unsigned long seen = 0, lost = 0, told = 0;
	const char *p;

	watcher_watch(t->w, NULL);
	for (int i = 0; i < 2000; i++) {
		snprintf(event, sizeof(event), "{\"message\":\"%-*d\"}\n",
		    EVENT - 15, i);
		assert_int_equal(strlen(event), EVENT);
		lost += watcher_event(t->w, event, EVENT);
	}
	assert_true(lost > 0 && lost < 2000);
	for (p = got(t); *p != '\0'; p = strchr(p, '\n') + 1)
		if (strncmp(p, "{\"lost\":", 8) == 0)
			told += strtoul(p + 8, NULL, 10);
		else
			assert_int_equal(strtoul(p + 12, NULL, 10),
			    seen++ + told);
	assert_int_equal(told, lost);
	assert_int_equal(seen + told, 2000);
	assert_false(watcher_event(t->w, event, EVENT));
}

static void
end_is_seen(void **state)
{
	struct test *t = *state;

	put(t, "good\n");
	shutdown(t->fd, SHUT_WR);
	go(t);
	assert_string_equal(got(t), "fine\n");
	assert_true(watcher_tick(t->w));
}

/* Who has gone with much waiting for him is not kept. */
static void
gone_is_over(void **state)
{
	struct test *t = *state;
	char event[EVENT];

	memset(event, 'x', sizeof(event));
	watcher_watch(t->w, NULL);
	while (!watcher_event(t->w, event, sizeof(event)))
		continue;
	close(t->fd);
	go(t);
	assert_true(watcher_tick(t->w));
	t->fd = open("/dev/null", O_RDONLY);
}

static void
idle_ends(void **state)
{
	struct test *t = *state;
	unsigned i;

	for (i = 1; i < WATCHER_IDLE; i++)
		assert_false(watcher_tick(t->w));
	assert_false(watcher_tick(t->w));
	go(t);
	assert_non_null(strstr(got(t), "closed"));
	assert_true(watcher_tick(t->w));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_answered), TEST(garbage_ends),
		TEST(long_line_ends), TEST(turns_are_kept),
		TEST(lost_is_told), TEST(end_is_seen), TEST(gone_is_over),
		TEST(idle_ends),
	};

	signal(SIGPIPE, SIG_IGN);	/* as the collector has it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
