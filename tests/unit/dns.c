/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS messages: names, aliases, what an answer may not say, circles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "dns.h"
#include "text.h"

#define HEAD(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\0\0\0"
#define ASK	HEAD("\1\0", "\0")
#define SAY(n)	HEAD("\x81\x80", n)
#define WWW	"\3www\7example\3net\0"
#define A	"\0\1\0\1"
#define TTL	"\0\0\1\x2c"
#define AT	"\xc0\x0c"		/* the name that was asked for */
#define IP	A TTL "\0\4"
#define ALIAS	"\0\5\0\1" "\0\0\0\5"	/* TTL 5 s */

struct row {
	const char *what, *bytes;
	size_t n;
	const char *name;		/* NULL: cannot be read */
	const char *addresses;
	uint32_t ttl;			/* of the first */
	int more;
};
#define ROW(what, bytes, ...) { what, bytes, sizeof(bytes) - 1, __VA_ARGS__ }

static const struct row rows[] = {
ROW("question", ASK WWW A, "www.example.net", "", 0, 0),
ROW("upper case", ASK "\3WwW\7eXample\3NET\0" A, "www.example.net", "", 0, 0),
ROW("root", ASK "\0" "\0\2\0\1", ".", "", 0, 0),
ROW("dot, blank, quote, backslash", ASK "\4a.b \2\"\\\0" A,
    "a\\x2eb\\x20.\\x22\\x5c", "", 0, 0),
ROW("bytes", ASK "\5\0\r\n\x1b\xff\0" A, "\\x00\\x0d\\x0a\\x1b\\xff", "",
    0, 0),
ROW("two questions", "\x12\x34\1\0\0\2\0\0\0\0\0\0" WWW A, NULL, "", 0, 0),
ROW("no type", ASK WWW "\0", NULL, "", 0, 0),
ROW("no end of the name", ASK "\3www\7example", NULL, "", 0, 0),
ROW("header alone", ASK, NULL, "", 0, 0),
ROW("nothing", "", NULL, "", 0, 0),
ROW("leads to itself", ASK "\xc0\x0c" A, NULL, "", 0, 0),
ROW("leads forward", ASK "\xc0\x20" A "................", NULL, "", 0, 0),
ROW("reserved kind of label", ASK "\x80www\0" A, NULL, "", 0, 0),

ROW("two addresses", SAY("\2") WWW A AT IP "\xcb\0\x71\4" AT IP
    "\xcb\0\x71\5", "www.example.net", "203.0.113.4 203.0.113.5", 300, 0),
ROW("IPv6", SAY("\1") WWW "\0\x1c\0\1" AT "\0\x1c\0\1" TTL "\0\x10"
    "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", "www.example.net",
    "2001:db8::1", 300, 0),
ROW("alias", SAY("\2") WWW A AT ALIAS "\0\2\xc0\x10" "\xc0\x10" IP
    "\xcb\0\x71\4", "www.example.net", "203.0.113.4", 5, 0),
ROW("alias after the address", SAY("\2") WWW A "\xc0\x10" IP "\xcb\0\x71\4"
    AT ALIAS "\0\2\xc0\x10", "www.example.net", "203.0.113.4", 5, 0),
ROW("aliases in a circle", SAY("\2") WWW A AT ALIAS "\0\2\xc0\x10" "\xc0\x10"
    ALIAS "\0\2\xc0\x0c", "www.example.net", "", 0, 0),
ROW("another name's address", SAY("\1") WWW A "\3bad\xc0\x10" IP
    "\xcb\0\x71\4", "www.example.net", "", 0, 0),
ROW("another class", SAY("\1") WWW A AT "\0\1\0\3" TTL "\0\4\xcb\0\x71\4",
    "www.example.net", "", 0, 0),
ROW("address of three bytes", SAY("\1") WWW A AT A TTL "\0\3\xcb\0\x71",
    "www.example.net", "", 0, 0),
ROW("fewer records than said", SAY("\3") WWW A AT IP "\xcb\0\x71\4",
    "www.example.net", "203.0.113.4", 300, 1),
ROW("longer than the packet", SAY("\1") WWW A AT A TTL "\1\0\xcb\0\x71\4",
    "www.example.net", "", 0, 1),
ROW("owner in a circle", SAY("\1") WWW A "\xc0\x21" IP "\xcb\0\x71\4",
    "www.example.net", "", 0, 1),
ROW("alias to nowhere", SAY("\1") WWW A AT ALIAS "\0\2\xff\xff",
    "www.example.net", "", 0, 0),
};

static void
test_rows(void **state)
{
	char mem[DNS_ADDRESSES * 46];
	struct buf b;
	struct dns d;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = rows + i;
		int rc = dns_parse((const uint8_t *)r->bytes, r->n, &d);

		if (rc != (r->name == NULL ? -1 : 0))
			fail_msg("%s: %d", r->what, rc);
		if (rc == -1)
			continue;
		buf_init(&b, mem, sizeof(mem));
		for (size_t k = 0; k < d.n; k++) {
			if (k > 0)
				buf_addc(&b, ' ');
			text_addr(&b, &d.address[k].addr);
		}
		if (strcmp(d.name, r->name) != 0 || d.len != strlen(r->name))
			fail_msg("%s: %s", r->what, d.name);
		if (strcmp(buf_cstr(&b), r->addresses) != 0)
			fail_msg("%s: %s", r->what, mem);
		if (d.n > 0 && d.address[0].ttl != r->ttl)
			fail_msg("%s: ttl %u", r->what, d.address[0].ttl);
		if (d.more != (r->more == 1))
			fail_msg("%s: more %d", r->what, d.more);
	}
}

/* 255 bytes are a name, 256 are none; each may become four characters. */
static void
test_length(void **state)
{
	uint8_t p[512] = ASK;
	struct dns d;
	size_t n = 12;

	(void)state;
	for (int i = 0; i < 3; i++, n += 64) {
		p[n] = 63;
		memset(p + n + 1, 0xff, 63);
	}
	p[n] = 61;
	memset(p + n + 1, 0xff, 61);
	n += 62;
	memcpy(p + n, "\0" A, 5);
	assert_int_equal(dns_parse(p, n + 5, &d), 0);
	assert_int_equal(d.len, 250 * 4 + 3);
	p[12 + 3 * 64] = 62;
	p[12 + 3 * 64 + 62] = 0xff;
	memcpy(p + n + 1, "\0" A, 5);
	assert_int_equal(dns_parse(p, n + 6, &d), -1);
}

/* Many addresses: as many as there is room for, and it says so. */
static void
test_many(void **state)
{
	uint8_t p[4096] = SAY("\x40") WWW A;
	struct dns d;
	size_t n = 12 + 17 + 4;

	(void)state;
	for (int i = 0; i < 64; i++, n += 16)
		memcpy(p + n, AT IP "\xcb\0\x71\4", 16);
	assert_int_equal(dns_parse(p, n, &d), 0);
	assert_int_equal(d.n, DNS_ADDRESSES);
	assert_true(d.more);
}

/* A name that leads through 200 places, asked for by each of 30 records: the
   address behind them is too far away. */
static size_t
far_away(uint8_t *p, int records)
{
	static const uint8_t begin[] = SAY("\x40") WWW A "\0" "\0\x10\0\1" TTL
	    "\1\x90";
	size_t n = sizeof(begin) - 1, at = 12;

	memcpy(p, begin, n);
	for (int i = 0; i < 200; i++, at = n, n += 2) {
		p[n] = 0xc0 | at >> 8;
		p[n + 1] = at;
	}
	for (int i = 0; i < records; i++, n += 12)
		memcpy(p + n, (uint8_t[]){ 0xc0 | at >> 8, at, 0, 2, 0, 1 }, 6);
	memcpy(p + n, AT IP "\xcb\0\x71\4", 16);
	return n + 16;
}

static void
test_far(void **state)
{
	uint8_t p[1232] = { 0 };
	struct dns d;

	(void)state;
	assert_int_equal(dns_parse(p, far_away(p, 3), &d), 0);
	assert_int_equal(d.n, 1);
	memset(p, 0, sizeof(p));
	assert_int_equal(dns_parse(p, far_away(p, 30), &d), 0);
	assert_int_equal(d.n, 0);
	assert_true(d.more);
}

static void
test_numbers(void **state)
{
	(void)state;
	assert_string_equal(dns_type_name(28), "AAAA");
	assert_string_equal(dns_type_name(65535), "TYPE65535");
	assert_string_equal(dns_rcode_name(3), "NXDOMAIN");
	assert_string_equal(dns_rcode_name(15), "RCODE15");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
