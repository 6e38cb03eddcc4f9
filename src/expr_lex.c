/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of an expression, and the place in it that a complaint is about. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expr_impl.h"
#include "text.h"

#define SHOWN	40	/* bytes of a token in a complaint, at most */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_operator(char c)
{
	return c != '\0' && strchr("=!<>~", c) != NULL;
}

static unsigned
column(const struct expr_lex *l, size_t at)
{
	unsigned n = 1;
	size_t i;

	for (i = 0; i < at && i < l->n; i++)
		n += (l->text[i] & 0xc0) != 0x80;
	return n;
}

void
expr_complain(struct expr_lex *l, size_t at, const char *fmt, ...)
{
	struct expr_error *e = l->error;
	va_list ap;

	l->token = TOKEN_BAD;
	if (e->text[0] != '\0')
		return;
	e->column = column(l, at);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	text_clean(e->text, strlen(e->text));
}

void
expr_expected(struct expr_lex *l, const char *what)
{
	size_t n = l->at - l->from;

	if (l->token == TOKEN_END)
		expr_complain(l, l->from, "expected %s, found the end", what);
	else
		expr_complain(l, l->from, "expected %s, found \"%.*s\"%s", what,
		    (int)(n > SHOWN ? SHOWN : n), l->text + l->from,
		    n > SHOWN ? "..." : "");
}

/* Behind the quote that ends it.  In "" a backslash makes the next " or \
   one of the text; in '' there is none. */
static void
quoted(struct expr_lex *l)
{
	char quote = l->text[l->at++];

	l->quoted = true;
	l->token = TOKEN_WORD;
	for (; l->at < l->n && l->text[l->at] != quote; l->at++)
		if (quote == '"' && l->text[l->at] == '\\' &&
		    l->at + 1 < l->n && (l->text[l->at + 1] == '"' ||
		    l->text[l->at + 1] == '\\'))
			l->at++;
	if (l->at == l->n)
		expr_complain(l, l->from, "a quote without its end");
	else
		l->at++;
}

/* = != ~ !~ < > <= >= */
static void
operator(struct expr_lex *l)
{
	char c = l->text[l->at++], d = l->at < l->n ? l->text[l->at] : '\0';

	l->token = TOKEN_OPERATOR;
	if ((c == '!' && (d == '=' || d == '~')) ||
	    ((c == '<' || c == '>') && d == '='))
		l->at++;
	else if (c == '!')
		expr_expected(l, "!=, !~ or not");
}

static void
word(struct expr_lex *l, bool value)
{
	size_t n = 0;
	char c;

	l->token = TOKEN_WORD;
	for (; l->at < l->n; l->at += n) {
		c = l->text[l->at];
		n = text_char(l->text + l->at, l->n - l->at);
		if (n == 0 || c == ' ' || strchr("(),\"'", c) != NULL ||
		    (!value && is_operator(c)))
			break;
	}
}

static void
next(struct expr_lex *l, bool value)
{
	char c;

	if (l->token == TOKEN_BAD)
		return;
	while (l->at < l->n && is_blank(l->text[l->at]))
		l->at++;
	l->from = l->at;
	l->quoted = false;
	l->token = TOKEN_END;
	if (l->at == l->n)
		return;
	c = l->text[l->at];
	if (text_char(l->text + l->at, l->n - l->at) == 0)
		expr_complain(l, l->at, "a byte 0x%02x that is no character, "
		    "expected \\x%02x for it", (unsigned char)c,
		    (unsigned char)c);
	else if (c == '"' || c == '\'')
		quoted(l);
	else if (is_operator(c))
		operator(l);
	else if (c == '(' || c == ')' || c == ',') {
		l->token = c == '(' ? TOKEN_OPEN : c == ')' ? TOKEN_CLOSE :
		    TOKEN_COMMA;
		l->at++;
	} else
		word(l, value);
}

void
expr_next(struct expr_lex *l)
{
	next(l, false);
}

void
expr_next_value(struct expr_lex *l)
{
	next(l, true);
}

bool
expr_is_word(const struct expr_lex *l, const char *want)
{
	return l->token == TOKEN_WORD && !l->quoted &&
	    l->at - l->from == strlen(want) &&
	    memcmp(l->text + l->from, want, strlen(want)) == 0;
}

size_t
expr_word(const struct expr_lex *l, char *out)
{
	const char *s = l->text + l->from, *end = l->text + l->at;
	char *to = out, quote = *s;

	if (!l->quoted) {
		memcpy(out, s, end - s);
		return end - s;
	}
	for (s++, end--; s < end; s++) {
		if (quote == '"' && *s == '\\' && s + 1 < end &&
		    (s[1] == '"' || s[1] == '\\'))
			s++;
		*to++ = *s;
	}
	return to - out;
}
