/* SPDX-License-Identifier: BSD-2-Clause */
/* term: what may be shown, where lines break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "glyph.h"
#include "term.h"

#define STR(s)	((struct str){ (s), sizeof(s) - 1 })

static char *shown;
static size_t length;

static void
begin(struct term *t, int width)
{
	free(shown);
	shown = NULL;
	term_init(t, open_memstream(&shown, &length), COLOUR_NEVER, width);
	t->utf8 = true;
}

static const char *
end(struct term *t)
{
	assert_int_equal(term_flush(t), 0);
	fclose(t->out);
	return shown;
}

static void
values(void **state)
{
	static const struct {
		struct str value;
		const char *utf8, *ascii;
	} cases[] = {
		{ STR("a b"), "a b", "a b" },
		{ STR("a\\x1bb"), "a\\x1bb", "a\\x1bb" },
		{ STR("\033[31m\a\r\n\t\0"),
		    "\\x1b[31m\\x07\\x0d\\x0a\\x09\\x00",
		    "\\x1b[31m\\x07\\x0d\\x0a\\x09\\x00" },
		{ STR("\177"), "\\x7f", "\\x7f" },
		{ STR("\302\233""31m"), "\\u009b31m", "\\u009b31m" },
		{ STR("\302\205"), "\\u0085", "\\u0085" },
		{ STR("\342\200\256fdp"), "\\u202efdp", "\\u202efdp" },
		{ STR("\342\201\246"), "\\u2066", "\\u2066" },
		{ STR("\342\200\250\342\200\251"), "\\u2028\\u2029",
		    "\\u2028\\u2029" },
		{ STR("\342\200\213\357\273\277"), "\\u200b\\ufeff",
		    "\\u200b\\ufeff" },
		{ STR("\363\240\201\201"), "\\U000e0041", "\\U000e0041" },
		{ STR("\377\300\200\355\240\200"),
		    "\\xff\\xc0\\x80\\xed\\xa0\\x80",
		    "\\xff\\xc0\\x80\\xed\\xa0\\x80" },
		{ STR("\303"), "\\xc3", "\\xc3" },
		{ STR("\303\244"), "\303\244", "\\u00e4" },
		{ STR("\346\227\245"), "\346\227\245", "\\u65e5" },
	};
	struct term t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&t, 0);
		term_put(&t, cases[i].value);
		assert_string_equal(end(&t), cases[i].utf8);
		begin(&t, 0);
		t.utf8 = false;
		term_put(&t, cases[i].value);
		assert_string_equal(end(&t), cases[i].ascii);
	}
}

/* Is a byte of s one that a terminal acts on? */
static bool
drives(const char *s, size_t n)
{
	uint32_t c;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = glyph_decode(s + i, n - i, &c);
		if (len == 0 || c < ' ' || (c >= 0x7f && c < 0xa0) ||
		    (c >= 0x2028 && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069))
			return true;
	}
	return false;
}

static void
expect_tame(const char *s, size_t n)
{
	struct str v = { s, n };
	struct term t;
	int way;

	for (way = 0; way < 4; way++) {
		begin(&t, 0);
		if (way == 0)
			term_put(&t, v);
		else if (way == 1)
			term_word(&t, v);
		else
			term_json(&t, v, way == 2);
		end(&t);
		if (drives(shown, length))
			fail_msg("way %d: %02x %02x %02x", way, s[0] & 0xff,
			    s[1] & 0xff, s[2] & 0xff);
	}
}

/* Every pair of bytes, and every character of three bytes. */
static void
nothing_drives(void **state)
{
	uint32_t c;

	(void)state;
	for (c = 0; c < 0x10000; c++) {
		char pair[] = { c >> 8, c, 0 };
		char three[] = { 0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f),
		    0x80 | (c & 0x3f) };

		expect_tame(pair, 2);
		expect_tame(three, 3);
	}
}

static void
words(void **state)
{
	static const struct {
		struct str value;
		const char *want;
	} cases[] = {
		{ STR("ssh.service"), "ssh.service" },
		{ STR("/usr/bin/x"), "/usr/bin/x" },
		{ STR(""), "\"\"" },
		{ STR("a, login root(0)"), "\"a, login root(0)\"" },
		{ STR("a\"b\\c"), "\"a\\\"b\\\\c\"" },
		{ STR("a\302\240b"), "\"a\302\240b\"" },
		{ STR("a\nb"), "\"a\\x0ab\"" },
	};
	struct term t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&t, 0);
		term_word(&t, cases[i].value);
		assert_string_equal(end(&t), cases[i].want);
	}
}

static void
breaks(void **state)
{
	struct term t;

	(void)state;
	begin(&t, 20);
	term_puts(&t, "head ");
	term_indent(&t);
	term_puts(&t, "one two three");
	term_puts(&t, "four five");
	term_newline(&t);
	term_puts(&t, "next");
	term_newline(&t);
	assert_string_equal(end(&t),
	    "head one two\n"
	    "     threefour five\n"
	    "next\n");

	begin(&t, 20);
	term_puts(&t, "a ");
	term_indent(&t);
	term_puts(&t, "x 0123456789012345678901234567890123456789");
	term_newline(&t);
	assert_string_equal(end(&t),
	    "a x\n"
	    "  012345678901234567\n"
	    "  890123456789012345\n"
	    "  6789\n");

	begin(&t, 20);		/* wide characters are never halved */
	term_put(&t, STR("a\346\227\245\346\227\245\346\227\245\346\227\245"
	    "\346\227\245\346\227\245\346\227\245\346\227\245\346\227\245"
	    "\346\227\245"));
	term_newline(&t);
	assert_string_equal(end(&t), "a\346\227\245\346\227\245\346\227\245"
	    "\346\227\245\346\227\245\346\227\245\346\227\245\346\227\245"
	    "\346\227\245\n\346\227\245\n");

	begin(&t, 0);
	term_put_cut(&t, STR("0123456789"), 10);
	term_puts(&t, " ");
	term_put_cut(&t, STR("0123456789x"), 10);
	assert_string_equal(end(&t), "0123456789 0123456789... (+1 bytes)");
}

static void
json(void **state)
{
	struct term t;

	(void)state;
	begin(&t, 0);
	term_json(&t, STR("a\"\\/\n\\x41\377\303\244\342\200\213"), true);
	assert_string_equal(end(&t), "\"a\\\"\\\\/\\\\x0a\\\\x5cx41\\\\xff"
	    "\303\244\\u200b\"");
	begin(&t, 0);
	term_json(&t, STR("$'a\\x0ab'\363\240\201\201"), false);
	assert_string_equal(end(&t), "\"$'a\\\\x0ab'\\udb40\\udc41\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(nothing_drives),
		cmocka_unit_test(words),
		cmocka_unit_test(breaks),
		cmocka_unit_test(json),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
		puts("no locale C.UTF-8");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
