/* SPDX-License-Identifier: BSD-2-Clause */
/* finding: what is damaged is told, with its place, and takes nothing else
   with it; nothing that is too much is kept. */
#define _GNU_SOURCE	/* memfd_create */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "finding-test.h"

static char path[64];
static int fd;

static void
put(const char *s, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, s, n);

		assert_true(w > 0);
		s += w;
		n -= w;
	}
}

static void
puts_of(const char *s)
{
	put(s, strlen(s));
}

static void
begin(void)
{
	fd = memfd_create("findings", MFD_CLOEXEC);
	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
}

static struct findings *
read_back(int rc)
{
	struct findings *all = findings_new();

	assert_non_null(all);
	assert_int_equal(findings_read(all, path), rc);
	close(fd);
	return all;
}

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED		/* gcc */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED		/* clang */
#endif
#endif

/* The smallest whole finding. */
#define FINDING(id) \
	"{\"id\":\"" id "\",\"type\":\"T\",\"resource\":{\"resourceType\":" \
	"\"Instance\",\"instanceDetails\":{\"instanceId\":\"i-1\"}}," \
	"\"service\":{\"eventFirstSeen\":\"2026-01-01T00:00:00Z\"," \
	"\"action\":{\"networkConnectionAction\":{\"remoteIpDetails\":" \
	"{\"ipAddressV4\":\"192.0.2.1\"}}}}}"
#define WANT	"network >192.0.2.1; i-1; 2026-01-01T00:00:00.000Z " \
		"2026-01-01T00:00:00.000Z"

/* `in` with its errors' place, PATH, put in. */
static void
gives(const char *in, const char *want)
{
	char expanded[8192];
	const char *p;
	struct buf b;

	begin();
	puts_of(in);
	buf_init(&b, expanded, sizeof(expanded));
	for (; (p = strstr(want, "PATH")) != NULL; want = p + 4) {
		buf_add(&b, want, p - want);
		buf_adds(&b, path);
	}
	buf_adds(&b, want);
	assert_non_null(buf_cstr(&b));
	expect_findings(path, expanded);
	close(fd);
}

static const struct {
	const char *in, *want;
} shapes[] = {
	/* What is no damage. */
	{ "{\"Findings\":[]}", "" },
	{ "[]", "" },
	{ "[{\"Findings\":[]},{\"Findings\":[" FINDING("a") "]}]", WANT },
	{ FINDING("a") "\n" FINDING("b") "\n", WANT "\n" WANT },
	{ FINDING("a") FINDING("b"), WANT "\n" WANT },
	{ FINDING("a") ",\n" FINDING("b") ",\n", WANT "\n" WANT },
	{ "[" FINDING("a") ",\r\n" FINDING("b") "]", WANT "\n" WANT },
	{ "{\"NextToken\":\"x\",\"Findings\":[" FINDING("a") "],\"X\":[1]}",
	    WANT },
	{ "\xef\xbb\xbf" FINDING("a"), WANT },
	{ "{\"detail\":" FINDING("a") "}", WANT },
	{ "{\"Records\":[{\"body\":\"{\\\"Message\\\":\\\"{\\\\\\\"detail"
	    "\\\\\\\":{\\\\\\\"service\\\\\\\":{\\\\\\\"action\\\\\\\":{"
	    "\\\\\\\"dnsRequestAction\\\\\\\":{\\\\\\\"domain\\\\\\\":"
	    "\\\\\\\"x.test\\\\\\\"}}}}}\\\"}\"}]}",
	    "dns out x.test; -;  " },
	{ "{\"event\":{\"original\":\"{\\\"service\\\":{\\\"action\\\":{"
	    "\\\"dnsRequestAction\\\":{\\\"domain\\\":\\\"x.test\\\"}}}}\"}}",
	    "dns out x.test; -;  " },
	/* A call of an API, but by a process. */
	{ "{\"service\":{\"action\":{\"awsApiCallAction\":{\"api\":\"x\"}},"
	    "\"runtimeDetails\":{\"process\":{\"pid\":7}}}}",
	    "runtime; -; ?(7);  " },
	/* Between two. */
	{ "", "! PATH:1:1: expected JSON, found the end of the file" },
	{ " \n", "! PATH:2:1: expected JSON, found the end of the file" },
	{ "hello\n", "! PATH:1:1: finding 1: expected JSON, found "
	    "\"hello\"" },
	{ "<86>1\n", "! PATH:1:1: expected JSON, found \"<\"" },
	{ "\xff\xfe{", "! PATH:1:1: expected JSON, found UTF-16" },
	{ FINDING("a") "}\n" FINDING("b"),
	    WANT "\n" WANT "\n! PATH:1:237: expected JSON, found \"}\"" },
	{ "[" FINDING("a") FINDING("b") "]",
	    WANT "\n" WANT "\n! PATH:1:238: expected \",\" or \"]\", "
	    "found \"{\"" },
	{ "[" FINDING("a"),
	    WANT "\n! PATH:1:238: expected \",\" or \"]\", found the end of "
	    "the file" },
	/* A line among lines. */
	{ FINDING("a") "\n{\"id\":\"b\",\"ser\n" FINDING("c") "\n",
	    WANT "\n" WANT "\n! PATH:2:15: finding 2: expected the quote at "
	    "the end of a string, found the end of the line" },
	{ FINDING("a") "\n{\"id\":\"b\",\"service\":{\n" FINDING("c") "\n"
	    FINDING("d"),
	    WANT "\n" WANT "\n" WANT "\n! PATH:3:1: finding 2, which begins "
	    "in line 2: expected a name in quotes, found \"{\"" },
	{ FINDING("a") "\n{\"id\":\"b\",\"x\":[\n" FINDING("c") "\n"
	    FINDING("d"),
	    WANT "\n" WANT "\n" WANT "\n! PATH:4:1: finding 2, which begins "
	    "in line 2: expected \",\" or \"]\", found \"{\"" },
	{ "{\"id\":nil}\n" FINDING("b"),
	    WANT "\n! PATH:1:7: finding 1: expected a value, found \"nil\"" },
	{ "{\"id\":1.2.3}\n" FINDING("b"),
	    WANT "\n! PATH:1: finding 1: number expected" },
	{ FINDING("a") "\n{\"id\":\"b\"",
	    WANT "\n! PATH:2:10: finding 2: expected \",\" or \"}\", found "
	    "the end of the file" },
	/* An element of a list. */
	{ "[" FINDING("a") ",{\"id\" \"b\"}," FINDING("c") "]",
	    WANT "\n" WANT "\n! PATH:1:245: finding 2: expected \":\", "
	    "found a quote" },
	{ "{\"Findings\":[{\"id\":{\"x\":[1,]}}," FINDING("c") "]}",
	    WANT "\n! PATH:1:28: finding 1: expected a value, found \"]\"" },
	{ "{\"Findings\":[{\"id\":{\"x\":1}," FINDING("c") "]}",
	    WANT "\n! PATH:1:28: finding 1: expected a name in quotes, "
	    "found \"{\"" },
	{ "[{\"id\":\"},\n\"x\":1}," FINDING("c") "]",
	    WANT "\n! PATH:1:11: finding 1: expected the quote at the end of "
	    "a string, found the end of the line" },
	{ "[bad," FINDING("c") "]",
	    WANT "\n! PATH:1:2: finding 1: expected a value, found \"bad\"" },
	/* What is no finding. */
	{ "1", "! PATH:1: finding 1: expected a GuardDuty finding (with "
	    "resource and service), found no object" },
	{ "{}", "! PATH:1: finding 1: expected a GuardDuty finding (with "
	    "resource and service), found something else" },
	{ "{\"FindingIds\":[\"x\"]}", "! PATH:1: finding 1: expected a "
	    "GuardDuty finding (with resource and service), found ids alone "
	    "(get-findings prints the findings)" },
	{ "{\"Findings\":[{\"AwsAccountId\":\"1\",\"Types\":[]}]}",
	    "! PATH:1: finding 1: expected a GuardDuty finding (with "
	    "resource and service), found one of Security Hub (ASFF)" },
	{ "{\"detail\":{\"detail\":{\"detail\":{\"detail\":{\"detail\":{"
	    "\"detail\":{\"detail\":{\"detail\":{\"detail\":{}}}}}}}}}}",
	    "! PATH:1: finding 1: expected a GuardDuty finding (with "
	    "resource and service), found something else" },
	{ "{\"body\":\"{\\\"service\\\":\"}",
	    "! PATH:1: finding 1: the JSON in a string is damaged" },
};

static void
shape(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		gives(shapes[i].in, shapes[i].want);
}

/* A member of the connection, or of the service, and what comes of it. */
static const struct {
	const char *service, *action, *want;
} members[] = {
	/* Nulls, missing parts, numbers as strings, strings as numbers. */
	{ "\"count\":\"7\"", "\"protocol\":\"6\"",
	    "network TCP >192.0.2.1; -;   x7" },
	{ "\"count\":null", "\"protocol\":null,\"localPortDetails\":null",
	    "network >192.0.2.1; -;  " },
	{ "\"count\":2.0", "\"protocol\":17,\"remotePortDetails\":{\"port\":"
	    "\"53\"}", "network UDP >192.0.2.1:53; -;   x2" },
	{ "\"archived\":\"true\"", "\"blocked\":\"false\",\"protocol\":\"0\"",
	    "network >192.0.2.1; -;  " },
	{ "\"additionalInfo\":{\"sample\":\"true\"}", "\"protocol\":\"GRE\"",
	    "SAMPLE network GRE >192.0.2.1; -;  " },
	{ "\"additionalInfo\":{\"value\":\"{\\\"sample\\\":false}\"}",
	    "\"localIpDetails\":{\"ipAddressV4\":\"\","
	    "\"ipAddressV6\":\"2001:db8::1\"},"
	    "\"localPortDetails\":{\"port\":0}",
	    "network 2001:db8::1>192.0.2.1; - 2001:db8::1;  " },
	{ "\"eventFirstSeen\":\"2026-01-01 05:30:00+05:30\","
	    "\"eventLastSeen\":1767225601.5", "\"blocked\":null",
	    "network >192.0.2.1; -; 2026-01-01T00:00:00.000Z "
	    "2026-01-01T00:00:01.500Z" },
	{ "\"eventFirstSeen\":1767225601000", "\"connectionDirection\":"
	    "\"UNKNOWN\"", "network >192.0.2.1; -; 2026-01-01T00:00:01.000Z "
	    "2026-01-01T00:00:01.000Z" },
	/* Last before first. */
	{ "\"eventLastSeen\":1767225601,\"eventFirstSeen\":1767225602",
	    "\"connectionDirection\":\"outbound\"",
	    "network out >192.0.2.1; -; 2026-01-01T00:00:01.000Z "
	    "2026-01-01T00:00:02.000Z" },
	/* Wrong types. */
	{ "\"count\":\"x\"", "\"protocol\":\"6\"",
	    "! PATH:1: finding 1 (f): service.count: expected a number up to "
	    "9007199254740992, found \"x\"" },
	{ "\"count\":-1", "\"protocol\":\"6\"",
	    "! PATH:1: finding 1 (f): service.count: expected a number up to "
	    "9007199254740992, found \"-1\"" },
	{ "\"count\":[1]", "\"protocol\":\"6\"",
	    "! PATH:1: finding 1 (f): service.count: expected a number up to "
	    "9007199254740992, found an array" },
	{ "\"count\":1", "\"protocol\":{}",
	    "! PATH:1: finding 1 (f): networkConnectionAction.protocol: "
	    "expected a string, found an object" },
	{ "\"count\":1", "\"localPortDetails\":22",
	    "! PATH:1: finding 1 (f): networkConnectionAction."
	    "localPortDetails: expected an object, found \"22\"" },
	{ "\"count\":1", "\"localPortDetails\":{\"port\":65536}",
	    "! PATH:1: finding 1 (f): localPortDetails.port: expected a "
	    "number up to 65535, found \"65536\"" },
	{ "\"count\":1", "\"localPortDetails\":{\"port\":22.5}",
	    "! PATH:1: finding 1 (f): localPortDetails.port: expected a "
	    "number up to 65535, found \"22.5\"" },
	{ "\"count\":1", "\"localIpDetails\":{\"ipAddressV4\":\"x.x.x.\\u001b"
	    "[31m\"}",
	    "! PATH:1: finding 1 (f): localIpDetails.ipAddressV4: expected "
	    "an IP address, found \"x.x.x.\\x1b[31m\"" },
	{ "\"count\":1", "\"blocked\":\"perhaps, and a long story behind it "
	    "that nobody needs\"",
	    "! PATH:1: finding 1 (f): networkConnectionAction.blocked: "
	    "expected true or false, found \"perhaps, and a long story "
	    "behind it that...\"" },
	{ "\"eventFirstSeen\":\"yesterday\"", "\"blocked\":false",
	    "! PATH:1: finding 1 (f): service.eventFirstSeen: expected a "
	    "time as 2026-11-22T08:14:02Z, found \"yesterday\"" },
	{ "\"eventFirstSeen\":false", "\"blocked\":false",
	    "! PATH:1: finding 1 (f): service.eventFirstSeen: expected a "
	    "time as 2026-11-22T08:14:02Z, found false" },
	{ "\"runtimeDetails\":{\"process\":{\"lineage\":[1]}}",
	    "\"blocked\":false",
	    "! PATH:1: finding 1 (f): lineage: expected objects, "
	    "found \"1\"" },
};

static void
member(void **state)
{
	char in[2048];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		snprintf(in, sizeof(in), "{\"id\":\"f\",\"service\":{%s,"
		    "\"action\":{\"actionType\":\"NETWORK_CONNECTION\","
		    "\"networkConnectionAction\":{\"remoteIpDetails\":{"
		    "\"ipAddressV4\":\"192.0.2.1\"},%s}}}}",
		    members[i].service, members[i].action);
		gives(in, members[i].want);
	}
}

/* Findings in four shapes, cut off after every byte: nothing is made up. */
static void
cut_off(void **state)
{
	static const char *const files[] = {
		"bare-inbound.json",
		"event-outbound.json",
		"s3-outbound.jsonl",
		"get-findings-api-call.json",
	};
	const char *srcdir = getenv("srcdir");
	static char text[1 << 16];
	struct findings *all;
	char name[1024];
	size_t i, n, len;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s/tests/data/findings/%s",
		    srcdir == NULL ? "." : srcdir, files[i]);
		assert_non_null(f = fopen(name, "r"));
		len = fread(text, 1, sizeof(text), f);
		fclose(f);
		while (text[len - 1] == '\n')
			len--;
		for (n = 0; n < len; n++) {
			begin();
			put(text, n);
			all = read_back(-1);
			/* Whole in a list whose end is missing. */
			assert_true(all->n == 0 ||
			    strstr(files[i], "get-findings") != NULL);
			assert_int_equal(all->nerrors, 1);
			assert_non_null(strstr(all->error[0], "expected "));
			findings_free(all);
		}
	}
}

static void
repeat(const char *s, size_t bytes)
{
	static char block[1 << 16];
	size_t n = 0, len = strlen(s);

	for (; n + len <= sizeof(block); n += len)
		memcpy(block + n, s, len);
	for (; bytes >= n; bytes -= n)
		put(block, n);
	put(block, bytes);
}

#define MIB	(1 << 20)

/* 50 MB of nothing but brackets, in each place where they can be. */
static const struct {
	const char *before, *again, *error;
} floods[] = {
	{ "", "[", ":1:33: expected at most 32 levels of nesting" },
	{ "", "{\"a\":", ":1:161: finding 1: expected at most 32 levels" },
	{ "{\"Findings\":", "[", ":1:44: expected at most 32 levels" },
	{ "{\"Findings\":[", "{\"a\":", ":1:164: finding 1: expected at" },
	{ "{\"a\":\"", "x", ":1:1048578: finding 1: expected at most 1048576" },
	{ "", "{\"a\":[\n", ":17:1: finding 1, which begins in line 1: " },
	{ "", "{\n", ":2:1: finding 1, which begins in line 1: expected" },
	{ "", "\n", "expected JSON, found the end of the file" },
	{ "", "1234567890", ":1:" },
};

static void
flood(void **state)
{
	struct findings *all;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		begin();
		puts_of(floods[i].before);
		repeat(floods[i].again, 50 * MIB);
		all = read_back(-1);
		assert_int_equal(all->n, 0);
		assert_true(all->nerrors > 0);
		assert_true(all->nerrors <= FINDING_ERRORS);
		if (strstr(all->error[0], floods[i].error) == NULL)
			fail_msg("%zu: %s", i, all->error[0]);
		findings_free(all);
	}
}

static void
thousands(void **state)
{
	static const char *const around[][3] = {
		{ "{\"Findings\":[", ",\n", "]}" },
		{ "", "\n", "" },
		{ "[\n", "\n,", "]" },
	};
	struct findings *all;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		begin();
		puts_of(around[i][0]);
		for (j = 0; j < 5000; j++) {
			if (j > 0)
				puts_of(around[i][1]);
			puts_of(FINDING("a"));
		}
		puts_of(around[i][2]);
		all = read_back(0);
		assert_int_equal(all->n, 5000);
		assert_int_equal(all->finding[4999]->number, 5000);
		findings_free(all);
	}
}

/* More than can be kept: told once, and what was before is there. */
static void
too_many(void **state)
{
	struct findings *all;

	(void)state;
	begin();
	repeat(FINDING("a") "\n", 5 * MIB);
	all = read_back(-1);
	assert_true(all->n > 10000);
	assert_true(all->kept < FINDINGS_KEPT + 65536);
	assert_int_equal(all->nerrors, 1);
	assert_non_null(strstr(all->error[0], "32 MiB of memory"));
	findings_free(all);
}

/* Lists and strings beyond what is looked at. */
static void
too_long(void **state)
{
	struct findings *all;
	const struct finding *f;
	size_t i;

	(void)state;
	begin();
	puts_of("{\"title\":\"");
	repeat("x", 5000);
	puts_of("\",\"service\":{\"action\":{\"portProbeAction\":{"
	    "\"portProbeDetails\":[");
	for (i = 0; i < 300; i++)
		puts_of(i == 0 ? "{}" : ",{}");
	puts_of("]}}}}");
	all = read_back(0);
	assert_int_equal(all->n, 1);
	f = all->finding[0];
	assert_int_equal(f->ntuples, FINDING_LIST);
	assert_int_equal(strlen(f->title), 4096);
	assert_true(f->cut);
	findings_free(all);
}

static void
gzip(void **state)
{
	static char text[256 << 10];
	unsigned char packed[64 << 10];
	z_stream z = { .zalloc = NULL };
	struct findings *all;
	size_t n;

	(void)state;
	for (n = 0; n + strlen(FINDING("a") "\n") < sizeof(text);
	    n += strlen(FINDING("a") "\n"))
		memcpy(text + n, FINDING("a") "\n", strlen(FINDING("a") "\n"));
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, 0), Z_OK);
	z.next_in = (unsigned char *)text;
	z.avail_in = n;
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	n /= strlen(FINDING("a") "\n");
	begin();
	put((char *)packed, z.total_out);
	all = read_back(0);
	assert_int_equal(all->n, n);
	findings_free(all);
	begin();
	put((char *)packed, z.total_out / 2);
	all = read_back(-1);
	assert_true(all->n > 0 && all->n < n);
	assert_non_null(strstr(all->error[0], "the gzip file is cut off"));
	findings_free(all);
	packed[z.total_out / 2] ^= 0x55;
	begin();
	put((char *)packed, z.total_out);
	all = read_back(-1);
	assert_true(all->nerrors >= 1);
	findings_free(all);
	deflateEnd(&z);
}

static void
no_file(void **state)
{
	struct findings *all = findings_new();

	(void)state;
	assert_int_equal(findings_read(all, "/nowhere/\x1b[31m"), -1);
	assert_int_equal(findings_read(all, "/"), -1);
	assert_int_equal(all->nerrors, 2);
	assert_string_equal(all->error[0],
	    "/nowhere/\\x1b[31m: No such file or directory");
	assert_string_equal(all->error[1], "/: Is a directory");
	findings_free(all);
}

/* Not more memory for all of the above than for what may be kept. */
static void
bounded(void **state)
{
	struct rusage u;

	(void)state;
#ifndef SANITIZED
	assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
	assert_true(u.ru_maxrss < 64 << 10);	/* KiB */
#else
	(void)u;
	skip();
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape),
		cmocka_unit_test(member),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(flood),
		cmocka_unit_test(thousands),
		cmocka_unit_test(too_many),
		cmocka_unit_test(too_long),
		cmocka_unit_test(gzip),
		cmocka_unit_test(no_file),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
