/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets that their name announces: `password=x`, "Authorization: Bearer x",
   {"token": "x"}. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "secrets.h"

#define NAME	64	/* bytes of a name that are looked at */

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
	for (n = 0; i + n < to && n < NAME && (secrets_in_name(t->s[i + n]) ||
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

size_t
secrets_take_name(struct text *t, const struct word *w, size_t i)
{
	struct pair p = { .name = i };
	size_t begin;
	bool part;

	while (i < w->to && secrets_in_name(t->s[i]))
		i++;
	p.end = i;
	begin = i - p.name > NAME ? i - NAME : p.name;
	if (!secrets_name(t->s + begin, t->s + i, &part) ||
	    !find_value(t, w, &p) || (part && p.sep != '='))
		return i;
	secrets_mark(t, value_of(t, w, &p), 0);
	return i;
}

void
secrets_in_assignment(struct text *t, struct word w)
{
	const char *eq = memchr(t->s + w.from, '=', w.to - w.from);

	size_t i = w.from;

	if (eq == NULL)
		return;
	w.whole = true;
	while (secrets_in_name(t->s[i]))
		i++;
	if (t->s + i == eq)
		secrets_take_name(t, &w, w.from);
}
