/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Secrets that show by themselves: `password=x`, "Authorization: Bearer x",
 * {"token": "x"}, https://user:x@host, and what has a form of its own: AWS
 * keys, JSON web tokens, PEM blocks.
 */
#define _GNU_SOURCE		/* memmem */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "secrets.h"

#define NAME	64	/* bytes of a name that are looked at */
#define TOKEN	20	/* from this length on a user name is a token */

static void
add(struct marks *m, size_t from, size_t to)
{
	struct mark *v = m->v;
	size_t i, k;

	for (i = 0; i < m->n && v[i].to < from; i++)
		;
	/* v[i] to v[k - 1] touch the new one. */
	for (k = i; k < m->n && v[k].from <= to; k++) {
		from = v[k].from < from ? v[k].from : from;
		to = v[k].to > to ? v[k].to : to;
	}
	memmove(v + i + 1, v + k, (m->n - k) * sizeof(*v));
	v[i] = (struct mark){ from, to };
	m->n += 1 + i - k;
	if (m->n > MARKS) {
		v[MARKS - 1].to = v[MARKS].to;
		m->n = MARKS;
	}
}

void
marks_add(struct marks *m, const char *s, size_t from, size_t to)
{
	const char *nul;
	size_t end;

	for (; from < to; from = end + 1) {
		nul = memchr(s + from, '\0', to - from);
		end = nul == NULL ? to : (size_t)(nul - s);
		if (from < end)
			add(m, from, end);
	}
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

void
secrets_unquote(const struct text *t, struct word *w)
{
	if (w->to - w->from >= 2 && is_quote(t->s[w->from]) &&
	    t->s[w->to - 1] == t->s[w->from]) {
		w->from++;
		w->to--;
	}
}

/* $X, ${X}, $(X) and `X` in what a shell will expand. */
static bool
is_expansion(const struct text *t, const struct word *w)
{
	const char *s = t->s + w->from;

	if (!w->script || (w->from > 0 && s[-1] == '\''))
		return false;
	return *s == '`' || (*s == '$' && (w->to - w->from == 1 ||
	    isalpha((unsigned char)s[1]) || strchr("_{(", s[1]) != NULL));
}

void
secrets_mark(struct text *t, struct word w, char sep)
{
	const char *at;

	secrets_unquote(t, &w);
	if (sep != '\0') {
		at = memchr(t->s + w.from, sep, w.to - w.from);
		if (at == NULL)
			return;
		w.from = at + 1 - t->s;
		secrets_unquote(t, &w);
	}
	if (w.from < w.to && !is_expansion(t, &w))
		marks_add(t->marks, t->s, w.from, w.to);
}

/* Names end like this when what they name is secret. */
static const struct keyword {
	const char *name;
	bool part;		/* a word of its own: not in `bypass` */
} keywords[] = {
	{ "password", false }, { "passwd", false }, { "passphrase", false },
	{ "passcode", false }, { "pass", true }, { "mysql_pwd", false },
	{ "token", false }, { "secret", false },
	{ "apikey", false }, { "api-key", false }, { "api_key", false },
	{ "authorization", false },
	{ "secretkey", false }, { "secret-key", false },
	{ "secret_key", false }, { "secretaccesskey", false },
	{ "secret_access_key", false }, { "secret-access-key", false },
	{ "accountkey", false }, { "sharedaccesskey", false },
};

#define NKEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

static bool
ends_in(const char *s, const char *end, const struct keyword *k)
{
	size_t n = strlen(k->name);

	if ((size_t)(end - s) < n || strncasecmp(end - n, k->name, n) != 0)
		return false;
	return !k->part || (size_t)(end - s) == n ||
	    !isalnum((unsigned char)*(end - n - 1));
}

bool
secrets_name(const char *s, const char *end, bool *part)
{
	size_t i;

	/* password2 */
	while (end > s && isdigit((unsigned char)end[-1]))
		end--;
	for (i = 0; i < NKEYWORDS; i++)
		if (ends_in(s, end, &keywords[i])) {
			*part = keywords[i].part;
			return true;
		}
	return false;
}

static bool
in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* `name` and what separates it from its value. */
struct pair {
	size_t name, end;	/* of the name */
	size_t value;
	char sep;		/* '=', ':' or, in <name>value, '>' */
	bool blanks;		/* there are some around sep */
};

static size_t
skip_blanks(const struct text *t, size_t i, size_t to)
{
	while (i < to && isspace((unsigned char)t->s[i]))
		i++;
	return i;
}

/* The separator at i; how many bytes, 0: none. */
static size_t
separator(const struct text *t, size_t i, size_t to, char *sep)
{
	const char *s = t->s + i;
	size_t n = to - i;

	if (n == 0)
		return 0;
	*sep = *s;
	if (n >= 3 && (strncasecmp(s, "%3d", 3) == 0 ||
	    strncasecmp(s, "%3a", 3) == 0)) {
		*sep = '=';
		return 3;
	}
	if (*s == ':' && n > 1 && s[1] == '=')
		return 2;
	if (*s == ':')
		return n > 1 && (s[1] == ':' || (s[1] == '/' && n > 2 &&
		    s[2] == '/')) ? 0 : 1;
	if (*s == '=' && n > 1 && s[1] == '>')
		return 2;
	if (*s == '=')
		return n > 1 && (s[1] == '=' || s[1] == '~') ? 0 : 1;
	return 0;
}

/* Is the name that ends at p->end followed by a separator and a value? */
static bool
find_value(const struct text *t, const struct word *w, struct pair *p)
{
	size_t i = p->end, n, after;
	bool quoted = false;

	if (i < w->to && t->s[i] == '>' && p->name > w->from &&
	    t->s[p->name - 1] == '<') {
		p->sep = '>';
		p->value = i + 1;
		return i + 1 < w->to;
	}
	/* "name", \"name\", ["name"] */
	for (; i < w->to && i < p->end + 3 && strchr("\\\"']", t->s[i]) !=
	    NULL && t->s[i] != '\0'; i++)
		quoted = true;
	after = skip_blanks(t, i, w->to);
	if ((n = separator(t, after, w->to, &p->sep)) == 0)
		return false;
	p->value = skip_blanks(t, after + n, w->to);
	p->blanks = after > i || p->value > after + n;
	/* `X= cmd` is an empty value; /etc/passwd:/etc/passwd a path. */
	if (p->sep == '=' && after == i && p->value > after + n && !quoted)
		return false;
	if (p->sep == ':' && !p->blanks && !quoted &&
	    ((p->name > w->from && t->s[p->name - 1] == '/') ||
	    (p->value < w->to && t->s[p->value] == '/')))
		return false;
	return p->value < w->to;
}

/* Does a name and a separator, or nothing more, follow at i? */
static bool
next_pair(const struct text *t, size_t i, size_t to)
{
	size_t n;

	i = skip_blanks(t, i, to);
	for (n = 0; i + n < to && n < NAME && (in_name(t->s[i + n]) ||
	    is_quote(t->s[i + n])); n++)
		;
	return i == to || (n > 0 && i + n < to &&
	    (t->s[i + n] == '=' || t->s[i + n] == ':'));
}

static bool
opened(const struct text *t, const struct word *w, const struct pair *p,
    char c)
{
	return memchr(t->s + w->from, c, p->name - w->from) != NULL;
}

/* Does the character at i end a value that is not quoted? */
static bool
ends_value(const struct text *t, const struct word *w, const struct pair *p,
    size_t i)
{
	switch (t->s[i]) {
	case ' ': case '\t': case '\n': case '\r':
		return true;
	case '"': case '\'': case '`':
		return opened(t, w, p, t->s[i]);
	case '&': case ',': case ';':
		return next_pair(t, i + 1, w->to) || (i + 1 < w->to &&
		    isspace((unsigned char)t->s[i + 1]));
	case '}':
		return opened(t, w, p, '{');
	case ']':
		return opened(t, w, p, '[');
	case ')':
		return opened(t, w, p, '(');
	case '<':
		return opened(t, w, p, '<');
	}
	return false;
}

/* "..." or \"...\": the value between them. */
static struct word
quoted_value(const struct text *t, struct word v)
{
	bool back = t->s[v.from] == '\\';
	char q = t->s[v.from + back];
	size_t i;

	v.from += 1 + back;
	for (i = v.from; i < v.to && t->s[i] != q; i++)
		if (t->s[i] == '\\' && i + 1 < v.to) {
			if (back && t->s[i + 1] == q)
				break;
			i++;
		}
	v.to = i < v.to ? i : v.to;
	return v;
}

/* "Bearer x", "Basic x": to the end of the line or of the quotes that are
   open; the scheme stays. */
static struct word
authorization_value(const struct text *t, const struct word *w,
    const struct pair *p)
{
	struct word v = { p->value, p->value, w->script, false };
	size_t i;

	while (v.to < w->to && t->s[v.to] != '\n' && t->s[v.to] != '\r' &&
	    !(is_quote(t->s[v.to]) && opened(t, w, p, t->s[v.to])))
		v.to++;
	for (i = v.from; i < v.to && (isalnum((unsigned char)t->s[i]) ||
	    t->s[i] == '-'); i++)
		;
	if (i < v.to && t->s[i] == ' ' && skip_blanks(t, i, v.to) < v.to)
		v.from = skip_blanks(t, i, v.to);
	return v;
}

/* Do only dashes stand before the name? */
static bool
leads(const struct text *t, const struct word *w, const struct pair *p)
{
	size_t i;

	for (i = w->from; i < p->name && t->s[i] == '-'; i++)
		;
	return i == p->name;
}

static struct word
value_of(const struct text *t, const struct word *w, const struct pair *p)
{
	struct word v = { p->value, w->to, w->script, false };
	bool back = t->s[v.from] == '\\' && v.from + 1 < v.to;

	if (w->whole && p->sep == '=' && leads(t, w, p))
		return v;
	if (is_quote(t->s[v.from + back]))
		return quoted_value(t, v);
	if (p->end - p->name >= 13 && strncasecmp(t->s + p->end - 13,
	    "authorization", 13) == 0)
		return authorization_value(t, w, p);
	for (v.to = v.from; v.to < w->to; v.to++)
		if (p->sep == '>' ? t->s[v.to] == '<' :
		    ends_value(t, w, p, v.to))
			break;
	return v;
}

/* A name from i on, as long as it goes; returns its end. */
static size_t
take_name(struct text *t, const struct word *w, size_t i)
{
	struct pair p = { .name = i };
	size_t begin;
	bool part;

	while (i < w->to && in_name(t->s[i]))
		i++;
	p.end = i;
	begin = i - p.name > NAME ? i - NAME : p.name;
	if (!secrets_name(t->s + begin, t->s + i, &part) ||
	    !find_value(t, w, &p) || (part && p.sep != '='))
		return i;
	secrets_mark(t, value_of(t, w, &p), 0);
	return i;
}

static bool
is_token(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && (in_name(s[i]) && s[i] != '.'); i++)
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

void
secrets_in_assignment(struct text *t, struct word w)
{
	const char *eq = memchr(t->s + w.from, '=', w.to - w.from);

	w.whole = true;
	if (eq != NULL && run(t->s + w.from, eq, isalnum, "_-.") ==
	    (size_t)(eq - t->s) - w.from)
		take_name(t, &w, w.from);
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
		if (!in_name(s[i])) {
			i++;
			continue;
		}
		if ((n = own_form(s + i, end)) > 0)
			marks_add(t->marks, s, i, i + n);
		i = take_name(t, w, i);
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
