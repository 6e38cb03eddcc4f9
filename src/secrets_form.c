/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets that have a form of their own: user information in URLs, AWS keys,
   JSON web tokens, PEM blocks; and the look at all of a word. */
#define _GNU_SOURCE		/* memmem, memrchr */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "secrets.h"

#define TOKEN	20	/* from this length on a user name is a token */

static bool
is_token(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && (secrets_in_name(s[i]) && s[i] != '.'); i++)
		;
	return n >= TOKEN && i == n;
}

static bool
all_digits(const char *s, const char *end)
{
	while (s < end && isdigit((unsigned char)*s))
		s++;
	return s == end;
}

/* The end of user information: the last @ of the authority (RFC 3986 3.2.1).
   A password may hold a '/' that should have been %2F, and the end of a line
   that was cut may have been before the @. */
static const char *
end_of_user(const struct text *t, const char *s, const char *end)
{
	const char *e = s, *at, *colon;

	while (e < end && !isspace((unsigned char)*e) &&
	    strchr("/?#\"'<>`\\", *e) == NULL)
		e++;
	if ((at = memrchr(s, '@', e - s)) != NULL)
		return at;
	/* A host and its port. */
	if (*s == '[' || (colon = memchr(s, ':', e - s)) == NULL ||
	    all_digits(colon + 1, e))
		return NULL;
	if (e < end && (at = memchr(e, '@', end - e)) != NULL)
		return at;
	return e == t->s + t->n && t->cut ? e : NULL;
}

/* i is behind "://". */
static void
take_url(struct text *t, const struct word *w, size_t i)
{
	const char *s = t->s + i, *at, *colon;
	struct word v = { i, i, w->script, false };

	if (i == w->to || (at = end_of_user(t, s, t->s + w->to)) == NULL)
		return;
	colon = memchr(s, ':', at - s);
	if (is_token(s, (colon == NULL ? at : colon) - s)) {
		v.to = (colon == NULL ? at : colon) - t->s;
		secrets_mark(t, v, 0);
	}
	if (colon != NULL) {
		v.from = colon + 1 - t->s;
		v.to = at - t->s;
		secrets_mark(t, v, 0);
	}
}

static size_t
run(const char *s, const char *end, int (*of)(int), const char *also)
{
	const char *p = s;

	while (p < end && (of((unsigned char)*p) ||
	    (*p != '\0' && strchr(also, *p) != NULL)))
		p++;
	return p - s;
}

static int
upper_or_digit(int c)
{
	return isupper(c) || isdigit(c);
}

/* AWS access keys (AKIA, temporary ASIA, and 16 more) and JSON web tokens
   (RFC 7519: base64url of `{"`, a dot, ...) at s; their length, or 0. */
static size_t
own_form(const char *s, const char *end)
{
	size_t n, k;

	if (end - s >= 20 && (memcmp(s, "AKIA", 4) == 0 ||
	    memcmp(s, "ASIA", 4) == 0))
		return run(s, end, upper_or_digit, "") == 20 ? 20 : 0;
	if (end - s < 10 || memcmp(s, "eyJ", 3) != 0)
		return 0;
	n = run(s, end, isalnum, "-_");
	if (n < 8 || s + n == end || s[n] != '.')
		return 0;
	k = run(s + n + 1, end, isalnum, "-_.");
	return k == 0 ? 0 : n + 1 + k;
}

/* -----BEGIN X-----, body, -----END X----- (RFC 7468): the body; true if it
   has no end here. */
static bool
take_pem(struct text *t, const struct word *w, size_t i)
{
	const char *s = t->s + i + 10, *end = t->s + w->to, *p;
	struct word v = { 0, w->to, false, false };

	p = memmem(s, end - s, "-----", 5);
	if (p == NULL)
		return true;
	v.from = p + 5 - t->s;
	p = memmem(p + 5, end - (p + 5), "-----END", 8);
	if (p != NULL)
		v.to = p - t->s;
	if (v.from < v.to)
		marks_add(t->marks, t->s, v.from, v.to);
	return p == NULL;
}

static bool
take_pems(struct text *t, const struct word *w)
{
	const char *s = t->s + w->from, *end = t->s + w->to;
	bool goes_on = false;

	while ((s = memmem(s, end - s, "-----BEGIN", 10)) != NULL) {
		goes_on = take_pem(t, w, s - t->s);
		s += 10;
	}
	return goes_on;
}

bool
secrets_in_word(struct text *t, const struct word *w)
{
	const char *s = t->s, *end = t->s + w->to;
	size_t i = w->from, n;

	while (i < w->to) {
		if (w->to - i > 3 && memcmp(s + i, "://", 3) == 0)
			take_url(t, w, i + 3);
		if (!secrets_in_name(s[i])) {
			i++;
			continue;
		}
		if ((n = own_form(s + i, end)) > 0)
			marks_add(t->marks, s, i, i + n);
		i = secrets_take_name(t, w, i);
	}
	return take_pems(t, w);
}

/* Is s[i] the last character of what only secrets have in them?  One look at
   one character in most cases. */
static bool
suspect(const char *s, size_t i, size_t n)
{
	const char *p = s + i;

	switch (*p | 0x20) {
	case 's':		/* pass */
		return i >= 3 && strncasecmp(p - 3, "pas", 3) == 0;
	case 'k':		/* token, key, AKIA */
		return i >= 1 && n - i >= 3 && ((p[-1] | 0x20) == 'o' ||
		    strncasecmp(p, "key", 3) == 0 ||
		    strncasecmp(p, "kia", 3) == 0);
	case 'c':		/* secret */
		return i >= 2 && n - i >= 2 && (p[1] | 0x20) == 'r' &&
		    strncasecmp(p - 2, "se", 2) == 0;
	case 'z':		/* authorization */
		return i >= 3 && strncasecmp(p - 3, "ori", 3) == 0;
	case 'j':		/* eyJ */
		return i >= 2 && p[-1] == 'y' && p[-2] == 'e';
	case 'i':		/* ASIA */
		return i >= 2 && p[-1] == 'S' && p[-2] == 'A';
	case 'w':		/* mysql_pwd */
		return i >= 1 && (p[-1] | 0x20) == 'p';
	case 'r':		/* curl -su */
		return i >= 2 && p[-1] == 'u' && p[-2] == 'c';
	}
	if (*p == ':')
		return n - i >= 3 && p[1] == '/' && p[2] == '/';
	return false;
}

bool
secrets_possible(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '-' && i + 1 < n && strchr("puUabwB-", s[i + 1]) !=
		    NULL && s[i + 1] != '\0' && (s[i + 1] != '-' ||
		    (i + 5 < n && memcmp(s + i, "-----", 5) == 0)))
			return true;
		if (suspect(s, i, n))
			return true;
	}
	return false;
}
