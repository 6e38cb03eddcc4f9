/* SPDX-License-Identifier: BSD-2-Clause */
/* expr: what expressions say of a message, and what is said of those that
   are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "fields.h"
#include "rfc5424.h"
#include "text.h"

#define N(a)		(sizeof(a) / sizeof((a)[0]))
#define CONNECT		(1u << MSG_CONNECT)
#define NOW		INT64_C(1795334400000000)  /* 2026-11-22T08:00:00Z */

/* Four ancestors, of which one has gone; no container, and a name with a
   control character. */
static const char curl[] =
"<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
"[meta sequenceId=\"1041\" sysUpTime=\"8124400\"]"
"[host@32473 id=\"i-0abc12def34567890\" boot=\"5c1f2e90\"]"
"[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
" src=\"10.0.3.17\" spt=\"51514\" dst=\"203.0.113.4\" dpt=\"443\""
" deviceDirection=\"1\" spid=\"4242\" sproc=\"cu\\\\x1brl\" suid=\"1000\""
" suser=\"alice\" gid=\"100\" group=\"users\""
" auid=\"1000\" auser=\"alice\" ses=\"42\""
" exe=\"/usr/bin/curl\" cmd=\"curl -s 'https://updates.example.net/'\""
" born=\"2026-11-22T08:14:02.101Z\" unit=\"ssh.service\""
" externalId=\"5c1f2e90aabbccdd-1-77\"]"
"[ancestry@32473 depth=\"5\""
" spid1=\"4200\" sproc1=\"bash\" suid1=\"1000\" suser1=\"alice\""
" exe1=\"/usr/bin/bash\" cmd1=\"-bash\""
" spid2=\"4100\" sproc2=\"sudo\" suid2=\"0\" suser2=\"root\""
" gid2=\"0\" group2=\"root\""
" exe2=\"/usr/bin/sudo\" state2=\"exited\""
" spid3=\"900\" sproc3=\"sshd\" suid3=\"0\" suser3=\"root\""
" exe3=\"/usr/sbin/sshd\" born3=\"2026-11-20T01:00:00.000Z\""
" spid4=\"1\" sproc4=\"systemd\" suid4=\"0\" suser4=\"root\""
" exe4=\"/usr/lib/systemd/systemd\"] x";

static const char nat64[] =
"<86>1 2026-11-22T08:14:02Z web-7 pidtreed 712 CONNECT "
"[host@32473 id=\"h\"][event@32473 act=\"connect\" proto=\"TCP\""
" src=\"2001:db8::17\" dst=\"64:ff9b::cb00:7104\" nat64=\"203.0.113.4\""
" dpt=\"443\" spid=\"9\" container=\"0123abcd\" cgroup=\"/a/b\"] x";

/* What is a field of a connection is a counter here. */
static const char stats[] =
"<86>1 2026-11-22T08:14:02Z web-7 pidtreed 712 STATS "
"[host@32473 id=\"h\"][event@32473 rss=\"9\" repair=\"7\"] x";

static const char lost[] =
"<86>1 2026-11-22T08:14:02Z web-7 pidtreed 712 LOST "
"[host@32473 id=\"h\"][event@32473 cause=\"attempts_full\" cnt=\"2\"] x";

/* Of curl. */
static const struct {
	const char *text;
	bool want;
} right[] = {
	/* text */
	{ "exe = /usr/bin/curl", true },
	{ "exe=/usr/bin/curl", true },
	{ "exe = \"/usr/bin/curl\"", true },
	{ "exe = '/usr/bin/curl'", true },
	{ "exe = /usr/bin/cur", false },
	{ "exe = /usr/bin/curl2", false },
	{ "exe = curl", false },
	{ "exe != /usr/bin/wget", true },
	{ "exe!=/usr/bin/curl", false },
	{ "exe in (/usr/bin/wget, /usr/bin/curl)", true },
	{ "exe in /usr/bin/curl", true },
	{ "exe not in (/usr/bin/wget, /usr/bin/curl)", false },
	{ "exe not in (/usr/bin/wget)", true },
	{ "suser = alice", true },
	{ "suser = Alice", false },
	{ "group = users and gid = 100", true },
	{ "group in (adm, root)", false },
	{ "any.group in (adm, root)", true },
	{ "gid2 = 0", true },
	{ "proto = tcp", true },
	{ "proto in (udp, tcp)", true },
	{ "sproc = cu\\x1brl", true },
	{ "sproc = \"cu\\x1brl\"", true },
	{ "unit = ssh.service and outcome = established", true },
	{ "cmd = \"curl -s 'https://updates.example.net/'\"", true },
	{ "sproc1 = and", false },
	/* regular expressions */
	{ "cmd ~ updates\\.example", true },
	{ "cmd ~ '^curl .*/'", true },
	{ "cmd ~ '^bash'", false },
	{ "cmd !~ bash", true },
	{ "cmd !~ curl", false },
	{ "exe ~ '/(curl|wget)$'", true },
	{ "exe~curl", true },
	{ "sproc ~ 'cu.rl'", true },
	{ "sproc ~ '[[:cntrl:]]'", true },
	/* numbers and ports */
	{ "dpt = 443", true },
	{ "dpt=443 and dpt!=80", true },
	{ "dpt = 0443", true },
	{ "dpt < 1024", true },
	{ "dpt < 443", false },
	{ "dpt <= 443", true },
	{ "dpt > 443", false },
	{ "dpt >= 443", true },
	{ "dpt >= 444", false },
	{ "dpt in (80, 443)", true },
	{ "dpt in (80, 8000-8999)", false },
	{ "dpt in 400-500", true },
	{ "dpt not in (80, 8000-8999)", true },
	{ "suid = 1000 and suid > 999", true },
	{ "sequenceId = 1041", true },
	{ "depth >= 5", true },
	/* addresses and networks */
	{ "dst = 203.0.113.4", true },
	{ "dst = ::ffff:203.0.113.4", true },
	{ "dst != 203.0.113.4", false },
	{ "dst in 203.0.113.0/24", true },
	{ "dst in (198.51.100.0/24, 203.0.113.0/30)", false },
	{ "dst in (198.51.100.0/24, 203.0.113.4)", true },
	{ "dst not in 203.0.113.0/24", false },
	{ "dst in ::/0", false },
	{ "dst in 0.0.0.0/0", true },
	{ "src in 10.0.0.0/8", true },
	/* times: what is written has a length */
	{ "born > 2026-11-22", false },
	{ "born >= 2026-11-22", true },
	{ "born = 2026-11-22", true },
	{ "born < 2026-11-23", true },
	{ "born <= 2026-11-21", false },
	{ "born = 2026-11-22T08:14", true },
	{ "born = '2026-11-22 08:14:02'", true },
	{ "born = 2026-11-22T08:14:02Z", true },
	{ "born = 2026-11-22T09:14:02.101+01:00", true },
	{ "born = 2026-11-22T08:14:02.100Z", false },
	{ "born3 < -1d", true },
	{ "born3 < -3d", false },
	{ "born = today", true },
	{ "born3 < yesterday", true },
	{ "time > now", true },
	/* any generation */
	{ "exe1 = /usr/bin/bash", true },
	{ "exe2 = /usr/bin/sudo and exe4 = /usr/lib/systemd/systemd", true },
	{ "suser4 = root", true },
	{ "exe5 = /sbin/init", false },
	{ "exe999999999 = /sbin/init", false },
	{ "any.exe = /usr/sbin/sshd", true },
	{ "any.exe = /usr/bin/curl", true },
	{ "any.exe = /usr/bin/wget", false },
	{ "any.exe ~ sudo", true },
	{ "any.suid = 0", true },
	{ "any.suid in 1-999", false },
	{ "any.state = exited", true },
	{ "any.sproc in (sshd, dropbear)", true },
	{ "any.born < 2026-11-21", true },
	/* != of any is that it is none of them */
	{ "any.exe != /usr/bin/wget", true },
	{ "any.exe != /usr/sbin/sshd", false },
	{ "any.cmd !~ curl", false },
	{ "any.suser not in (bob, carol)", true },
	{ "any.suser not in (bob, root)", false },
	/* what is not there */
	{ "container = 0123", false },
	{ "container != 0123", false },
	{ "container !~ 0", false },
	{ "container not in (0, 1)", false },
	{ "not container = 0123", true },
	{ "container", false },
	{ "not container", true },
	{ "unit", true },
	{ "any.state", true },
	{ "state", false },
	{ "any.script != x", false },
	{ "tid < 5 or tid >= 5", false },
	{ "nat64 = 203.0.113.4", false },
	{ "depth and not cut", true },
	/* and, or, not, brackets */
	{ "dpt = 80 or dpt = 443 and suid = 1000", true },
	{ "(dpt = 80 or dpt = 443) and suid = 0", false },
	{ "dpt = 443 or dpt = 80 and suid = 0", true },
	{ "not dpt = 80 and suid = 1000", true },
	{ "not (dpt = 80 and suid = 1000)", true },
	{ "not dpt = 443 or suid = 1000", true },
	{ "not not dpt = 443", true },
	{ "((((dpt = 443))))", true },
	{ "dpt=443 and(suid=1000)and(unit)", true },
	{ " \t\n dpt = 443\n  and suid = 1000\r\n", true },
	/* the header */
	{ "hostname = web-7 and id = i-0abc12def34567890", true },
	{ "msgid = connect", true },
	{ "msgid = CONNECT", true },
	{ "msgid != CONNECT", false },
	{ "msgid in (LOST, STATS)", false },
	{ "msgid", true },
	{ "time = 2026-11-22", true },
};

#define LONGER	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *text;
	unsigned column;
	const char *want;
} wrong[] = {
	{ "", 1, "expected a field, found the end" },
	{ "   ", 4, "expected a field, found the end" },
	{ "exee = x", 1, "unknown field \"exee\", did you mean \"exe\"?" },
	{ "dpt = 1 and exee", 13,
	    "unknown field \"exee\", did you mean \"exe\"?" },
	{ "externalID = x", 1,
	    "unknown field \"externalID\", did you mean \"externalId\"?" },
	{ "user = alice", 1,
	    "unknown field \"user\", did you mean \"suser\"?" },
	{ "groups = adm", 1, "unknown field \"groups\", the real group "
	    "of a process is in group; others that its user is in are not "
	    "recorded" },
	{ "any.gid = adm", 11,
	    "\"adm\": expected a number; names of groups are in group" },
	{ "exee3 = x", 1, "unknown field \"exee3\", did you mean \"exe\"?" },
	{ "any.exee = x", 1, "unknown field \"exee\", did you mean \"exe\"?" },
	{ "any. = x", 1,
	    "unknown field \"any.\", expected one that pidtreed.log(5) has" },
	{ "frobnicate = x", 1, "unknown field \"frobnicate\", expected one "
	    "that pidtreed.log(5) has" },
	{ LONGER LONGER " = x", 1, "unknown field "
	    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\", expected one "
	    "that pidtreed.log(5) has" },
	{ "dst2 = 192.0.2.1", 1, "\"dst\" is of the message and not of a "
	    "process, expected it without a number" },
	{ "any.dst = 192.0.2.1", 1, "\"dst\" is of the message and not of a "
	    "process, expected it without \"any.\"" },
	{ "exe0 = x", 1,
	    "unknown field \"exe0\", did you mean \"exe\"?" },
	{ "exe01 = x", 1, "unknown field \"exe01\", did you mean \"exe\"?" },
	{ "cause = x", 1, "\"cause\" is not in these messages, but in START, "
	    "STOP, RELOAD, STATS, LOST, CLOCK, HOST" },
	{ "\"exe\" = x", 1, "expected a field, found \"\"exe\"\"" },
	{ "= x", 1, "expected a field, found \"=\"" },
	{ "exe =", 6, "expected a value, found the end" },
	{ "exe == x", 6, "expected a value, found \"=\"" },
	{ "exe =~ x", 6, "expected a value, found \"~\"" },
	{ "exe ! x", 5, "expected !=, !~ or not, found \"!\"" },
	{ "exe /usr/bin/curl", 5,
	    "expected and, or, or the end, found \"/usr/bin/curl\"" },
	{ "exe = /usr/bin/curl -s", 21,
	    "expected and, or, or the end, found \"-s\"" },
	{ "exe = x && suid = 0", 9,
	    "expected and, or, or the end, found \"&&\"" },
	{ "exe = x AND suid = 0", 9,
	    "expected and, or, or the end, found \"AND\"" },
	{ "exe = x and", 12, "expected a field, found the end" },
	{ "and exe = x", 1,
	    "unknown field \"and\", expected one that pidtreed.log(5) has" },
	{ "not", 4, "expected a field, found the end" },
	{ "exe not = x", 9, "expected in, found \"=\"" },
	{ "exe < x", 5, "\"exe\" is a text, expected =, !=, ~, !~ or in" },
	{ "dpt ~ 4", 5, "\"dpt\" is a number, expected =, !=, <, >, <=, >= "
	    "or in" },
	{ "born ~ 2026", 6, "\"born\" is a time, expected =, !=, <, >, <=, >= "
	    "or in" },
	{ "dst ~ 203", 5, "\"dst\" is an address, expected =, != or in" },
	{ "dst > 10.0.0.1", 5, "\"dst\" is an address, expected =, != or in" },
	{ "dpt = https", 7, "\"https\": expected a port from 0 to 65535" },
	{ "dpt = 65536", 7, "\"65536\": expected a port from 0 to 65535" },
	{ "dpt = -1", 7, "\"-1\": expected a port from 0 to 65535" },
	{ "dpt = 80-90", 7, "\"80-90\": expected a port from 0 to 65535" },
	{ "dpt in (80, 90-80)", 13, "\"90-80\": expected the smaller end "
	    "first" },
	{ "dpt in (80 90)", 12, "expected \",\" or \")\", found \"90\"" },
	{ "dpt in ()", 9, "expected a value, found \")\"" },
	{ "dpt in (80,)", 12, "expected a value, found \")\"" },
	{ "dpt in (80", 11, "expected \",\" or \")\", found the end" },
	{ "dpt in", 7, "expected a value, found the end" },
	{ "suid = alice", 8, "\"alice\": expected a number; names of users are "
	    "in suser" },
	{ "auid in (alice)", 10, "\"alice\": expected a number; names of "
	    "users are in auser" },
	{ "depth = 9223372036854775808", 9, "\"9223372036854775808\": expected "
	    "a number" },
	{ "dst = example.net", 7, "\"example.net\": expected an IPv4 or IPv6 "
	    "address" },
	{ "dst = 203.0.113.0/24", 7, "\"203.0.113.0/24\": expected an address; "
	    "networks are asked for with in" },
	{ "dst in 203.0.113.4/24", 8, "\"203.0.113.4/24\": host bits set, "
	    "expected 203.0.113.0/24" },
	{ "dst in 203.0.113.0/33", 8, NULL },
	{ "dst in (203.0.113.0/24, x)", 25, "\"x\": expected an IPv4 or IPv6 "
	    "address or network" },
	{ "born > tomorrow", 8, "\"tomorrow\": expected a time: "
	    "2026-11-22T08:14:02Z, 2026-11-22, -2h, today, yesterday or now" },
	{ "born > 2026-13-01", 8, "\"2026-13-01\": expected a time: "
	    "2026-11-22T08:14:02Z, 2026-11-22, -2h, today, yesterday or now" },
	{ "exe = \"\"", 7, "an empty text, expected the name of the field "
	    "alone to ask whether it is there" },
	{ "exe = \"x", 7, "a quote without its end" },
	{ "exe = 'x\\'", 0, NULL },		/* that is right: x\ */
	{ "exe ~ '('", 7, NULL },
	{ "exe ~ 'a{300}{300}'", 7, "regular expression \"a{300}{300}\": "
	    "longer than 1000 characters with all repetitions written out" },
	{ "exe ~ 'a+++++'", 7, "regular expression \"a+++++\": "
	    "more than 4 repetitions, one in the other" },
	{ "exe ~ '((((((a+)b?)*)?|x)*)?)'", 7, "regular expression "
	    "\"((((((a+)b?)*)?|x)*)?)\": more than 4 repetitions, one in the "
	    "other" },
	{ "exe ~ '(((a{9}+){2})x){19}{9}'", 7, "regular expression "
	    "\"(((a{9}+){2})x){19}{9}\": longer than 1000 characters "
	    "with all repetitions written out" },
	{ "exe ~ '(a)\\1'", 7, "regular expression \"(a)\\1\": "
	    "back-references are not supported" },
	{ "exe ~ ''", 7, "regular expression \"\": empty" },
	{ "(exe = x", 9, "expected and, or, or \")\", found the end" },
	{ "exe = x)", 8, "expected and, or, or the end, found \")\"" },
	{ "()", 2, "expected a field, found \")\"" },
	{ "exe = a\x1b[31m", 8, "a byte 0x1b that is no character, expected "
	    "\\x1b for it" },
	{ "exe = \xff", 7, "a byte 0xff that is no character, expected "
	    "\\xff for it" },
	/* Columns are characters. */
	{ "exe = \"\xc3\xa4\xc3\xb6\" and x", 16,
	    "unknown field \"x\", expected one that pidtreed.log(5) has" },
	{ "exe = x; rm -rf /", 10,
	    "expected and, or, or the end, found \"rm\"" },
	{ "exe = $(reboot)", 8,
	    "expected and, or, or the end, found \"(\"" },
};

static char mem[4096];

static const struct message *
read_message(const char *line)
{
	static struct message m;
	const char *why;
	size_t where;

	if (rfc5424_parse(&m, line, strlen(line), mem, sizeof(mem), &where,
	    &why) < 0)
		fail_msg("%zu: %s", where, why);
	return &m;
}

/* Memory that ends where the text ends. */
static struct expr *
compile(const char *text, size_t n, unsigned msgids, int64_t now,
    struct expr_error *error)
{
	char *copy = malloc(n == 0 ? 1 : n);
	struct expr *e;

	memcpy(copy, text, n);
	e = expr_new(copy, n, msgids, now, error);
	free(copy);
	return e;
}

static bool
decide(const char *text, const struct message *m)
{
	struct expr_error error;
	struct expr *e = compile(text, strlen(text), EXPR_ANY_MESSAGE, NOW,
	    &error);
	bool is;

	if (e == NULL)
		fail_msg("%s: %u: %s", text, error.column, error.text);
	is = expr_match(e, m);
	expr_free(e);
	return is;
}

static void
decides(void **state)
{
	const struct message *m = read_message(curl);
	char no[512];
	size_t i;

	(void)state;
	for (i = 0; i < N(right); i++) {
		if (decide(right[i].text, m) != right[i].want)
			fail_msg("%s: not %d", right[i].text, right[i].want);
		snprintf(no, sizeof(no), "not (%s)", right[i].text);
		if (decide(no, m) == right[i].want)
			fail_msg("%s: %d", no, right[i].want);
	}
}

static void
other_messages(void **state)
{
	static const struct {
		const char *line, *text;
		bool want;
	} cases[] = {
		{ nat64, "dst = 203.0.113.4", true },
		{ nat64, "dst = 64:ff9b::cb00:7104", true },
		{ nat64, "dst != 203.0.113.4", false },
		{ nat64, "dst in 203.0.113.0/24", true },
		{ nat64, "dst in 64::/16", true },
		{ nat64, "nat64 = 203.0.113.4", true },
		{ nat64, "nat64", true },
		{ nat64, "src in 2001:db8::/32", true },
		{ nat64, "src not in 2001:db8::/32", false },
		{ nat64, "src = 2001:DB8:0::17", true },
		{ nat64, "container = 0123abcd and cgroup ~ ^/a/", true },
		{ nat64, "spid = 9", true },
		{ nat64, "spt", false },
		{ nat64, "exe1", false },
		{ stats, "repair = 7", true },
		{ stats, "repair != 7", false },
		{ nat64, "repair", false },
		{ lost, "repair", false },
		{ lost, "msgid = lost and cnt > 1", true },
		{ lost, "cause ~ full", true },
		{ lost, "dst in 0.0.0.0/0 or dst in ::/0", false },
		{ lost, "dst", false },
		{ lost, "any.exe != x", false },
		{ lost, "not any.exe = x", true },
		{ lost, "time = 2026-11-22T08:14:02Z", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		if (decide(cases[i].text, read_message(cases[i].line)) !=
		    cases[i].want)
			fail_msg("%s: not %d", cases[i].text, cases[i].want);
}

static void
complains(void **state)
{
	struct expr_error error;
	struct expr *e;
	size_t i;

	(void)state;
	for (i = 0; i < N(wrong); i++) {
		e = compile(wrong[i].text, strlen(wrong[i].text), CONNECT, NOW,
		    &error);
		if ((e == NULL) != (wrong[i].column != 0))
			fail_msg("%s: %s", wrong[i].text, error.text);
		if (e == NULL && (error.column != wrong[i].column ||
		    (wrong[i].want != NULL &&
		    strcmp(error.text, wrong[i].want) != 0)))
			fail_msg("%s: %u: %s", wrong[i].text, error.column,
			    error.text);
		expr_free(e);
	}
	/* Without a now there is no time before it. */
	assert_null(compile("born < -1d", 10, CONNECT, NUM_NONE, &error));
	assert_string_equal(error.text, "\"-1d\": expected a time: "
	    "2026-11-22T08:14:02Z or 2026-11-22");
	assert_null(compile("born < now", 10, CONNECT, NUM_NONE, &error));
	e = compile("born < 2026", 11, CONNECT, NUM_NONE, &error);
	assert_null(e);
	e = compile("born < 2026-11-22", 17, CONNECT, NUM_NONE, &error);
	assert_non_null(e);
	expr_free(e);
	assert_null(compile("exe = \"a\0b\"", 11, CONNECT, NOW, &error));
	assert_string_equal(error.text, "a NUL, expected \\x00 for it");
	assert_null(compile("exe = a\0b", 9, CONNECT, NOW, &error));
	assert_int_equal(error.column, 8);
}

/* times times a text, between two others; what is said of it, or NULL. */
static const char *
many(const char *before, const char *text, size_t times, const char *after)
{
	static struct expr_error error;
	size_t n = strlen(text), at = strlen(before), i;
	char *s = malloc(at + n * times + strlen(after) + 1);
	struct expr *e;

	strcpy(s, before);
	for (i = 0; i < times; i++, at += n)
		memcpy(s + at, text, n);
	strcpy(s + at, after);
	e = compile(s, strlen(s), CONNECT, NOW, &error);
	if (e != NULL)
		expr_match(e, read_message(curl));
	expr_free(e);
	free(s);
	return e == NULL ? error.text : NULL;
}

static void
is_bounded(void **state)
{
	(void)state;
	assert_null(many("dpt=1", " and dpt=1", EXPR_NODES / 2 - 1, ""));
	assert_string_equal(many("dpt=1", " and dpt=1", EXPR_NODES / 2, ""),
	    "expected at most 512 comparisons, and, or, not");
	assert_null(many("", "not ", EXPR_DEPTH, "dpt=1"));
	assert_string_equal(many("", "not ", EXPR_DEPTH + 1, "dpt=1"),
	    "expected at most 32 brackets and not, one in the other");
	assert_string_equal(many("", "(", 16000, ""),
	    "expected at most 32 brackets and not, one in the other");
	assert_string_equal(many("", "((not ", 2000, ""),
	    "expected at most 32 brackets and not, one in the other");
	assert_null(many("dpt in (1", ",2", EXPR_VALUES - 1, ")"));
	assert_string_equal(many("dpt in (1", ",2", EXPR_VALUES, ")"),
	    "expected at most 1024 values");
	assert_null(many("exe ~ a", " or exe ~ b", EXPR_PATTERNS - 1, ""));
	assert_string_equal(many("exe ~ a", " or exe ~ b", EXPR_PATTERNS, ""),
	    "expected at most 32 regular expressions");
	assert_null(many("exe=", "x", EXPR_LENGTH - 4, ""));
	assert_string_equal(many("exe=", "x", EXPR_LENGTH - 3, ""),
	    "expected at most 16384 bytes");
	assert_null(many("exe ~ ", "x", 256, ""));
	assert_string_equal(many("exe ~ ", "x", 257, ""), "regular expression "
	    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\": longer than 256 "
	    "bytes");
	assert_null(many("cmd ~ '", "(.*x)", 40, "'"));
	assert_null(many("cmd ~ '", "(.*x|", 40,
	    "y))))))))))))))))))))))))))))))))))))))))'"));
}

/* As `any.exe=/bin/sh dst=192.0.2.0/24`. */
static const char *
literals(const char *text)
{
	static char out[1024];
	struct expr_literal l[8];
	struct expr_error error;
	struct expr *e = compile(text, strlen(text), CONNECT, NOW, &error);
	struct buf b;
	size_t i, n;

	if (e == NULL)
		fail_msg("%s: %s", text, error.text);
	n = expr_literals(e, false, l, N(l));
	buf_init(&b, out, sizeof(out));
	for (i = 0; i < n; i++) {
		buf_addf(&b, "%s%s%s=", i > 0 ? " " : "",
		    l[i].generation ? "any." : "", l[i].name);
		if (l[i].value.s != NULL)
			buf_add(&b, l[i].value.s, l[i].value.n);
		else
			prefix_write(&l[i].net, &b);
	}
	expr_free(e);
	return buf_cstr(&b);
}

static void
knows_what_to_look_for(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "exe = /bin/sh", "exe=/bin/sh" },
		{ "any.exe = /bin/sh", "any.exe=/bin/sh" },
		{ "exe3 = /bin/sh", "any.exe=/bin/sh" },
		{ "exe in (/bin/sh, /bin/ash)", "exe=/bin/sh exe=/bin/ash" },
		{ "dst = 192.0.2.1", "dst=192.0.2.1/32" },
		{ "dst in (192.0.2.0/24, 2001:db8::/32)",
		    "dst=192.0.2.0/24 dst=2001:db8::/32" },
		{ "exe = a and dst = 192.0.2.1", "dst=192.0.2.1/32" },
		{ "unit = x and exe in (a, b, c)", "exe=a exe=b exe=c" },
		{ "exe in (a, b) and suser = x", "suser=x" },
		{ "exe = a or suser1 = x", "exe=a any.suser=x" },
		{ "(exe = a or exe = b) and not dst = 192.0.2.1",
		    "exe=a exe=b" },
		{ "dpt = 443 and exe = a and cmd ~ x", "exe=a" },
		{ "exe = a or dpt = 443", "" },
		{ "not exe = a", "" },
		{ "exe != a", "" },
		{ "exe not in (a, b)", "" },
		{ "exe", "" },
		{ "exe ~ a", "" },
		{ "exe = 'a b'", "exe=a b" },
		{ "exe = a\\x1bb", "" },
		{ "exe = 'a\"b'", "" },
		{ "exe = \xc3\xa4", "" },
		{ "cmd = ls", "" },
		{ "proto = TCP", "" },
		{ "msgid = CONNECT", "" },
		{ "hostname = web-7", "" },
		{ "born = today", "" },
		{ "exe in (1,2,3,4,5,6,7,8)",
		    "exe=1 exe=2 exe=3 exe=4 exe=5 exe=6 exe=7 exe=8" },
		{ "exe in (1,2,3,4,5,6,7,8,9)", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		if (strcmp(literals(cases[i].text), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].text,
			    literals(cases[i].text));
}

/* A message that an expression is true of has what is looked for. */
static bool
has_literal(const struct message *m, const struct expr_literal *l)
{
	char other[512];
	struct buf b;

	buf_init(&b, other, sizeof(other));
	buf_addf(&b, "%s%s ", l->generation ? "any." : "", l->name);
	if (l->value.s != NULL) {
		buf_adds(&b, "= '");
		buf_add(&b, l->value.s, l->value.n);
		buf_addc(&b, '\'');
	} else {
		buf_adds(&b, "in ");
		prefix_write(&l->net, &b);
	}
	return decide(buf_cstr(&b), m);
}

static void
looks_for_what_is_there(void **state)
{
	struct expr_literal l[8];
	struct expr_error error;
	size_t i, k, n, looked = 0;
	struct expr *e;
	bool one;

	(void)state;
	for (i = 0; i < N(right); i++) {
		e = compile(right[i].text, strlen(right[i].text), CONNECT, NOW,
		    &error);
		n = expr_literals(e, false, l, N(l));
		for (one = false, k = 0; k < n; k++)
			one |= has_literal(read_message(curl), l + k);
		if (n > 0 && right[i].want && !one)
			fail_msg("%s", right[i].text);
		looked += n > 0 && right[i].want;
		expr_free(e);
	}
	assert_in_range(looked, 20, N(right));
}

/* What is beyond EXPR_SUBJECT bytes of a value is not looked at. */
static void
looks_at_the_front(void **state)
{
	static char front[EXPR_SUBJECT + 2];
	struct message m = *read_message(curl);
	struct expr_error error;
	struct expr *e = expr_new("cmd ~ x", 7, CONNECT, NUM_NONE, &error);

	(void)state;
	memset(front, 'a', sizeof(front));
	m.gen[0].cmd = (struct str){ front, sizeof(front) };
	front[EXPR_SUBJECT] = 'x';
	assert_false(expr_match(e, &m));
	front[EXPR_SUBJECT - 1] = 'x';
	assert_true(expr_match(e, &m));
	expr_free(e);
}

/* What is compared with each process counts for each. */
static void
says_what_it_costs(void **state)
{
	static const struct {
		const char *text;
		size_t one, ten;
	} cases[] = {
		{ "dpt = 443", 2, 2 },
		{ "auser", 1, 10 },
		{ "not dpt in (1, 2, 3-4)", 4, 4 },
		{ "any.exe = /bin/sh", 2, 20 },
		{ "dst = 192.0.2.1 and any.spid in (1, 2) or suid = 0", 7, 52 },
	};
	struct expr_error error;
	struct expr *e;
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		e = expr_new(cases[i].text, strlen(cases[i].text), CONNECT,
		    NUM_NONE, &error);
		assert_non_null(e);
		assert_int_equal(expr_work(e, 1), cases[i].one);
		assert_int_equal(expr_work(e, 10), cases[i].ten);
		expr_free(e);
	}
}

/* Every row can be asked for; at most two have one name, and are of one
   type. */
static void
knows_all_fields(void **state)
{
	const struct field *f, *g;
	struct expr_error error;
	struct expr *e;
	unsigned same;

	(void)state;
	for (f = fields; f < fields + nfields; f++) {
		e = expr_new(f->name, f->len, f->msgids, NUM_NONE, &error);
		if (e == NULL)
			fail_msg("%s: %s", f->name, error.text);
		expr_free(e);
		same = 0;
		for (g = f + 1; g < fields + nfields; g++)
			if (strcmp(f->name, g->name) == 0 &&
			    (f->type != g->type || f->generation ||
			    g->generation || ++same > 1))
				fail_msg("%s cannot be told apart", f->name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(other_messages),
		cmocka_unit_test(complains),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(knows_what_to_look_for),
		cmocka_unit_test(looks_for_what_is_there),
		cmocka_unit_test(looks_at_the_front),
		cmocka_unit_test(says_what_it_costs),
		cmocka_unit_test(knows_all_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
