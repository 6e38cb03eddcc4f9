/* SPDX-License-Identifier: BSD-2-Clause */
/* digests: the first is logged, an hour's others are one message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digests.h"
#include "rfc5424.h"

#define HOUR	DIGESTS_MS
#define SECOND	INT64_C(1000000)	/* us */

static const char line[] =
"<85>1 2026-11-22T08:14:02Z web-7 pidtreed 712 CONNECT "
"[host@32473 id=\"i-0abc\"][event@32473 act=\"connect\""
" outcome=\"established\" proto=\"TCP\" spt=\"51514\" dst=\"203.0.113.4\""
" dpt=\"443\" spid=\"42\" sproc=\"http\" suid=\"100\" exe=\"/x/http\""
" rule=\"apt\" decision=\"digest\" tags=\"bau\" externalId=\"x-1\"]"
"[ancestry@32473 depth=\"2\" spid1=\"1\" sproc1=\"systemd\" suid1=\"0\"] x";

static struct message
connection(void)
{
	static char mem[sizeof(line) + 1024];
	struct message m;
	const char *why;
	size_t where;

	assert_int_equal(rfc5424_parse(&m, line, sizeof(line) - 1, mem,
	    sizeof(mem), &where, &why), 0);
	return m;
}

struct told {
	int n;
	int64_t cnt, start, end;
	char text[RFC5424_MAX + 1];	/* of the last */
};

static void
tell(void *arg, struct message *m)
{
	struct told *t = arg;

	assert_int_equal(m->id, MSG_DIGEST);
	t->n++;
	t->cnt += m->cnt;
	t->start = m->start;
	t->end = m->end;
	t->text[rfc5424_write(m, t->text)] = '\0';
}

static void
an_hour(void **state)
{
	struct digests *d = digests_new();
	struct message m = connection();
	struct told t = { 0 };
	int64_t begin = m.time;

	(void)state;
	assert_non_null(d);
	assert_false(digests_take(d, &m, 1000));
	for (int i = 1; i <= 3; i++) {
		m.time = begin + i * SECOND;
		assert_true(digests_take(d, &m, 1000 + i));
	}
	digests_tell(d, 1000 + HOUR - 1, false, tell, &t);
	assert_int_equal(t.n, 0);
	digests_tell(d, 1000 + HOUR, false, tell, &t);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.cnt, 3);
	assert_int_equal(t.start, begin + SECOND);
	assert_int_equal(t.end, begin + 3 * SECOND);
	assert_non_null(strstr(t.text, " DIGEST "));
	assert_non_null(strstr(t.text, "net=\"203.0.113.0/24\""));
	assert_non_null(strstr(t.text, "rule=\"apt\" decision=\"digest\" "
	    "tags=\"bau\""));
	assert_non_null(strstr(t.text, "chain=\"http(42)<systemd(1)\""));
	assert_null(strstr(t.text, "spt="));
	assert_null(strstr(t.text, "outcome="));
	/* it goes on as long as there was something in the hour */
	assert_true(digests_take(d, &m, 1000 + HOUR + 1));
	digests_tell(d, 1000 + 2 * HOUR, false, tell, &t);
	assert_int_equal(t.cnt, 4);
	digests_tell(d, 1000 + 3 * HOUR, false, tell, &t);
	assert_int_equal(t.n, 2);
	assert_false(digests_take(d, &m, 1000 + 3 * HOUR + 1));
	digests_free(d);
}

/* By rule, network, port, user and line. */
static void
apart(void **state)
{
	struct digests *d = digests_new();
	struct message m = connection(), other;
	struct told t = { 0 };

	(void)state;
	assert_false(digests_take(d, &m, 0));
	other = m;
	other.dst.s6_addr[15] = 99;	/* of the same /24 */
	other.spt = 1;
	assert_true(digests_take(d, &other, 0));
	other.dst.s6_addr[14] = 99;
	assert_false(digests_take(d, &other, 0));
	other = m;
	other.dpt = 80;
	assert_false(digests_take(d, &other, 0));
	other = m;
	other.rule = (struct str){ "dnf", 3 };
	assert_false(digests_take(d, &other, 0));
	other = m;
	other.gen[0].uid = 0;
	assert_false(digests_take(d, &other, 0));
	other = m;
	other.gen[1].exe = (struct str){ "/bin/sh", 7 };
	assert_false(digests_take(d, &other, 0));
	other = m;
	other.proto = (struct str){ "UDP", 3 };
	assert_false(digests_take(d, &other, 0));
	digests_tell(d, 0, true, tell, &t);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.cnt, 1);
	digests_free(d);
}

/* What has no room is logged; what ends in any order leaves the rest. */
static void
full(void **state)
{
	struct digests *d = digests_new();
	struct message m = connection();
	struct told t = { 0 };

	(void)state;
	for (int i = 0; i < DIGESTS_MOST; i++) {
		m.dpt = i;
		assert_false(digests_take(d, &m, i));
		assert_true(digests_take(d, &m, i));
	}
	m.dpt = DIGESTS_MOST;
	assert_false(digests_take(d, &m, DIGESTS_MOST));
	assert_false(digests_take(d, &m, DIGESTS_MOST));
	assert_int_equal(digests_refused(d), 2);
	digests_tell(d, HOUR + DIGESTS_MOST, false, tell, &t);
	assert_int_equal(t.cnt, DIGESTS_MOST);
	for (int i = 0; i < DIGESTS_MOST; i += 2) {
		m.dpt = i;
		assert_true(digests_take(d, &m, HOUR + DIGESTS_MOST + 1));
	}
	digests_tell(d, 3 * HOUR, false, tell, &t);	/* half of them go */
	assert_int_equal(t.cnt, DIGESTS_MOST + DIGESTS_MOST / 2);
	for (int i = 0; i < DIGESTS_MOST; i++) {
		m.dpt = i;
		assert_int_equal(digests_take(d, &m, 3 * HOUR), i % 2 == 0);
	}
	digests_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour),
		cmocka_unit_test(apart),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
