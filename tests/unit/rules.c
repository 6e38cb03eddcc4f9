/* SPDX-License-Identifier: BSD-2-Clause */
/* rules: which are taken, what they say of a message, how a set changes. */
#include <stdlib.h>
#include <syslog.h>

#include "capture.h"
#include "expr.h"
#include "fields.h"
#include "rfc5424.h"
#include "rules.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define HEAD	"<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 "
#define HOST	"[meta sequenceId=\"1\"][host@32473 id=\"i-0abc\"]"

/* What is asked about: one name each. */
static const struct { const char *name, *line; } lines[] = {
{ "curl", HEAD "CONNECT " HOST
  "[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
  " src=\"10.0.3.17\" spt=\"51514\" dst=\"203.0.113.4\" dpt=\"443\""
  " dhost=\"updates.example.net\" spid=\"4242\" sproc=\"curl\" suid=\"1000\""
  " suser=\"alice\" auid=\"1000\" auser=\"alice\" ses=\"42\""
  " exe=\"/usr/bin/curl\" cmd=\"curl -s 'https://a b/'\" unit=\"ssh.service\""
  " externalId=\"x-1\"]"
  "[ancestry@32473 depth=\"5\" spid1=\"4200\" sproc1=\"bash\" suid1=\"1000\""
  " exe1=\"/usr/bin/bash\" spid2=\"4100\" sproc2=\"sshd\" suid2=\"1000\""
  " exe2=\"/usr/sbin/sshd\" spid3=\"800\" sproc3=\"sshd\" suid3=\"0\""
  " suser3=\"root\" exe3=\"/usr/sbin/sshd\" spid4=\"1\" sproc4=\"systemd\""
  " suid4=\"0\" suser4=\"root\" exe4=\"/usr/lib/systemd/systemd\"] x" },
{ "box", HEAD "CONNECT " HOST
  "[event@32473 act=\"connect\" outcome=\"refused\" proto=\"TCP\""
  " dst=\"2001:db8::9\" dpt=\"8443\" spid=\"77\" sproc=\"https\""
  " suid=\"100\" suser=\"_apt\" exe=\"/usr/lib/apt/methods/https\""
  " runtime=\"docker\" container=\"0123abcd\" containerName=\"build-7\""
  " image=\"debian:12\" cgroup=\"/docker/0123abcd\"]"
  "[ancestry@32473 depth=\"2\" spid1=\"1\" sproc1=\"systemd\" suid1=\"0\"] x" },
{ "apt", HEAD "CONNECT " HOST
  "[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
  " dst=\"203.0.113.80\" dpt=\"80\" spid=\"78\" sproc=\"http\""
  " suid=\"100\" suser=\"_apt\" exe=\"/usr/lib/apt/methods/http\"]"
  "[ancestry@32473 depth=\"2\" spid1=\"1\" sproc1=\"systemd\" suid1=\"0\"] x" },
{ "ns", HEAD "CONNECT " HOST
  "[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
  " dst=\"203.0.113.80\" dpt=\"80\" spid=\"79\" sproc=\"http\" suid=\"1000\""
  " exe=\"/usr/lib/apt/methods/http\" userns=\"4026532000\" nsuid=\"0\"]"
  "[ancestry@32473 depth=\"1\"] x" },
{ "nat64", HEAD "CONNECT " HOST
  "[event@32473 act=\"connect\" proto=\"TCP\" dst=\"64:ff9b::cb00:7104\""
  " nat64=\"203.0.113.4\" dpt=\"443\" spid=\"5\" sproc=\"x\" suid=\"0\"]"
  "[ancestry@32473 depth=\"1\"] x" },
{ "late", HEAD "OUTCOME " HOST
  "[event@32473 act=\"connect\" outcome=\"timeout\" proto=\"TCP\""
  " dst=\"203.0.113.4\" dpt=\"443\" spid=\"4242\" sproc=\"curl\" suid=\"0\""
  " exe=\"/usr/bin/curl\"][ancestry@32473 depth=\"1\"] x" },
{ "end", HEAD "CLOSE " HOST
  "[event@32473 act=\"close\" outcome=\"closed\" proto=\"TCP\""
  " dst=\"203.0.113.4\" dpt=\"443\" in=\"10\" out=\"900000\""
  " duration=\"61000\"] x" },
};

#define NLINES	N(lines)

static struct message message[NLINES];

static int
read_messages(void **state)
{
	static char mem[NLINES][4096];
	const char *why;
	size_t where;

	(void)state;
	for (size_t i = 0; i < NLINES; i++)
		if (rfc5424_parse(message + i, lines[i].line,
		    strlen(lines[i].line), mem[i], sizeof(mem[i]), &where,
		    &why) < 0)
			return -1;
	return 0;
}

static const struct message *
the(const char *name)
{
	for (size_t i = 0; i < NLINES; i++)
		if (strcmp(lines[i].name, name) == 0)
			return message + i;
	fail_msg("no message %s", name);
	return NULL;
}

static struct rules *
rules(const char *text)
{
	struct rules *r = rules_new();

	assert_non_null(r);
	if (rules_read_text(r, "f", text, strlen(text)) != 0)
		fail_msg("refused: %s", text);
	return r;
}

/* Of one rule that says `where: EXPRESSION` and these further keys: the
   messages that it is true of, by name. */
static const struct {
	const char *where, *more, *of;
} matching[] = {
	/* one field, and what is known of it */
	{ "exe = /usr/bin/curl", "", "curl" },
	{ "sproc = curl", "", "curl" },
	{ "sproc in (curl, http, https)", "", "curl box apt ns" },
	{ "sproc != curl", "", "box apt ns nat64" },
	{ "not sproc = curl", "", "box apt ns nat64" },
	{ "suser = alice", "", "curl" },
	{ "suser != alice", "", "box apt" },
	{ "not suser = alice", "", "box apt ns nat64" },
	{ "auser = alice", "", "curl" },
	{ "suid = 0", "", "nat64" },
	{ "suid < 1000", "", "box apt nat64" },
	{ "suid >= 1000", "", "curl ns" },
	{ "suid in (0-99, 1000)", "", "curl ns nat64" },
	{ "unit = ssh.service", "", "curl" },
	{ "unit", "", "curl" },
	{ "not unit", "", "box apt ns nat64" },
	{ "dpt = 443", "", "curl nat64" },
	{ "dpt in (80, 8000-8999)", "", "box apt ns" },
	{ "dst = 203.0.113.4", "", "curl nat64" },
	{ "dst = 64:ff9b::cb00:7104", "", "nat64" },
	{ "dst in 203.0.113.0/24", "", "curl apt ns nat64" },
	{ "dst in (203.0.113.0/26, 2001:db8::/32)", "", "curl box nat64" },
	{ "dst not in 203.0.113.0/24", "", "box" },
	{ "dst in 0.0.0.0/0", "", "curl apt ns nat64" },
	{ "dst in ::/0", "", "box nat64" },
	{ "dhost ~ '\\.example\\.net$'", "", "curl" },
	{ "proto = tcp", "", "curl box apt ns nat64" },
	{ "outcome = refused", "", "box" },
	{ "ses = 42 and auid = 1000", "", "curl" },
	{ "id = i-0abc", "", "curl box apt ns nat64" },
	{ "hostname = web-7", "", "curl box apt ns nat64" },
	{ "hostname = web-8", "", "" },
	/* ancestors: by distance, any, up to the fourth */
	{ "exe1 = /usr/bin/bash", "", "curl" },
	{ "exe2 = /usr/sbin/sshd", "", "curl" },
	{ "exe4 = /usr/lib/systemd/systemd", "", "curl" },
	{ "sproc4 = systemd and suser4 = root", "", "curl" },
	{ "exe5 = /usr/lib/systemd/systemd", "", "" },
	{ "any.exe = /usr/sbin/sshd", "", "curl" },
	{ "any.exe = /usr/bin/curl", "", "curl" },
	{ "any.exe ~ '/(bash|sh|dash)$'", "", "curl" },
	{ "any.suser = root", "", "curl" },
	{ "any.sproc != sshd", "", "box apt ns nat64" },
	{ "any.suid = 0", "", "curl box apt nat64" },
	/* together */
	{ "exe = /usr/bin/curl or dpt = 80", "", "curl apt" },
	{ "(sproc = curl or sproc = http) and suser = _apt", "", "apt" },
	{ "sproc = curl and sproc = http", "", "" },
	{ "not (dpt = 443 or dpt = 80)", "", "box" },
	{ "dst = 203.0.113.4 or unit = x or sproc = https", "",
	  "curl box nat64" },
	/* regular expressions, and what the other side chose */
	{ "cmd ~ 'https://a b/'", "", "curl" },
	{ "cmd ~ '^curl -s'", "", "curl" },
	{ "exe ~ '^/usr/bin/'", "", "curl" },
	{ "exe !~ '^/usr/bin/'", "", "apt" },
	{ "sproc ~ '.*.*.*.*.*x$'", "", "nat64" },
	/* files are the host's: not a container's, not another root's */
	{ "exe = /usr/lib/apt/methods/https", "", "" },
	{ "exe = /usr/lib/apt/methods/https and container", "", "box" },
	{ "exe = /usr/lib/apt/methods/https and image ~ '^debian'", "", "box" },
	{ "exe ~ '^/usr/lib/apt/methods/'", "", "apt" },
	{ "exe ~ '^/usr/lib/apt/methods/'", "  action: raise\n", "box apt ns" },
	{ "exe ~ '^/usr/lib/apt/methods/'", "  action: drop\n", "apt" },
	{ "not exe = /usr/bin/curl", "", "apt nat64" },
	{ "any.exe = /usr/lib/apt/methods/http", "", "apt" },
	{ "suser = _apt and sproc = https", "", "box" },
	/* bpfd: a substring of a value, one of several values, a runtime */
	{ "cmd ~ 'curl|wget'", "", "curl" },
	{ "exe ~ 'apt' and container", "", "box" },
	{ "runtime in (docker, podman)", "", "box" },
	{ "runtime = docker and containerName ~ '^build-'", "", "box" },
	{ "runtime in (docker) and dpt = 443", "", "" },
	{ "sproc in (curl, wget) or cmd ~ 'evil'", "", "curl" },
	/* messages */
	{ "sproc = curl", "  event: connect\n", "curl" },
	{ "sproc = curl", "  event: [connect, outcome]\n", "curl late" },
	{ "sproc = curl", "  event: [outcome]\n", "late" },
	{ "dpt = 443", "  event: [connect, outcome, close, digest]\n",
	  "curl nat64 late end" },
	{ "out > 500000 and duration > 60000", "  event: close\n", "end" },
	{ "msgid = close", "  event: [connect, close]\n", "end" },
};

static void
matches(void **state)
{
	char text[1024], got[256];
	struct rules_verdict v;
	struct rules *r;

	(void)state;
	assert_true(N(matching) >= 60);
	for (size_t i = 0; i < N(matching); i++) {
		snprintf(text, sizeof(text), "- name: n\n  where: |\n    %s\n"
		    "%s", matching[i].where, matching[i].more);
		r = rules(text);
		got[0] = '\0';
		for (size_t k = 0; k < NLINES; k++) {
			bool yes = rules_decide(r, message + k, &v);

			assert_int_equal(yes, rule_matches(rules_at(r, 0),
			    message + k));
			if (!yes)
				continue;
			if (got[0] != '\0')
				strcat(got, " ");
			strcat(got, lines[k].name);
			assert_ptr_equal(v.rule, rules_at(r, 0));
		}
		if (strcmp(got, matching[i].of) != 0)
			fail_msg("%s: of \"%s\", not of \"%s\"",
			    matching[i].where, got, matching[i].of);
		rules_free(r);
	}
}

static const char several[] =
"- {name: a, where: dpt = 443, tags: [web, out]}\n"
"- {name: b, where: sproc = curl, tags: web}\n"
"- {name: c, where: suser = alice, action: digest, tags: [people]}\n"
"- {name: d, where: dst = 203.0.113.4, action: drop, tags: [x]}\n"
"- {name: e, where: dpt = 80, action: raise}\n"
"- {name: f, where: sproc = http, action: drop}\n";

/* All tags add up, each once; the first that is not tag decides. */
static void
decides(void **state)
{
	static const struct {
		const char *of, *rule, *tags;
		enum rule_action action;
	} t[] = {
		{ "curl", "c", "web,out,people,x", RULE_DIGEST },
		{ "nat64", "d", "web,out,x", RULE_DROP },
		{ "apt", "e", NULL, RULE_RAISE },
		{ "box", NULL, NULL, RULE_TAG },
	};
	struct rules *r = rules(several);
	struct rules_verdict v;

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		assert_int_equal(rules_decide(r, the(t[i].of), &v),
		    t[i].rule != NULL);
		if (t[i].rule == NULL)
			continue;
		assert_string_equal(v.rule->name, t[i].rule);
		assert_int_equal(v.action, t[i].action);
		if (t[i].tags == NULL)
			assert_null(v.tags.s);
		else {
			assert_int_equal(v.tags.n, strlen(t[i].tags));
			assert_memory_equal(v.tags.s, t[i].tags, v.tags.n);
		}
	}
	assert_int_equal(rules_at(r, 0)->hits, 2);
	assert_int_equal(rules_at(r, 0)->decided, 0);
	assert_int_equal(rules_at(r, 3)->hits, 2);
	assert_int_equal(rules_at(r, 3)->decided, 1);
	assert_int_equal(rules_at(r, 5)->hits, 1);
	assert_int_equal(rules_at(r, 5)->decided, 0);
	rules_free(r);
}

/* Each refused with exactly this. */
static const struct { const char *text, *want; } refused[] = {
	{ "name: x\n", "f:1:1: expected a list of rules, each with "
	  "\"- name: ...\" first\n" },
	{ "- x\n", "f:1:3: wrong type, expected a rule, like \"- name: x\" "
	  "with \"where: EXPRESSION\" below\n" },
	{ "- {name: x}\n", "f:1:3: a rule without \"where\", expected name "
	  "and where\n" },
	{ "- {where: dpt = 1}\n", "f:1:3: a rule without \"name\", expected "
	  "name and where\n" },
	{ "- name: x\n  wher: dpt = 1\n", "f:2:3: unknown key \"wher\", did "
	  "you mean \"where\"?\n" },
	{ "- name: x\n  conditions: 1\n", "f:2:3: unknown key \"conditions\", "
	  "expected one of name, event, where, action, tags\n" },
	{ "- name: x\n  name: y\n  where: dpt = 1\n", "f:2:3: key \"name\" is "
	  "given twice in this rule\n" },
	{ "- {name: x, where: dpt = 1}\n- {name: x, where: dpt = 2}\n",
	  "f:2:10: name: \"x\" is given twice, the first is at f:1:3\n" },
	{ "- {name: '', where: dpt = 1}\n", "f:1:10: name: \"\": expected 1 "
	  "to 64 bytes\n" },
	{ "- {name: a;b, where: dpt = 1}\n", "f:1:10: name: \"a;b\": expected "
	  "none of ; = \" \\ ]\n" },
	{ "- {name: ' a', where: dpt = 1}\n", "f:1:10: name: \" a\": expected "
	  "no blank at either end\n" },
	{ "- {name: \"a\\x01\", where: dpt = 1}\n", "f:1:10: name: \"a?\": "
	  "expected characters that can be seen\n" },
	{ "- {name: [x], where: dpt = 1}\n", "f:1:10: name: wrong type, "
	  "expected a text\n" },
	{ "- {name: x, where: }\n", "f:1:20: where: no value, expected a "
	  "text\n" },
	{ "- {name: x, where: dpt = 1, action: dropp}\n", "f:1:37: unknown "
	  "action \"dropp\", did you mean \"drop\"?\n" },
	{ "- {name: x, where: dpt = 1, action: kill -9}\n", "f:1:37: unknown "
	  "action \"kill -9\", expected one of tag, digest, raise, drop\n" },
	{ "- {name: x, where: dpt = 1, event: conect}\n", "f:1:36: unknown "
	  "event \"conect\", did you mean \"connect\"?\n" },
	{ "- {name: x, where: dpt = 1, event: [stats]}\n", "f:1:37: unknown "
	  "event \"stats\", expected one of connect, outcome, udp, close, "
	  "digest, listen, dns, exec, readline, accept, capable, open, "
	  "escape\n" },
	{ "- {name: x, where: dpt = 1, event: [connect, connect]}\n",
	  "f:1:46: event: \"connect\" is given twice\n" },
	{ "- {name: x, where: dpt = 1, event: {a: b}}\n", "f:1:36: event: "
	  "wrong type, expected a word or a list of words\n" },
	{ "- {name: x, where: dpt = 1, tags: [a b]}\n", "f:1:36: tags: "
	  "\"a b\": expected 1 to 32 letters, digits or . _ : / -\n" },
	{ "- {name: x, where: dpt = 1, tags: [a,a,a,a,a,a,a,a,a]}\n",
	  "f:1:52: tags: expected at most 8\n" },
	{ "- {name: x, where: dpt = 1, event: [connect, close], "
	  "action: drop}\n", "f:1:62: action drop: expected no events but "
	  "connect, udp, listen, dns, exec, readline, accept, capable, open, "
	  "escape; what belongs to them follows them\n" },
	{ "- {name: x, where: dpt = 1, event: digest, action: digest}\n",
	  "f:1:52: action digest: expected no events but connect, udp; what "
	  "belongs to them follows them\n" },
	{ "- {name: x, where: spt = 1, event: listen, action: digest}\n",
	  "f:1:52: action digest: expected no events but connect, udp; what "
	  "belongs to them follows them\n" },
	/* places in expressions, however they are written */
	{ "- name: x\n  where: exee = /bin/sh\n", "f:2:10: where: unknown "
	  "field \"exee\", did you mean \"exe\"?\n" },
	{ "- name: x\n  where: \"exe = /bin/sh and suidd = 1\"\n",
	  "f:2:29: where: unknown field \"suidd\", did you mean \"suid\"?\n" },
	{ "- name: x\n  where: 'exe = ''/bin/sh'' and cmd < 3'\n",
	  "f:2:37: where: \"cmd\" is a text, expected =, !=, ~, !~ or in\n" },
	{ "- name: x\n  where: |\n    exe = /bin/sh\n    and dpt = 70000\n",
	  "f:4:15: where: \"70000\": expected a port from 0 to 65535\n" },
	{ "- name: x\n  where: >-\n    exe = /bin/sh\n    and   dst = 1.2.3\n",
	  "f:4:17: where: \"1.2.3\": expected an IPv4 or IPv6 address\n" },
	{ "- name: x\n  where: exe =\n", "f:2:15: where: expected a value, "
	  "found the end\n" },
	{ "- name: x\n  where: dst ~ 10\n", "f:2:14: where: \"dst\" is an "
	  "address, expected =, != or in\n" },
	{ "- name: x\n  where: dst in 10.1.0.0/8\n", "f:2:17: where: "
	  "\"10.1.0.0/8\": host bits set, expected 10.0.0.0/8\n" },
	{ "- name: x\n  where: suid = root\n", "f:2:17: where: \"root\": "
	  "expected a number; names of users are in suser\n" },
	{ "- name: x\n  where: cmd ~ '(a'\n", "f:2:16: where: regular "
	  "expression \"(a\": Unmatched ( or \\(\n" },
	{ "- name: x\n  where: born > -1h\n", "f:2:17: where: \"-1h\": "
	  "expected a time: 2026-11-22T08:14:02Z or 2026-11-22\n" },
	{ "- name: x\n  where: duration > 5\n", "f:2:10: where: \"duration\" "
	  "is not in these messages, but in CLOSE\n" },
	{ "- name: x\n  where: any.dst = 1.2.3.4\n", "f:2:10: where: \"dst\" "
	  "is of the message and not of a process, expected it without "
	  "\"any.\"\n" },
	{ "- name: x\n  where: exe = /a or\n", "f:2:21: where: expected a "
	  "field, found the end\n" },
	{ "- name: x\n  where: ((exe = /a)\n", "f:2:21: where: expected and, "
	  "or, or \")\", found the end\n" },
	{ "- name: x\n  where: \"\\x65xee = 1\"\n", "f:2:10: where: character "
	  "1: unknown field \"exee\", did you mean \"exe\"?\n" },
	/* hostile */
	{ "- &a {name: x, where: dpt = 1}\n", "f:1:3: \"a\" is an anchor or "
	  "an alias, expected the value itself\n" },
	{ "- !!map {name: x, where: dpt = 1}\n", "f:1:3: "
	  "\"tag:yaml.org,2002:map\" is a YAML tag, expected quotes around "
	  "what begins with !\n" },
	{ "- name: x\n  where: cmd ~ '(a*)\\1'\n", "f:2:16: where: regular "
	  "expression \"(a*)\\1\": back-references are not "
	  "supported\n" },
	{ "- [[[[[[[[[x]]]]]]]]]\n", "f:1:10: nested too deeply, "
	  "expected at most 8 levels\n" },
	{ "- name: x\n  where: dpt = 1\n---\n- name: y\n", "f:3:1: a second "
	  "document, expected one in a file\n" },
	{ "- {name: x, where: \"a\\0b\"}\n", "f:1:20: where: wrong type, "
	  "expected a text\n" },
};

static void
refuses(void **state)
{
	struct capture c;
	struct rules *r;
	const char *said;
	unsigned n;

	(void)state;
	for (size_t i = 0; i < N(refused); i++) {
		r = rules_new();
		c = capture_begin();
		n = rules_read_text(r, "f", refused[i].text,
		    strlen(refused[i].text));
		said = capture_end(&c);
		if (n == 0 || strcmp(said, refused[i].want) != 0)
			fail_msg("%s\n\"%s\" != \"%s\"", refused[i].text,
			    said, refused[i].want);
		rules_free(r);
	}
}

static void
nothing_is_an_empty_set(void **state)
{
	static const char *const t[] = { "", "\n# x\n", "---\n", "[]\n",
	    "\xef\xbb\xbf" };
	struct rules_verdict v;

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		struct rules *r = rules(t[i]);

		assert_int_equal(rules_count(r), 0);
		assert_false(rules_decide(r, the("curl"), &v));
		assert_int_equal(strlen(rules_hash(r)), 64);
		rules_free(r);
	}
}

static int
add(struct rules *r, const char *text, char *why, size_t size)
{
	struct buf b;
	int rc;

	buf_init(&b, why, size);
	rc = rules_add(r, "control", text, strlen(text), &b);
	assert_non_null(buf_cstr(&b));
	return rc;
}

static int
take_away(struct rules *r, const char *name, char *why, size_t size)
{
	struct buf b;
	int rc;

	buf_init(&b, why, size);
	rc = rules_remove(r, name, &b);
	assert_non_null(buf_cstr(&b));
	return rc;
}

/* At run time: in front, named, and gone again. */
static void
changes(void **state)
{
	struct rules *r = rules(several);
	struct rules_verdict v;
	char before[65], why[512];

	(void)state;
	strcpy(before, rules_hash(r));
	assert_int_equal(add(r, "{\"name\": \"z\", \"where\": "
	    "\"sproc = curl\", \"action\": \"raise\", \"tags\": [\"now\"]}",
	    why, sizeof(why)), 0);
	assert_int_equal(add(r, "- {name: y, where: dpt = 1}\n"
	    "- {name: w, where: dpt = 2}\n", why, sizeof(why)), 0);
	assert_int_equal(rules_count(r), 9);
	assert_string_equal(rules_at(r, 0)->name, "z");
	assert_string_equal(rules_at(r, 2)->name, "w");
	assert_string_equal(rules_at(r, 3)->name, "a");
	assert_true(rules_at(r, 0)->added && !rules_at(r, 3)->added);
	assert_string_equal(rules_at(r, 0)->place, "control:1:1");
	assert_string_not_equal(rules_hash(r), before);
	assert_true(rules_decide(r, the("curl"), &v));
	assert_string_equal(v.rule->name, "z");
	assert_memory_equal(v.tags.s, "now,web", 7);

	assert_int_equal(add(r, "- {name: q, where: dpt = 1}\n"
	    "- {name: a, where: dpt = 1}\n", why, sizeof(why)), -1);
	assert_string_equal(why, "control:2:10: name: \"a\" is given twice, "
	    "the first is at f:1:3");
	assert_int_equal(add(r, "[]", why, sizeof(why)), -1);
	assert_string_equal(why, "control: no rule, expected one");
	assert_int_equal(add(r, "- {name: q, where: dptt = 1}\n", why,
	    sizeof(why)), -1);
	assert_string_equal(why, "control:1:20: where: unknown field \"dptt\", "
	    "did you mean \"dpt\"?");
	assert_int_equal(rules_count(r), 9);

	assert_int_equal(take_away(r, "a", why, sizeof(why)), -1);
	assert_string_equal(why, "rule \"a\" is of a file, change it there "
	    "and reload: f:1:3");
	assert_int_equal(take_away(r, "nobody", why, sizeof(why)), -1);
	assert_string_equal(why, "no rule \"nobody\"");
	assert_int_equal(take_away(r, "z", why, sizeof(why)), 0);
	assert_int_equal(take_away(r, "y", why, sizeof(why)), 0);
	assert_int_equal(take_away(r, "w", why, sizeof(why)), 0);
	assert_string_equal(rules_hash(r), before);
	assert_true(rules_decide(r, the("curl"), &v));
	assert_string_equal(v.rule->name, "c");
	rules_free(r);
}

static void
told(struct rules *r, enum rule_action action, const char *want)
{
	char mem[256];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	rules_tell(r, action, &b);
	if (b.len != strlen(want) || memcmp(mem, want, b.len) != 0)
		fail_msg("\"%.*s\" != \"%s\"", (int)b.len, mem, want);
}

/* What was added stays, what did not change goes on counting, and nothing
   that was left out goes untold. */
static void
reloads(void **state)
{
	static const char other[] =
	    "- {name: d, where: dst = 203.0.113.4, action: drop, tags: [x]}\n"
	    "- {name: f, where: sproc = https, action: drop}\n";
	struct rules *old = rules(several), *new = rules(other);
	struct rules_verdict v;
	char why[512];

	(void)state;
	told(old, RULE_DROP, "d=0; f=0");
	assert_true(rules_decide(old, the("nat64"), &v));
	assert_int_equal(add(old, "- {name: z, where: sproc = http, "
	    "action: drop}", why, sizeof(why)), 0);
	assert_true(rules_decide(old, the("apt"), &v));
	assert_true(rules_decide(old, the("apt"), &v));
	assert_int_equal(add(old, "- {name: g, where: sproc = http, "
	    "action: drop}", why, sizeof(why)), 0);
	assert_int_equal(take_away(old, "z", why, sizeof(why)), 0);
	assert_true(rules_decide(old, the("curl"), &v));
	assert_int_equal(rules_move(new, old), 0);
	rules_free(old);
	assert_int_equal(rules_count(new), 3);
	assert_string_equal(rules_at(new, 0)->name, "g");
	assert_true(rules_decide(new, the("nat64"), &v));
	assert_int_equal(rules_at(new, 1)->decided, 2);
	assert_true(rules_decide(new, the("box"), &v));
	told(new, RULE_DROP, "d=2; z=2; f=1; g=0");
	told(new, RULE_DROP, "d=0; f=0; g=0");
	told(new, RULE_DIGEST, "c=1");
	told(new, RULE_DIGEST, "");
	rules_free(new);
}

static void
tells_as_many_as_fit(void **state)
{
	char text[8192] = "", line[128], mem[100];
	struct rules *r;
	struct buf b;

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof(line), "- {name: rule %d, where: dpt = "
		    "%d, action: drop}\n", i, i);
		strcat(text, line);
	}
	r = rules(text);
	buf_init(&b, mem, sizeof(mem));
	rules_tell(r, RULE_DROP, &b);
	assert_true(b.len < sizeof(mem) && b.len > 50);
	assert_memory_equal(mem + b.len - 5, "; ...", 5);
	rules_free(r);
}

/* Found by a value or asked one by one: it is the same. */
static void
finds_all(void **state)
{
	static const char *const forms[] = { "sproc = p%d", "exe in (/a/%d)",
	    "dst = 203.0.113.%d", "any.exe = /x/%d", "dst in 203.0.113.%d/32",
	    "sproc ~ '^p%d$'", "dpt = %d", "unit = u%d or sproc = curl" };
	size_t size = 1 << 20, n = 0;
	char *text = malloc(size);
	struct rules_verdict v;
	struct rules *r;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 1000; i++) {
		n += snprintf(text + n, size - n, "- {name: r%d, where: \"",
		    i);
		n += snprintf(text + n, size - n, forms[i % 8], i % 250);
		n += snprintf(text + n, size - n, "\"}\n");
	}
	r = rules(text);
	assert_int_equal(rules_count(r), 1000);
	for (size_t k = 0; k < NLINES; k++) {
		uint64_t hits = 0, want = 0;

		for (size_t i = 0; i < 1000; i++) {
			want += rule_matches(rules_at(r, i), message + k);
			hits -= rules_at(r, i)->hits;
		}
		assert_int_equal(rules_decide(r, message + k, &v), want > 0);
		for (size_t i = 0; i < 1000; i++)
			hits += rules_at(r, i)->hits;
		assert_int_equal(hits, want);
	}
	rules_free(r);
	free(text);
}

/* Of each of these values, twice: the rules, and each rule alone. */
static void
same_as_alone(struct rules *r, char *value, size_t n)
{
	struct message m = *the("curl");
	struct rules_verdict v;
	uint64_t before;

	m.gen[0].exe = m.gen[m.ngen - 1].comm = (struct str){ value, n };
	m.gen[1].exe = (struct str){ "/bin/5", 6 };
	for (int twice = 0; twice < 2; twice++) {
		before = 0;
		for (size_t i = 0; i < rules_count(r); i++)
			before += rules_at(r, i)->hits +
			    rule_matches(rules_at(r, i), &m);
		rules_decide(r, &m, &v);
		for (size_t i = 0; i < rules_count(r); i++)
			before -= rules_at(r, i)->hits;
		assert_int_equal(before, 0);
	}
}

/* What a regular expression said of a value is remembered of some values; it
   is the same for more of them, and for long ones. */
static void
recalls(void **state)
{
	static const char *const forms[] = { "exe ~ '[%d]$'",
	    "exe ~ '^[%d].*5' and dpt = 443", "any.sproc ~ '^.[%d]$'",
	    "any.sproc ~ '[%d]' or suid = 0", "exe !~ '[%d]'",
	    "not exe ~ '[%d]'", "exe1 ~ '[%d]'", "exe ~ x and exe ~ '[%d]'" };
	char text[8192], value[1500], why[512];
	size_t n = 0;
	struct rules *r;

	(void)state;
	for (int i = 0; i < 80; i++) {
		n += snprintf(text + n, sizeof(text) - n,
		    "- {name: r%d, where: \"", i);
		n += snprintf(text + n, sizeof(text) - n, forms[i % 8], i / 8);
		n += snprintf(text + n, sizeof(text) - n, "\"}\n");
	}
	r = rules(text);
	for (int i = 0; i < 1000; i++)
		same_as_alone(r, value, snprintf(value, sizeof(value), "%d",
		    i));
	for (int i = 0; i < 10; i++) {
		memset(value, '0' + i, sizeof(value));
		same_as_alone(r, value, 512);
		same_as_alone(r, value, 513);
		same_as_alone(r, value, sizeof(value));
	}
	/* The rules have other numbers now. */
	assert_int_equal(add(r, "- {name: z, where: \"exe ~ '[57]'\"}", why,
	    sizeof(why)), 0);
	for (int i = 0; i < 100; i++)
		same_as_alone(r, value, snprintf(value, sizeof(value), "%d",
		    i));
	rules_free(r);
}

/* Tags have a bound. */
static void
many_tags(void **state)
{
	size_t size = 1 << 16, n = 0;
	char *text = malloc(size);
	struct rules_verdict v;
	struct rules *r;

	(void)state;
	for (int i = 0; i < 100; i++)
		n += snprintf(text + n, size - n, "- {name: r%d, where: "
		    "sproc, tags: [tag-number-%d, all]}\n", i, i);
	r = rules(text);
	assert_true(rules_decide(r, the("curl"), &v));
	assert_in_range(v.tags.n, 400, RULES_TAGS_TEXT + 7);
	assert_memory_equal(v.tags.s, "tag-number-0,all,tag-number-1,", 30);
	assert_memory_equal(v.tags.s + v.tags.n - 4, ",...", 4);
	rules_free(r);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(decides),
		cmocka_unit_test(refuses),
		cmocka_unit_test(nothing_is_an_empty_set),
		cmocka_unit_test(changes),
		cmocka_unit_test(reloads),
		cmocka_unit_test(tells_as_many_as_fit),
		cmocka_unit_test(finds_all),
		cmocka_unit_test(recalls),
		cmocka_unit_test(many_tags),
	};

	return cmocka_run_group_tests(tests, read_messages, NULL);
}
