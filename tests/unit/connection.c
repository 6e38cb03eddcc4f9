/* SPDX-License-Identifier: BSD-2-Clause */
/* connection: tuple and outcome out of an attempt. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"
#include "connection.h"

static const struct {
	uint32_t state, flags;
	int err;
	const char *outcome, *reason;
} outcomes[] = {
	{ ATTEMPT_DECIDED, ATTEMPT_EST, 0, "established", NULL },
	{ ATTEMPT_DECIDED, 0, ECONNREFUSED, "refused", "ECONNREFUSED" },
	{ ATTEMPT_DECIDED, 0, ETIMEDOUT, "timeout", "ETIMEDOUT" },
	{ ATTEMPT_DECIDED, 0, EHOSTUNREACH, "unreachable", "EHOSTUNREACH" },
	{ ATTEMPT_DECIDED, 0, ENETUNREACH, "unreachable", "ENETUNREACH" },
	{ ATTEMPT_DECIDED, 0, EHOSTDOWN, "unreachable", "EHOSTDOWN" },
	{ ATTEMPT_DECIDED, 0, ENOPROTOOPT, "unreachable", "ENOPROTOOPT" },
	{ ATTEMPT_DECIDED, 0, EACCES, "unreachable", "EACCES" },
	{ ATTEMPT_DECIDED, 0, ECONNRESET, "reset", "ECONNRESET" },
	{ ATTEMPT_DECIDED, 0, ECONNABORTED, "aborted", "ECONNABORTED" },
	{ ATTEMPT_DECIDED, 0, 0, "aborted", NULL },
	{ ATTEMPT_SYN, ATTEMPT_HELD, 0, "pending", NULL },
	{ ATTEMPT_NOMARK, 0, 0, NULL, NULL },
};

static void
check(struct str got, const char *want)
{
	if (want == NULL)
		assert_null(got.s);
	else
		assert_string_equal(got.s, want);
}

static void
outcome(void **state)
{
	const struct conf conf = { .nproxies = 0 };
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		struct attempt a = { .family = AF_INET, .time = 5000000000,
		    .decided = 5250000000, .state = outcomes[i].state,
		    .flags = outcomes[i].flags, .err = outcomes[i].err };

		message_init(&m, MSG_CONNECT);
		connection_fill(&a, &conf, 1000000, &m);
		check(m.outcome, outcomes[i].outcome);
		check(m.reason, outcomes[i].reason);
		assert_int_equal(m.time, 6000000);
		if (a.state == ATTEMPT_DECIDED)
			assert_int_equal(m.waited, 250);
	}
}

static void
tuple(void **state)
{
	struct prefix_port proxy = { .port = 3128 };
	const struct conf conf = { .proxies = &proxy, .nproxies = 1 };
	struct attempt a = { .family = AF_INET, .sport = 40000, .dport = 3128,
	    .saddr = { 10, 0, 0, 1 }, .daddr = { 203, 0, 113, 4 } };
	struct in6_addr want;
	struct message m;

	(void)state;
	inet_pton(AF_INET6, "::ffff:203.0.113.4", &proxy.addr);
	message_init(&m, MSG_CONNECT);
	connection_fill(&a, &conf, 0, &m);
	assert_memory_equal(&m.dst, &proxy.addr, 16);
	inet_pton(AF_INET6, "::ffff:10.0.0.1", &want);
	assert_memory_equal(&m.src, &want, 16);
	assert_int_equal(m.spt, 40000);
	assert_int_equal(m.dpt, 3128);
	assert_int_equal(m.proxy, 1);
	assert_null(m.nat64.s);

	a.family = AF_INET6;
	a.sport = 0;
	inet_pton(AF_INET6, "64:ff9b::c633:6407", a.daddr);
	message_init(&m, MSG_CONNECT);
	connection_fill(&a, &conf, 0, &m);
	assert_string_equal(m.nat64.s, "198.51.100.7");
	assert_true(m.spt == NUM_NONE);
	assert_true(m.proxy == NUM_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome),
		cmocka_unit_test(tuple),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
