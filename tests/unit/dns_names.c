/* SPDX-License-Identifier: BSD-2-Clause */
/* Which name an address has: whose answer, from when until when, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dns.h"
#include "dns_names.h"
#include "text.h"

#define S	UINT64_C(1000000000)

static const struct proc_key one = { 100, 1, 0 }, two = { 200, 2, 0 };

static void
learn(struct dns_names *n, const char *name, const char *addr, uint32_t ttl,
    const struct proc_key *who, uint64_t time)
{
	struct dns d = { .n = 1 };

	d.len = snprintf(d.name, sizeof(d.name), "%s", name);
	assert_int_equal(text_parse_addr(addr, strlen(addr),
	    &d.address[0].addr), 0);
	d.address[0].ttl = ttl;
	dns_names_learn(n, &d, who, time);
}

/* name: what is expected, NULL: none. */
static void
expect(struct dns_names *n, const char *addr, const struct proc_key *who,
    uint64_t time, const char *name, const char *source)
{
	struct message m;

	message_init(&m, MSG_CONNECT);
	m.family = AF_INET;
	assert_int_equal(text_parse_addr(addr, strlen(addr), &m.dst), 0);
	dns_names_stamp(n, who, time, &m);
	if (name == NULL) {
		assert_null(m.dhost.s);
		return;
	}
	assert_non_null(m.dhost.s);
	assert_int_equal(m.dhost.n, strlen(name));
	assert_memory_equal(m.dhost.s, name, m.dhost.n);
	assert_int_equal(m.dhostsource.n, strlen(source));
	assert_memory_equal(m.dhostsource.s, source, m.dhostsource.n);
}

static void
test_whose(void **state)
{
	struct dns_names *n = dns_names_new();

	(void)state;
	expect(n, "192.0.2.1", &one, 5 * S, NULL, NULL);
	learn(n, "a.net", "192.0.2.1", 60, &one, 10 * S);
	expect(n, "192.0.2.1", &one, 11 * S, "a.net", "dns");
	expect(n, "192.0.2.1", &two, 11 * S, "a.net", "dns-host");
	expect(n, "192.0.2.2", &one, 11 * S, NULL, NULL);
	expect(n, "192.0.2.1", &one, 9 * S, NULL, NULL);
	learn(n, "b.net", "192.0.2.1", 60, &two, 12 * S);
	expect(n, "192.0.2.1", &one, 13 * S, "a.net", "dns");
	expect(n, "192.0.2.1", &two, 13 * S, "b.net", "dns");
	/* what began before the second answer, and is told after it */
	expect(n, "192.0.2.1", &two, 11 * S, "a.net", "dns-host");
	dns_names_free(n);
}

static void
test_time(void **state)
{
	struct dns_names *n = dns_names_new();

	(void)state;
	learn(n, "short.net", "192.0.2.1", 1, &one, 0);
	expect(n, "192.0.2.1", &one, 3600 * S, "short.net", "dns");
	expect(n, "192.0.2.1", &one, 3601 * S, NULL, NULL);
	learn(n, "long.net", "192.0.2.2", 7200, &one, 0);
	expect(n, "192.0.2.2", &one, 7200 * S, "long.net", "dns");
	expect(n, "192.0.2.2", &one, 7201 * S, NULL, NULL);
	learn(n, "ever.net", "192.0.2.3", UINT32_MAX, &one, 0);
	expect(n, "192.0.2.3", &one, 86400 * S, "ever.net", "dns");
	expect(n, "192.0.2.3", &one, 86401 * S, NULL, NULL);
	/* asked for again: both times count */
	learn(n, "short.net", "192.0.2.1", 1, &one, 3000 * S);
	expect(n, "192.0.2.1", &one, 1 * S, "short.net", "dns");
	expect(n, "192.0.2.1", &one, 6600 * S, "short.net", "dns");
	dns_names_free(n);
}

/* As many as promised stay, the oldest goes. */
static void
test_bound(void **state)
{
	struct dns_names *n = dns_names_new();
	char addr[64];

	(void)state;
	for (int i = 0; i <= DNS_NAMES_MOST; i++) {
		snprintf(addr, sizeof(addr), "2001:db8::%x", i);
		learn(n, "a.net", addr, 60, &one, S);
	}
	expect(n, "2001:db8::0", &one, S, NULL, NULL);
	expect(n, "2001:db8::1", &one, S, "a.net", "dns");
	snprintf(addr, sizeof(addr), "2001:db8::%x", DNS_NAMES_MOST);
	expect(n, addr, &one, S, "a.net", "dns");
	dns_names_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
