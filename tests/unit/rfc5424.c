/* SPDX-License-Identifier: BSD-2-Clause */
/* rfc5424: what is written, what is read, and that they are inverse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../abnf.h"
#include "../same.h"
#include "rfc5424.h"
#include "text.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static char out[RFC5424_MAX + 1], mem[20000];

static struct str
S(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static const char *
written(const struct message *m)
{
	size_t n = rfc5424_write(m, out);

	assert_in_range(n, 1, RFC5424_MAX);
	out[n] = '\0';
	if (abnf_error(out, n) != NULL)
		fail_msg("%s\n%s", abnf_error(out, n), out);
	return out;
}

static bool
has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

static int
parse(struct message *m, const char *line, size_t n)
{
	const char *why;
	size_t where;

	return rfc5424_parse(m, line, n, mem, n + 1024, &where, &why);
}

static struct generation *
generation(struct message *m, int64_t pid, const char *comm)
{
	struct generation *g = message_add_generation(m);

	g->dist = m->ngen - 1;
	g->pid = pid;
	g->comm = S(comm);
	return g;
}

/* The example of pidtreed.log(5). */
static void
example(struct message *m)
{
	struct generation *g;

	message_init(m, MSG_CONNECT);
	m->time = INT64_C(1795335242113245);
	m->hostname = S("web-7");
	m->app = S("pidtreed");
	m->procid = 712;
	m->seq = 1041;
	m->uptime = 8124400;
	m->hostid = S("i-0abc12def34567890");
	m->boot = S("5c1f2e90");
	m->act = S("connect");
	m->outcome = S("established");
	m->proto = S("TCP");
	m->family = AF_INET;
	assert_int_equal(text_parse_addr("10.0.3.17", 9, &m->src), 0);
	assert_int_equal(text_parse_addr("203.0.113.4", 11, &m->dst), 0);
	m->spt = 51514;
	m->dpt = 443;
	m->direction = 1;
	m->unit = S("ssh.service");
	m->depth = 4;
	g = generation(m, 4242, "curl");
	g->uid = g->auid = 1000;
	g->user = g->auser = S("alice");
	g->ses = 42;
	g->exe = S("/usr/bin/curl");
	g->cmd = S("curl -s https://updates.example.net/");
	g->born = INT64_C(1795335242101000);
	g = generation(m, 4200, "bash");
	g->uid = 1000;
	g->cmd = S("-bash");
	generation(m, 4100, "sshd")->state = S("exited");
	generation(m, 1, "systemd");
}

static void
writes_the_example(void **state)
{
	struct message m;

	(void)state;
	example(&m);
	assert_string_equal(written(&m),
	    "<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
	    "[meta sequenceId=\"1041\" sysUpTime=\"8124400\"]"
	    "[host@32473 id=\"i-0abc12def34567890\" boot=\"5c1f2e90\"]"
	    "[event@32473 act=\"connect\" outcome=\"established\" "
	    "proto=\"TCP\" src=\"10.0.3.17\" spt=\"51514\" "
	    "dst=\"203.0.113.4\" dpt=\"443\" deviceDirection=\"1\" "
	    "spid=\"4242\" sproc=\"curl\" suid=\"1000\" suser=\"alice\" "
	    "auid=\"1000\" auser=\"alice\" ses=\"42\" exe=\"/usr/bin/curl\" "
	    "cmd=\"curl -s https://updates.example.net/\" "
	    "born=\"2026-11-22T08:14:02.101Z\" unit=\"ssh.service\"]"
	    "[ancestry@32473 depth=\"4\" "
	    "chain=\"curl(4242)<bash(4200)<sshd(4100)<systemd(1)\" "
	    "spid1=\"4200\" sproc1=\"bash\" suid1=\"1000\" cmd1=\"-bash\" "
	    "spid2=\"4100\" sproc2=\"sshd\" state2=\"exited\" "
	    "spid3=\"1\" sproc3=\"systemd\"] "
	    "web-7 alice: curl(4242) -> 203.0.113.4:443/tcp established; "
	    "curl<bash<sshd<systemd");
}

static void
escapes_values(void **state)
{
	static const struct {
		const char *raw, *comm, *sentence;
	} t[] = {
		{ "a\"b]c\\d", "sproc=\"a\\\"b\\]c\\\\d\"",
		    ": a\"b]c\\d(1)" },
		{ "\n[x@1 y=\"z\"]", "sproc=\"\\\\x0a[x@1 y=\\\"z\\\"\\]\"",
		    ": \\x0a[x@1\\x20y=\"z\"](1)" },
		{ "a\\x41", "sproc=\"a\\\\x5cx41\"", ": a\\x5cx41(1)" },
		{ "h\xc3\xa9\xe9", "sproc=\"h\xc3\xa9\\\\xe9\"",
		    ": h\xc3\xa9\\xe9(1)" },
		{ "a<b>(c);d,e f", "chain=\"a\\\\x3cb\\\\x3e\\\\x28c\\\\x29"
		    "\\\\x3bd\\\\x2ce\\\\x20f(1)<p(2)\"",
		    ": a\\x3cb\\x3e\\x28c\\x29\\x3bd\\x2ce\\x20f(1)" },
		{ "eight by\x7fte\x01", "sproc=\"eight by\\\\x7fte\\\\x01\"",
		    ": eight\\x20by\\x7fte\\x01(1)" },
	};
	struct message m;
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++) {
		message_init(&m, MSG_CONNECT);
		m.hostname = S("h");
		generation(&m, 1, t[i].raw);
		generation(&m, 2, "p");
		written(&m);
		if (!has(out, t[i].comm) || !has(out, t[i].sentence))
			fail_msg("%s", out);
	}
}

/* The shell's escapes in cmd are not ours. */
static void
keeps_shell_text(void **state)
{
	struct message m, back;

	(void)state;
	message_init(&m, MSG_CONNECT);
	generation(&m, 1, "a")->cmd = S("echo $'a\\x0a]' 'b\\x41'");
	assert_true(has(written(&m),
	    " cmd=\"echo $'a\\\\x0a\\]' 'b\\\\x41'\""));
	assert_int_equal(parse(&back, out, strlen(out)), 0);
	assert_true(same_str(&m.gen[0].cmd, &back.gen[0].cmd));
}

static void
fills_the_header(void **state)
{
	char longname[300];
	struct message m;

	(void)state;
	message_init(&m, MSG_STOP);
	assert_string_equal(written(&m), "<86>1 - - - - STOP - pidtreed "
	    "stopped");
	memset(longname, 'x', sizeof(longname));
	m.hostname = (struct str){ longname, sizeof(longname) };
	m.app = (struct str){ longname, 100 };
	m.facility = 23;
	m.severity = 7;
	m.procid = INT64_MAX;
	m.text = S("t");
	written(&m);
	assert_int_equal(strspn(out + strlen("<191>1 - "), "x"), 255);
	assert_string_equal(out + strlen("<191>1 - ") + 255 + 1 + 48,
	    " 9223372036854775807 STOP - t");
	m.hostname = S("a b\n\xc3\xa9");
	m.app = S("]");
	assert_string_equal(written(&m),
	    "<191>1 - a?b??? ] 9223372036854775807 STOP - t");
}

static void
numbers_the_series(void **state)
{
	static const struct {
		int64_t seq;
		const char *want;
	} t[] = {
		{ 1, "[meta sequenceId=\"1\"]" },
		{ INT64_C(2147483647), "\"2147483647\"" },
		{ INT64_C(2147483648), "\"1\"" },
		{ INT64_C(2147483647) * 5 + 7, "\"7\"" },
	};
	struct message m;
	size_t i;

	(void)state;
	message_init(&m, MSG_STOP);
	for (i = 0; i < N(t); i++) {
		m.seq = t[i].seq;
		assert_true(has(written(&m), t[i].want));
	}
}

static void
leaves_out_what_is_not_known(void **state)
{
	struct message m;
	struct generation *g;

	(void)state;
	message_init(&m, MSG_CONNECT);
	m.family = AF_INET;
	m.dst.s6_addr[10] = m.dst.s6_addr[11] = 0xff;	/* 0.0.0.0 */
	m.outcome = S("");
	m.spt = -1;
	g = generation(&m, 5, "");
	g->auid = -1;
	assert_string_equal(written(&m), "<86>1 - - - - CONNECT "
	    "[event@32473 spid=\"5\"][ancestry@32473 chain=\"?(5)\"] "
	    "?(5) -> ?");
}

/* The nearest 8 and the outermost 2; N is what is between. */
static void
shortens_the_chain(void **state)
{
	static const struct {
		int n, jump;	/* generations; distance left out before last */
		const char *want;
	} t[] = {
		{ 1, 0, "chain=\"p0(100)\"" },
		{ 10, 0, "<p7(107)<p8(108)<p9(109)\"" },
		{ 11, 0, "<p7(107)<(+1)<p9(109)<p10(110)\"" },
		{ 32, 0, "<p7(107)<(+22)<p30(130)<p31(131)\"" },
		{ 32, 5, "<p7(107)<(+22)<p30(130)<(+5)<p31(131)\"" },
		{ 3, 7, "chain=\"p0(100)<p1(101)<(+7)<p2(102)\"" },
	};
	char names[GENERATIONS][8];
	struct message m;
	struct generation *g;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < N(t); i++) {
		message_init(&m, MSG_CONNECT);
		for (k = 0; k < t[i].n; k++) {
			names[k][0] = 'p';
			*text_put_uint(names[k] + 1, k) = '\0';
			g = generation(&m, 100 + k, names[k]);
			if (k == t[i].n - 1)
				g->dist += t[i].jump;
		}
		if (!has(written(&m), t[i].want))
			fail_msg("%s: %s", t[i].want, out);
	}
}

static void
speaks_of_itself(void **state)
{
	struct message m;

	(void)state;
	message_init(&m, MSG_STATS);
	m.hostname = S("h");
	m.software = S("pidtreed");
	m.swversion = S("1.0");
	m.tzknown = m.synced = 1;
	m.cnt = 7;
	m.counter[COUNTER_ring_full] = 3;	/* not a loss */
	m.counter[COUNTER_procs_full] = 2;
	m.ucounter[UCOUNTER_sink_dropped] = 1;
	assert_string_equal(written(&m), "<86>1 - h - - STATS "
	    "[origin software=\"pidtreed\" swVersion=\"1.0\"]"
	    "[timeQuality tzKnown=\"1\" isSynced=\"1\"]"
	    "[event@32473 cnt=\"7\" ring_full=\"3\" procs_full=\"2\" "
	    "sink_dropped=\"1\"] h: 7 connections logged, 3 lost");
	message_init(&m, MSG_LOST);
	m.counter[COUNTER_procs_full] = 2;
	m.ucounter[UCOUNTER_sink_dropped] = 1;
	assert_true(has(written(&m),
	    "] events lost: procs_full 2, sink_dropped 1"));
	message_init(&m, MSG_CLOCK);
	m.before = 0;
	m.after = 1500000;
	assert_string_equal(written(&m), "<86>1 - - - - CLOCK [event@32473 "
	    "before=\"1970-01-01T00:00:00.000000Z\" "
	    "after=\"1970-01-01T00:00:01.500000Z\"] clock stepped from "
	    "1970-01-01T00:00:00.000000Z to 1970-01-01T00:00:01.500000Z");
}

#define HEAD	"<86>1 2026-11-22T08:14:02.113245Z h pidtreed 1 CONNECT "

static void
refuses(void **state)
{
	static const struct {
		const char *line;
		size_t where;
		const char *why;
	} t[] = {
		{ "", 0, "<PRIORITY>" }, { "86>1 ", 0, "<PRIORITY>" },
		{ "<>1 ", 0, "<PRIORITY>" }, { "<192>1 ", 0, "<PRIORITY>" },
		{ "<086>1 ", 0, "<PRIORITY>" }, { "<8 6>1 ", 0, "<PRIORITY>" },
		{ "<86", 0, "<PRIORITY>" }, { "<0000>", 0, "<PRIORITY>" },
		{ "<86>2 - - - - STOP -", 4, "VERSION" },
		{ "<86>", 4, "VERSION" }, { "<86>11 ", 5, "VERSION" },
		{ "<86>1 x - - - STOP -", 6, "TIMESTAMP" },
		{ "<86>1  - - - STOP -", 6, "TIMESTAMP" },
		{ "<86>1 2026-11-22T08:14:02 - - - STOP -", 6, "TIMESTAMP" },
		{ "<86>1 2026-11-22t08:14:02Z - - - STOP -", 6, "TIMESTAMP" },
		{ "<86>1 2026-11-22T08:14:02z - - - STOP -", 6, "TIMESTAMP" },
		{ "<86>1 2026-11-22T08:14:60Z - - - STOP -", 6, "TIMESTAMP" },
		{ "<86>1 2026-11-22T08:14:02.1234567Z - - - STOP -", 6,
		    "TIMESTAMP" },
		{ "<86>1 -", 6, "TIMESTAMP" },
		{ "<86>1 - \xc3\xa9 - - STOP -", 8, "HOSTNAME" },
		{ "<86>1 - - 1234567890123456789012345678901234567890123456789"
		    " - STOP -", 10, "APP-NAME" },
		{ "<86>1 - - -  STOP -", 12, "PROCID" },
		{ "<86>1 - - - - stop -", 14, "unknown MSGID" },
		{ "<86>1 - - - - -", 14, "MSGID" },
		{ "<86>1 - - - - STOP ", 19, "'[' or '-'" },
		{ "<86>1 - - - - STOP x", 19, "'[' or '-'" },
		{ "<86>1 - - - - STOP -x", 20, "' '" },
		{ "<86>1 - - - - STOP [", 20, "SD-ID" },
		{ "<86>1 - - - - STOP []", 20, "SD-ID" },
		{ "<86>1 - - - - STOP [ x]", 20, "SD-ID" },
		{ "<86>1 - - - - STOP [x", 21, "' ' or ']'" },
		{ "<86>1 - - - - STOP [x ]", 22, "PARAM-NAME" },
		{ "<86>1 - - - - STOP [x  a=\"\"]", 22, "PARAM-NAME" },
		{ "<86>1 - - - - STOP [x a]", 23, "'='" },
		{ "<86>1 - - - - STOP [x a=b]", 24, "'\"'" },
		{ "<86>1 - - - - STOP [x a=\"b]\"]", 26, "']'" },
		{ "<86>1 - - - - STOP [x a=\"b", 25, "value without end" },
		{ "<86>1 - - - - STOP [x a=\"b\\\"]", 28, "']'" },
		{ "<86>1 - - - - STOP [x a=\"b\"c=\"d\"]", 27, "' ' or ']'" },
		{ "<86>1 - - - - STOP [x123456789012345678901234567890123]",
		    20, "SD-ID" },
		{ "<86>1 - - - - STOP [meta][x][meta]", 28, "element given" },
		{ "<86>1 - - - - STOP [host@1][host@2]", 27, "element given" },
		{ "<86>1 - - - - STOP [meta sequenceId=\"x\"]", 25, "number" },
		{ "<86>1 - - - - STOP [meta sequenceId=\"-1\"]", 25, "number" },
		{ "<86>1 - - - - STOP [meta sequenceId=\"2147483648\"]", 25,
		    "up to 2147483647" },
		{ "<86>1 - - - - STOP [meta sysUpTime=\"9223372036854775808\"]",
		    25, "number" },
		{ "<86>1 - - - - STOP [meta sysUpTime=\"1\" sysUpTime=\"2\"]",
		    39, "given twice" },
		{ "<86>1 - - - - STOP [host@1 id=\"1\" id=\"2\"]", 34,
		    "given twice" },
		{ "<86>1 - - - - CONNECT [event@1 born=\"x\"]", 31, "time" },
		{ "<86>1 - - - - CONNECT [event@1 dst=\"1.2.3\"]", 31,
		    "address" },
		{ "<86>1 - - - - CONNECT [event@1 src=\"::1\" "
		    "dst=\"1.2.3.4\"]", 41, "two families" },
		{ "<86>1 - - - - CONNECT [ancestry@1 spid2=\"1\" spid1=\"2\"]",
		    44, "nearer" },
	};
	struct message m;
	const char *why;
	size_t i, where;

	(void)state;
	for (i = 0; i < N(t); i++)
		if (rfc5424_parse(&m, t[i].line, strlen(t[i].line), mem,
		    sizeof(mem), &where, &why) != -1)
			fail_msg("parsed: %s", t[i].line);
		else if (where != t[i].where || !has(why, t[i].why))
			fail_msg("%s: %zu: %s", t[i].line, where, why);
	assert_int_equal(rfc5424_parse(&m, HEAD "- text", strlen(HEAD "- text"),
	    mem, 3, &where, &why), -1);
	assert_true(has(why, "memory"));
}

static void
tolerates(void **state)
{
	static const char *const lines[] = {
		"<0>1 - - - - STOP -",
		"<191>1 - - - - STOP - ",
		"<86>1 2026-11-22T10:14:02+02:00 h.example a x STOP - text",
	};
	struct message m;
	const char *s;

	(void)state;
	assert_int_equal(parse(&m, lines[0], strlen(lines[0])), 0);
	assert_null(m.hostname.s);
	assert_true(m.time == NUM_NONE && m.procid == NUM_NONE);
	assert_int_equal(parse(&m, lines[1], strlen(lines[1])), 0);
	assert_int_equal(parse(&m, lines[2], strlen(lines[2])), 0);
	assert_int_equal(m.time, INT64_C(1795335242000000));
	assert_true(m.procid == NUM_NONE);
	assert_true(same_str(&m.text, &(struct str){ "text", 4 }));
	/* Unknown elements, parameters, numbers; empty values; a BOM. */
	s = HEAD "[x@1 y=\"\\]\" y=\"\\a\"][event@99999 zz=\"1\" suser=\"\" "
	    "spid=\"4\" dst=\"0.0.0.0\" sproc=\"\\a\\\\x41\"]"
	    "[host id=\"x\"][host@1.2 id=\"x\"][ancestry@7 sproc1=\"\" "
	    "spid0=\"9\" spid3=\"8\"] \xef\xbb\xbf" "a\nb";
	assert_int_equal(parse(&m, s, strlen(s)), 0);
	assert_true(same_str(&m.text, &(struct str){ "a?b", 3 }));
	assert_int_equal(m.ngen, 2);
	assert_int_equal(m.gen[0].pid, 4);
	assert_null(m.gen[0].user.s);
	assert_true(same_str(&m.gen[0].comm, &(struct str){ "\\aA", 3 }));
	assert_int_equal(m.gen[1].dist, 3);
	assert_int_equal(m.gen[1].pid, 8);
	assert_null(m.hostid.s);
	assert_int_equal(m.family, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_example),
		cmocka_unit_test(escapes_values),
		cmocka_unit_test(keeps_shell_text),
		cmocka_unit_test(fills_the_header),
		cmocka_unit_test(numbers_the_series),
		cmocka_unit_test(leaves_out_what_is_not_known),
		cmocka_unit_test(shortens_the_chain),
		cmocka_unit_test(speaks_of_itself),
		cmocka_unit_test(refuses),
		cmocka_unit_test(tolerates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
