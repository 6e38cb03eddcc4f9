/* SPDX-License-Identifier: BSD-2-Clause */
/* record: the message in a line, whoever wrote the line.  The prefixes are
   what rsyslog 8.2302 writes with its stock templates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "record.h"

#define HEAD	"2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
#define TEXT	"web-7 alice: curl(4242) -> 203.0.113.4:443/tcp established"
#define REST	HEAD "[meta sequenceId=\"1\"] " TEXT
#define JSON	"<86>1 " HEAD "[meta sequenceId=\\\"1\\\"] " TEXT
#define WANT	"<86>1 " REST

static const struct {
	const char *line;
	enum record_kind kind;
	const char *want;	/* NULL: WANT */
} cases[] = {
	{ WANT, RECORD_MESSAGE, NULL },
	{ WANT "\r", RECORD_MESSAGE, NULL },
	{ "<4>1 " REST, RECORD_MESSAGE, "<4>1 " REST },
	{ "<191>1 " REST, RECORD_MESSAGE, "<191>1 " REST },
	/* Behind any prefix, a line of another program about us included. */
	{ "Nov 22 08:14:02 web-7 pidtreed[712]: " WANT, RECORD_MESSAGE, NULL },
	{ "2026-11-22T08:14:02.113245+00:00 log-1 fwd: " WANT,
	    RECORD_MESSAGE, NULL },
	{ "a pidtreed b pidtreed 1 X [: " WANT, RECORD_MESSAGE, NULL },
	/* The special parser of imuxsock has eaten the PRI, and more. */
	{ "Nov 22 11:11:20 vm 1 " REST, RECORD_MESSAGE, NULL },
	{ "2026-11-22T11:11:20.737204+00:00 vm 1 " REST, RECORD_MESSAGE, NULL },
	{ "<86>2026-11-22T11:11:20.737204+00:00 vm 1 " REST,
	    RECORD_MESSAGE, NULL },
	{ "<86>1 2026-11-22T11:11:20.737204+00:00 vm 1 - - -  " REST,
	    RECORD_MESSAGE, NULL },
	{ REST, RECORD_MESSAGE, NULL },
	/* JSON lines. */
	{ "{\"_raw\":\"" JSON "\"}", RECORD_MESSAGE, NULL },
	{ "{\"a\":{\"_raw\":3},\"result\":{\"_raw\":\"" JSON "\"}}",
	    RECORD_MESSAGE, NULL },
	{ " {\"message\":\"" JSON "\"},", RECORD_MESSAGE, NULL },
	{ "[{\"event\":{\"original\":\"" JSON "\"}}", RECORD_MESSAGE, NULL },
	{ ",{\"event.original\":\"" JSON "\"}]", RECORD_MESSAGE, NULL },
	{ "{\"message\":\"" TEXT "\",\"event\":{\"original\":\"" JSON "\"}}",
	    RECORD_MESSAGE, NULL },
	{ "{\"_source\":{\"event\":{\"original\":\"" JSON "\"}}}",
	    RECORD_MESSAGE, NULL },
	{ "{\"MESSAGE\":\"1 " HEAD "-\"}", RECORD_MESSAGE, "<86>1 " HEAD "-" },
	{ "{\"message\":\"Nov 22 11:11:20 vm 1 " HEAD "-\"}",
	    RECORD_MESSAGE, "<86>1 " HEAD "-" },
	{ "{\"other\":\"" JSON "\"}", RECORD_FOREIGN, NULL },
	{ "{\"_raw\":[\"" JSON "\"],\"event\":null}", RECORD_FOREIGN, NULL },
	{ "{\"_raw\":\"" JSON, RECORD_FOREIGN, NULL },
	{ "{", RECORD_FOREIGN, NULL },
	{ "[[[[", RECORD_FOREIGN, NULL },
	{ "{}", RECORD_FOREIGN, NULL },
	/* Ours, but only the sentence is left. */
	{ "Nov 22 08:14:02 web-7 pidtreed[712] " TEXT, RECORD_BARE, NULL },
	{ "Nov 22 08:14:02 web-7 pidtreed[712]: [meta sequenceId=\"1\"] a",
	    RECORD_BARE, NULL },
	{ "{\"message\":\"web-7 pidtreed[712]: " TEXT "\"}", RECORD_BARE,
	    NULL },
	/* Not ours. */
	{ "", RECORD_FOREIGN, NULL },
	{ "Nov 22 08:14:02 web-7 sshd[99]: Accepted publickey for alice",
	    RECORD_FOREIGN, NULL },
	{ "Nov 22 08:14:02 web-7 pidtreed[712]: configuration read",
	    RECORD_FOREIGN, NULL },
	{ "<86>1 2026-11-22T08:14:02Z web-7 sshd 99 - - pidtreed 1 A",
	    RECORD_FOREIGN, NULL },
	{ " pidtreed 712 CONNECT [", RECORD_FOREIGN, NULL },
	{ "x pidtreed 712 CONNECT [", RECORD_FOREIGN, NULL },
	{ "x y pidtreed 712 CONNECT [", RECORD_FOREIGN, NULL },
	{ "2026-11-22T08:14:02Z web-7 pidtreed 712 CONNECT ", RECORD_FOREIGN,
	    NULL },
	{ "2026-11-22T08:14:02Z web-7 pidtreed 712 ", RECORD_FOREIGN, NULL },
	{ "2026-11-22T08:14:02Z web-7 pidtreed ", RECORD_FOREIGN, NULL },
	{ "pidtreed[", RECORD_FOREIGN, NULL },
};

static void
finds(void **state)
{
	struct record *r = record_new();
	const char *msg, *want;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum record_kind kind = record_find(r, cases[i].line,
		    strlen(cases[i].line), &msg, &n);

		if (kind != cases[i].kind)
			fail_msg("case %zu: kind %d", i, kind);
		if (kind != RECORD_MESSAGE)
			continue;
		want = cases[i].want == NULL ? WANT : cases[i].want;
		if (n != strlen(want) || memcmp(msg, want, n) != 0)
			fail_msg("case %zu: %.*s", i, (int)n, msg);
	}
	record_free(r);
}

/* No line makes it read beyond its end; and NULs are no end. */
static void
every_prefix(void **state)
{
	struct record *r = record_new();
	const char *msg;
	char line[2048];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (j = 0; j < strlen(cases[i].line); j++) {
			char *copy = test_malloc(j + 1);

			memcpy(copy, cases[i].line, j);
			record_find(r, copy, j, &msg, &n);
			test_free(copy);
		}
	memset(line, 0, 512);
	memcpy(line + 512, WANT, strlen(WANT));
	assert_int_equal(record_find(r, line, 512 + strlen(WANT), &msg, &n),
	    RECORD_MESSAGE);
	assert_int_equal(n, strlen(WANT));
	record_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
