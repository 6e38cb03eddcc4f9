/* SPDX-License-Identifier: BSD-2-Clause */
/* text: quoting, escaping, times, addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define S(s)	s, sizeof(s) - 1	/* may hold NUL bytes */

static char mem[4096];

static const char *
with(void (*f)(struct buf *, const char *, size_t), const char *s, size_t n)
{
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	f(&b, s, n);
	return buf_cstr(&b);
}

static void
quotes_for_a_shell(void **state)
{
	static const struct {
		const char *args;
		size_t n;
		const char *want;
	} t[] = {
		{ S(""), "" },
		{ S("curl"), "curl" },
		{ S("curl\0"), "curl" },
		{ S("curl\0-s\0https://a.example/x?y=1"),
		    "curl -s 'https://a.example/x?y=1'" },
		{ S("-bash\0"), "-bash" },
		{ S("sh\0-c\0curl x | sh"), "sh -c 'curl x | sh'" },
		{ S("a\0\0b\0"), "a '' b" },
		{ S("a\0\0"), "a ''" },
		{ S("\0a"), "'' a" },
		{ S("a=b\0c=d"), "'a=b' c=d" },
		{ S("echo\0it's"), "echo 'it'\\''s'" },
		{ S("echo\0'"), "echo ''\\'''" },
		{ S("echo\0~\0*\0[x]\0$y\0!z"), "echo '~' '*' '[x]' '$y' "
		    "'!z'" },
		{ S("echo\0a\\x41"), "echo 'a\\x41'" },
		{ S("echo\0a\nb"), "echo $'a\\x0ab'" },
		{ S("echo\0a'\\\nb"), "echo $'a\\'\\\\\\x0ab'" },
		{ S("echo\0\x7f\x1b[1m"), "echo $'\\x7f\\x1b[1m'" },
		{ S("echo\0h\xc3\xa9"), "echo 'h\xc3\xa9'" },
		{ S("echo\0h\xe9"), "echo $'h\\xe9'" },
		{ S("echo\0\xc3\xa9\n"), "echo $'\xc3\xa9\\x0a'" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++)
		assert_string_equal(with(text_quote_args, t[i].args, t[i].n),
		    t[i].want);
}

#define ARGVS	400

/* Arguments of hard bytes, NUL behind each; returns their length. */
static size_t
any_args(char *args, unsigned *seed)
{
	static const char hard[] = "ab'\"\\$`!*?[]{}()<>|&;#~= \t\n\r\x01\x7f"
	    "\xc3\xa9\xff\x80x41-%^\xe2\x80\xa8";
	size_t n = 0, i, k, len;

	k = 1 + rand_r(seed) % 5;
	for (i = 0; i < k; i++) {
		len = rand_r(seed) % 12;
		while (len-- > 0)
			args[n++] = hard[rand_r(seed) % (sizeof(hard) - 1)];
		args[n++] = '\0';
	}
	return n;
}

/* What is pasted into a shell gives the same arguments. */
static void
a_shell_takes_it_back(void **state)
{
	char name[] = "text-quote-XXXXXX", command[64];
	char args[ARGVS][128], got[128];
	size_t n[ARGVS], i;
	unsigned seed = 3;
	struct buf b;
	FILE *f;
	int fd;

	(void)state;
	if (system("bash -c : 2>/dev/null") != 0) {
		print_message("bash is missing\n");
		skip();
	}
	fd = mkstemp(name);
	assert_int_not_equal(fd, -1);
	f = fdopen(fd, "w");
	assert_non_null(f);
	for (i = 0; i < ARGVS; i++) {
		n[i] = any_args(args[i], &seed);
		buf_init(&b, mem, sizeof(mem));
		text_quote_args(&b, args[i], n[i]);
		fprintf(f, "printf '%%s\\0' %.*s\n", (int)b.len, b.p);
	}
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof(command), "bash ./%s", name);
	f = popen(command, "r");
	assert_non_null(f);
	for (i = 0; i < ARGVS; i++) {
		assert_int_equal(fread(got, 1, n[i], f), n[i]);
		assert_memory_equal(got, args[i], n[i]);
	}
	assert_int_equal(pclose(f), 0);
	unlink(name);
}

static void
escapes(void **state)
{
	static const struct {
		const char *raw;
		size_t n;
		const char *want;
	} t[] = {
		{ S(""), "" },
		{ S("plain \"]\\ text"), "plain \"]\\ text" },
		{ S("a\nb\0c\x7f"), "a\\x0ab\\x00c\\x7f" },
		{ S("a\\x0a"), "a\\x5cx0a" },
		{ S("a\\xAF"), "a\\x5cxAF" },
		{ S("a\\x0"), "a\\x0" },
		{ S("a\\x0g"), "a\\x0g" },
		{ S("\\\\x41"), "\\\\x5cx41" },
		{ S("\\x\\x41"), "\\x\\x5cx41" },
		{ S("\\x4\n"), "\\x4\\x0a" },
		{ S("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8c"),
		    "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8c" },
		{ S("\xc3"), "\\xc3" },			/* cut short */
		{ S("\xe2\x82"), "\\xe2\\x82" },
		{ S("\xf0\x9f\x90."), "\\xf0\\x9f\\x90." },
		{ S("\x80"), "\\x80" },			/* alone */
		{ S("\xc0\xaf"), "\\xc0\\xaf" },	/* not shortest */
		{ S("\xe0\x80\xaf"), "\\xe0\\x80\\xaf" },
		{ S("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf" },
		{ S("\xed\xa0\x80"), "\\xed\\xa0\\x80" },	/* surrogate */
		{ S("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
		{ S("\xff\xfe"), "\\xff\\xfe" },
		{ S("\xc2\x85\xc2\x9b"), "\\xc2\\x85\\xc2\\x9b" }, /* C1 */
		{ S("\xc2\xa0"), "\xc2\xa0" },
		{ S("\xe2\x80\xa8"), "\\xe2\\x80\\xa8" },	/* U+2028 */
		{ S("\xe2\x80\xae"), "\\xe2\\x80\\xae" },	/* U+202E */
		{ S("\xe2\x81\xa6"), "\\xe2\\x81\\xa6" },	/* U+2066 */
		{ S("\xe2\x80\xa7"), "\xe2\x80\xa7" },
		{ S("\xef\xbf\xbd"), "\xef\xbf\xbd" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++)
		assert_string_equal(with(text_escape, t[i].raw, t[i].n),
		    t[i].want);
	assert_string_equal(with(text_escape_comm, S("a<b>(c);d,e f\\x3c\n")),
	    "a\\x3cb\\x3e\\x28c\\x29\\x3bd\\x2ce\\x20f\\x5cx3c\\x0a");
}

/* Any bytes come back, through either escape, also in place. */
static void
unescapes(void **state)
{
	static const char alphabet[] = "\\\\\\xx0a5c<( \n\xc3\xa9\xe2\x80\xa8";
	char raw[24], out[256];
	unsigned seed = 1;
	struct buf b;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		n = rand_r(&seed) % sizeof(raw);
		for (k = 0; k < n; k++)
			raw[k] = alphabet[rand_r(&seed) % sizeof(alphabet)];
		buf_init(&b, out, sizeof(out));
		(i % 2 ? text_escape : text_escape_comm)(&b, raw, n);
		for (k = 0; k < b.len; k++)
			assert_true((unsigned char)out[k] >= 0x20);
		assert_int_equal(text_unescape(out, out, b.len), n);
		assert_memory_equal(out, raw, n);
	}
}

static void
times(void **state)
{
	static const struct {
		int64_t us;
		int digits;
		const char *want;
	} t[] = {
		{ 0, 6, "1970-01-01T00:00:00.000000Z" },
		{ -1, 6, "1969-12-31T23:59:59.999999Z" },
		{ INT64_C(1795335242113245), 6, "2026-11-22T08:14:02.113245Z" },
		{ INT64_C(1795335242113999), 3, "2026-11-22T08:14:02.113Z" },
		{ INT64_C(951782400000000), 3, "2000-02-29T00:00:00.000Z" },
		{ INT64_C(951868799999999), 3, "2000-02-29T23:59:59.999Z" },
		{ INT64_C(4107542400000000), 3, "2100-03-01T00:00:00.000Z" },
		{ INT64_C(-62167219200000000), 3, "0000-01-01T00:00:00.000Z" },
		{ INT64_C(253402300799999999), 6,
		    "9999-12-31T23:59:59.999999Z" },
		{ INT64_C(253402300800000000), 6, "" },
		{ INT64_C(-62167219200000001), 6, "" },
		{ INT64_MAX, 6, "" },
		{ NUM_NONE, 6, "" },
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++) {
		buf_init(&b, mem, sizeof(mem));
		text_time(&b, t[i].us, t[i].digits);
		assert_string_equal(buf_cstr(&b), t[i].want);
		if (b.len > 0 && t[i].digits == 6)
			assert_int_equal(text_parse_time(mem, b.len), t[i].us);
	}
}

static void
reads_times(void **state)
{
	static const struct {
		const char *s;
		int64_t want;
	} t[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00.5z", 500000 },
		{ "1970-01-01T00:00:00.1234569Z", 123456 },
		{ "1970-01-01T02:00:00+02:00", 0 },
		{ "1969-12-31T18:30:00-05:30", 0 },
		{ "1972-06-30T23:59:60Z", INT64_C(78796800000000) },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000000) },
		{ "", NUM_NONE },
		{ "1970-01-01", NUM_NONE },
		{ "1970-01-01 00:00:00Z", NUM_NONE },
		{ "1970-01-01T00:00:00", NUM_NONE },
		{ "1970-01-01T00:00:00.Z", NUM_NONE },
		{ "1970-01-01T00:00Z", NUM_NONE },
		{ "1970-00-01T00:00:00Z", NUM_NONE },
		{ "1970-13-01T00:00:00Z", NUM_NONE },
		{ "1970-01-00T00:00:00Z", NUM_NONE },
		{ "2023-02-29T00:00:00Z", NUM_NONE },
		{ "2100-02-29T00:00:00Z", NUM_NONE },
		{ "1970-04-31T00:00:00Z", NUM_NONE },
		{ "1970-01-01T24:00:00Z", NUM_NONE },
		{ "1970-01-01T00:60:00Z", NUM_NONE },
		{ "1970-01-01T00:00:61Z", NUM_NONE },
		{ "1970-01-01T00:00:00+0200", NUM_NONE },
		{ "1970-01-01T00:00:00+24:00", NUM_NONE },
		{ "1970-01-01T00:00:00Zx", NUM_NONE },
		{ "1970-01-01T00:00:00+02:00x", NUM_NONE },
		{ "+970-01-01T00:00:00Z", NUM_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++)
		if (text_parse_time(t[i].s, strlen(t[i].s)) != t[i].want)
			fail_msg("%s", t[i].s);
}

static void
addresses(void **state)
{
	static const struct {
		const char *in, *want;
	} t[] = {
		{ "203.0.113.4", "203.0.113.4" },
		{ "::ffff:203.0.113.4", "203.0.113.4" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:DB8::1", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
		{ "0:0:1:0:0:0:0:0", "0:0:1::" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "1:20:300:4000:5:6:7:8", "1:20:300:4000:5:6:7:8" },
		{ "0:2:3:4:5:6:7:0", "0:2:3:4:5:6:7:0" },
	};
	static const char *const bad[] = { "", "1", "1.2.3", "1.2.3.256", "::g",
	    "1.2.3.4 ", "1::2::3", "fe80::1%eth0" };
	struct in6_addr a;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++) {
		assert_int_equal(text_parse_addr(t[i].in, strlen(t[i].in), &a),
		    0);
		buf_init(&b, mem, sizeof(mem));
		text_addr(&b, &a);
		assert_string_equal(buf_cstr(&b), t[i].want);
	}
	for (i = 0; i < N(bad); i++)
		assert_int_equal(text_parse_addr(bad[i], strlen(bad[i]), &a),
		    -1);
	assert_int_equal(text_parse_addr(S("1.2.3.4\0"), &a), -1);
}

static void
numbers(void **state)
{
	static const struct {
		uint64_t u;
		const char *want;
	} t[] = {
		{ 0, "0" }, { 9, "9" }, { 10, "10" }, { 99, "99" },
		{ 100, "100" }, { 4242, "4242" }, { 65535, "65535" },
		{ 100000, "100000" }, { INT64_MAX, "9223372036854775807" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(t); i++) {
		*text_put_uint(mem, t[i].u) = '\0';
		assert_string_equal(mem, t[i].want);
	}
}

static void
names_of_errors(void **state)
{
	(void)state;
	assert_string_equal(text_errno(ECONNREFUSED), "ECONNREFUSED");
	assert_string_equal(text_errno(ETIMEDOUT), "ETIMEDOUT");
	assert_null(text_errno(4095));
}

/* Wherever a byte stands, among others that need nothing. */
static void
clean(void **state)
{
	char s[] = "abcdefghijklmnop", want[sizeof(s)];
	size_t at;
	int c;

	(void)state;
	for (c = 0; c < 256; c++)
		for (at = 0; at < sizeof(s) - 1; at++) {
			memcpy(s, "abcdefghijklmnop", sizeof(s));
			memcpy(want, s, sizeof(s));
			s[at] = c;
			want[at] = c >= 0x20 && c < 0x7f ? c : '?';
			text_clean(s, sizeof(s) - 1);
			assert_string_equal(s, want);
		}
	memcpy(s, "abcde\xc3\xa9ghijklmn\xc3", sizeof(s));
	text_clean(s, sizeof(s) - 1);
	assert_string_equal(s, "abcde\xc3\xa9ghijklmn?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_for_a_shell),
		cmocka_unit_test(a_shell_takes_it_back),
		cmocka_unit_test(escapes),
		cmocka_unit_test(unescapes),
		cmocka_unit_test(times),
		cmocka_unit_test(reads_times),
		cmocka_unit_test(addresses),
		cmocka_unit_test(numbers),
		cmocka_unit_test(names_of_errors),
		cmocka_unit_test(clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
