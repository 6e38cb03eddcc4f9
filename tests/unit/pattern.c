/* SPDX-License-Identifier: BSD-2-Clause */
/* pattern: what a text needs to have for a regular expression to be true of
   it; random expressions and texts say the same. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pattern.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define PATTERNS	20000
#define TEXTS		20

/* As `one|other`. */
static const char *
needs(const char *pattern)
{
	static char out[PATTERN_MAX + PATTERN_NEEDS + 1];
	struct pattern_needs n;
	size_t len = 0;

	pattern_needs(pattern, &n);
	out[0] = '\0';
	for (size_t i = 0; i < n.n; i++)
		len += sprintf(out + len, "%s%.*s", i > 0 ? "|" : "",
		    (int)n.v[i].len, n.mem + n.v[i].at);
	return out;
}

static void
knows_what_is_needed(void **state)
{
	static const struct {
		const char *pattern, *want;
	} cases[] = {
		{ "curl", "curl" },
		{ "^/usr/bin/curl$", "/usr/bin/curl" },
		{ "https://[a-z]+\\.example\\.net", ".example.net" },
		{ "/(ba|da)?sh$", "sh" },
		{ "(curl|wget).*\\|", "curl|wget" },
		{ "(curl|wget) -O", "curl|wget" },
		{ "(curl|wget) --output", " --output" },
		{ "curl|wget|nc -e", "curl|wget|nc -e" },
		{ "curl|.*", "" },
		{ "curl|", "" },
		{ "(curl)*", "" },
		{ "(curl)+", "curl" },
		{ "(curl)+?", "" },
		{ "(curl){1,2}x", "" },
		{ "abc*de", "ab" },
		{ "abc+de", "abc" },
		{ "abc{2}def", "def" },
		{ ".{2}b.[a]{3}c", "" },
		{ "x[]a]yz", "yz" },
		{ "x[[:alpha:]]yz", "yz" },
		{ "ab\\wcde", "cde" },
		{ "ab\\<cde", "cde" },
		{ "a\\.b", "a.b" },
		{ "caf\xc3\xa9*abc", "caf" },
		{ "a", "" },
		{ "(a|(b|(cc|dd)ee))ff", "ff" },
		{ "aa|bb|cc|dd|ee|ff|gg|hh", "aa|bb|cc|dd|ee|ff|gg|hh" },
		{ "aa|bb|cc|dd|ee|ff|gg|hh|ii", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		if (strcmp(needs(cases[i].pattern), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].pattern,
			    needs(cases[i].pattern));
}

static bool
has_one(const struct pattern_needs *n, const char *text)
{
	char one[PATTERN_MAX + 1];

	for (size_t i = 0; i < n->n; i++) {
		snprintf(one, sizeof(one), "%.*s", (int)n->v[i].len,
		    n->mem + n->v[i].at);
		if (strstr(text, one) != NULL)
			return true;
	}
	return n->n == 0;
}

static void
random_text(char *s, size_t most, const char *const *of, size_t n)
{
	size_t len = 1 + random() % most;

	for (s[0] = '\0'; len > 0; len--)
		strcat(s, of[random() % n]);
}

static void
claims_nothing_wrong(void **state)
{
	static const char *const part[] = { "a", "b", "ab", "ba", "abb", "b",
	    "a", "(", ")", "|", "*", "+", "?", "{2}", "{1,2}", "{0,1}", ".",
	    "[ab]", "[^a]", "[]a]", "^", "$", "\\.", "\\w", "\\b", "(a|b)" };
	static const char *const letter[] = { "a", "b", "a", "b", "." };
	char pattern[64], text[32];
	struct pattern_needs n;
	size_t matched = 0, claimed = 0;
	regex_t re;

	(void)state;
	srandom(20260101);
	for (int i = 0; i < PATTERNS; i++) {
		random_text(pattern, 8, part, N(part));
		if (pattern_unsuitable(pattern) != NULL ||
		    regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
			continue;
		pattern_needs(pattern, &n);
		claimed += n.n > 0;
		for (int k = 0; k < TEXTS; k++) {
			random_text(text, 12, letter, N(letter));
			if (regexec(&re, text, 0, NULL, 0) != 0)
				continue;
			matched++;
			if (!has_one(&n, text))
				fail_msg("\"%s\" is true of \"%s\", and needs "
				    "\"%s\"", pattern, text, needs(pattern));
		}
		regfree(&re);
	}
	assert_true(claimed > PATTERNS / 20);
	assert_true(matched > PATTERNS);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_is_needed),
		cmocka_unit_test(claims_nothing_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
