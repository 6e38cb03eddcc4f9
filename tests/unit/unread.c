/* SPDX-License-Identifier: BSD-2-Clause */
/* What the socket took and nobody has read, against a plain list of numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unread.h"

#define MOST	65536

/* Numbers of the messages that it has, the oldest first. */
struct list {
	unsigned n[MOST];
	size_t head, tail;
};

/* Of message n, 1 to 8000 bytes. */
static size_t
length(unsigned n)
{
	return n * 2654435761u % 8000 + 1;
}

static bool
add(struct unread *u, unsigned n)
{
	char msg[8000];

	memset(msg, 'a' + n % 26, sizeof(msg));
	return unread_add(u, msg, length(n));
}

static void
expect_first(const struct unread *u, unsigned n)
{
	struct queued q;

	assert_true(unread_first(u, &q));
	assert_int_equal(q.len, length(n));
	assert_int_equal(q.msg[0], 'a' + n % 26);
	assert_int_equal(q.msg[q.len - 1], 'a' + n % 26);
}

/* The last ones whose bytes are not more than that. */
static void
keep(struct list *l, size_t bytes)
{
	size_t have = 0;

	for (size_t i = l->head; i < l->tail; i++)
		have += length(l->n[i]);
	while (have > bytes)
		have -= length(l->n[l->head++]);
}

static void
like_a_list(void **state)
{
	struct unread *u = unread_new();
	struct list *l = calloc(1, sizeof(*l));
	unsigned n = 0, dice = 1;

	(void)state;
	assert_non_null(u);
	while (l->tail < MOST) {
		dice = dice * 1103515245 + 12345;
		if (dice >> 16 & 3) {
			add(u, n);
			l->n[l->tail++] = n++;
		} else if (dice >> 18 & 1 && l->head < l->tail) {
			unread_rotate(u);
			l->n[l->tail++] = l->n[l->head++];
		} else {
			unread_keep(u, dice % 300000);
			keep(l, dice % 300000);
		}
		assert_int_equal(unread_count(u), l->tail - l->head);
		if (l->head < l->tail)
			expect_first(u, l->n[l->head]);
	}
	while (l->head < l->tail) {
		expect_first(u, l->n[l->head++]);
		unread_rotate(u);
	}
	unread_keep(u, 0);
	assert_int_equal(unread_count(u), 0);
	free(l);
	unread_free(u);
}

/* Nobody reads: the newest are kept, as many as a socket can hold. */
static void
the_oldest_make_room(void **state)
{
	struct unread *u = unread_new();
	struct queued q;
	unsigned n;
	size_t have;

	(void)state;
	for (n = 0; n < 10000; n++) {
		add(u, n);
		have = unread_count(u);
		assert_true(have == n + 1 || have >= 600);
		expect_first(u, n + 1 - have);
	}
	/* Sent again while it is full: each becomes the newest, in order. */
	for (have = unread_count(u); have > 0; have--)
		unread_rotate(u);
	assert_true(unread_first(u, &q));
	unread_keep(u, length(n - 1));
	assert_int_equal(unread_count(u), 1);
	expect_first(u, n - 1);
	unread_free(u);
}

/* The last that was read is known, until it was sent again; and no other. */
static void
the_last_that_was_read(void **state)
{
	struct unread *u = unread_new();

	(void)state;
	unread_back(u);
	assert_int_equal(unread_count(u), 0);
	for (unsigned n = 0; n < 5; n++)
		add(u, n);
	unread_back(u);
	assert_int_equal(unread_count(u), 5);
	unread_keep(u, length(4));
	assert_int_equal(unread_count(u), 1);
	unread_back(u);
	assert_int_equal(unread_count(u), 2);
	expect_first(u, 3);
	unread_rotate(u);
	unread_rotate(u);
	expect_first(u, 3);
	unread_back(u);
	assert_int_equal(unread_count(u), 2);
	unread_keep(u, 0);
	unread_back(u);
	assert_int_equal(unread_count(u), 1);
	expect_first(u, 4);
	unread_free(u);
}

/* It asks now and then, not for each. */
static void
asks(void **state)
{
	struct unread *u = unread_new();
	unsigned asked = 0;

	(void)state;
	for (unsigned n = 0; n < 1000; n++)
		if (add(u, n)) {
			asked++;
			unread_keep(u, 0);
		}
	assert_in_range(asked, 10, 200);
	unread_free(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_a_list),
		cmocka_unit_test(the_oldest_make_room),
		cmocka_unit_test(the_last_that_was_read),
		cmocka_unit_test(asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
