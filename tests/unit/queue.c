/* SPDX-License-Identifier: BSD-2-Clause */
/* queue: bounded, in order, whatever the sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue.h"

static void
first_in_first_out(void **state)
{
	struct queue *q = queue_new(4096);
	struct queued m;

	(void)state;
	assert_false(queue_head(q, &m));
	assert_true(queue_put(q, "one", 3, 1));
	assert_true(queue_put(q, "", 0, 2));
	assert_int_equal(queue_count(q), 2);
	assert_true(queue_head(q, &m));
	assert_int_equal(m.token, 1);
	assert_int_equal(m.len, 3);
	assert_memory_equal(m.msg, "one", 3);
	queue_pop(q);
	assert_true(queue_head(q, &m));
	assert_int_equal(m.token, 2);
	assert_int_equal(m.len, 0);
	queue_pop(q);
	assert_int_equal(queue_bytes(q), 0);
	queue_pop(q);
	assert_int_equal(queue_count(q), 0);
	queue_free(q);
}

static void
full_is_full(void **state)
{
	struct queue *q = queue_new(1024);
	struct queued m;
	char msg[1024] = { 0 };

	(void)state;
	assert_false(queue_put(q, msg, 1024, 1));
	assert_true(queue_put(q, msg, 1024 - 16, 1));
	assert_int_equal(queue_bytes(q), 1024);
	assert_false(queue_put(q, msg, 0, 2));
	assert_true(queue_head(q, &m));
	assert_int_equal(m.len, 1024 - 16);
	queue_pop(q);
	assert_true(queue_put(q, msg, 1024 - 16, 3));
	queue_free(q);
}

/* Random sizes, so that the end of the ring is met in every way; what was
   taken is remembered beside it and has to come out the same. */
static void
any_sizes(void **state)
{
	enum { N = 200000, MAX = 700 };
	static char text[MAX + 256];
	static uint16_t size[N];
	struct queue *q = queue_new(4096);
	unsigned put = 0, got = 0, refused = 0;
	struct queued m;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = random();
	while (got < N) {
		if (put < N && random() % 8 < (put / 1000 % 2 ? 5 : 3)) {
			size[put] = random() % MAX;
			if (queue_put(q, text + put % 256, size[put], put + 1))
				put++;
			else
				refused++;
			assert_true(queue_bytes(q) <= 4096);
		} else if (queue_head(q, &m)) {
			assert_int_equal(m.token, got + 1);
			assert_int_equal(m.len, size[got]);
			assert_memory_equal(m.msg, text + got % 256, m.len);
			queue_pop(q);
			got++;
		}
		assert_int_equal(queue_count(q), put - got);
	}
	assert_true(refused > N / 100);
	assert_int_equal(queue_bytes(q), 0);
	queue_free(q);
}

/* After a jam the memory is given back, and the queue is as good as new. */
static void
after_a_jam(void **state)
{
	struct queue *q = queue_new(8 << 20);
	char msg[8000];
	struct queued m;
	size_t n = 0;

	(void)state;
	memset(msg, 'x', sizeof(msg));
	while (queue_put(q, msg, sizeof(msg), n + 1))
		n++;
	assert_true(n >= (8 << 20) / 8032);
	while (queue_head(q, &m)) {
		assert_memory_equal(m.msg, msg, sizeof(msg));
		queue_pop(q);
	}
	assert_true(queue_put(q, "again", 5, 9));
	assert_true(queue_head(q, &m));
	assert_memory_equal(m.msg, "again", 5);
	queue_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_in_first_out),
		cmocka_unit_test(full_is_full),
		cmocka_unit_test(any_sizes),
		cmocka_unit_test(after_a_jam),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
