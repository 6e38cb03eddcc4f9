/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of RFC 5424 section 6, written once more and apart from the
 * parser: what the writer may write, which is less than what may be read.
 * Every value is UTF-8 without controls and at most RFC5424_VALUE bytes, no
 * SD-ID comes twice in a message, no name twice in an element.
 */
#ifndef PIDTREED_ABNF_H
#define PIDTREED_ABNF_H

#include <stdbool.h>
#include <string.h>

#include "rfc5424.h"

static inline bool
abnf_utf8(const char *line, size_t n)
{
	const unsigned char *s = (const unsigned char *)line, *end = s + n;

	for (; s < end; s++) {
		int more = *s < 0x80 ? 0 : *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : 1;

		if (*s < 0x20 || *s == 0x7f || (*s >= 0x80 && *s < 0xc2) ||
		    *s > 0xf4 || end - s <= more)
			return false;
		if ((*s == 0xe0 && s[1] < 0xa0) ||
		    (*s == 0xed && s[1] > 0x9f) ||
		    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
			return false;
		for (; more > 0; more--)
			if ((*++s & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* 1*most PRINTUSASCII and a blank. */
static inline const char *
abnf_token(const char *s, size_t most)
{
	size_t n = 0;

	while (s[n] > 0x20 && s[n] < 0x7f)
		n++;
	return n >= 1 && n <= most && s[n] == ' ' ? s + n + 1 : NULL;
}

/* <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID */
static inline const char *
abnf_header(const char *s)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z ";
	size_t i, digits = strspn(s + 1, "0123456789");

	if (*s != '<' || digits < 1 || digits > 3 || s[1 + digits] != '>')
		return NULL;
	s += digits + 2;
	if (strncmp(s, "1 ", 2) != 0)
		return NULL;
	s += 2;
	if (strncmp(s, "- ", 2) == 0)
		s += 2;
	else
		for (i = 0; form[i] != '\0'; i++, s++)
			if (form[i] == '0' ? *s < '0' || *s > '9' :
			    *s != form[i])
				return NULL;
	if ((s = abnf_token(s, 255)) == NULL ||
	    (s = abnf_token(s, 48)) == NULL || (s = abnf_token(s, 128)) == NULL)
		return NULL;
	return abnf_token(s, 32);
}

static inline size_t
abnf_name(const char *s)
{
	size_t n = strcspn(s, "= ]\"");

	return n > 32 ? 0 : n;
}

/* The value behind `="`, to the closing quote. */
static inline const char *
abnf_value(const char *s)
{
	const char *begin = s;

	for (; *s != '"'; s++) {
		if (*s == '\0' || *s == ']')
			return NULL;
		if (*s == '\\' && (*++s == '\0' || strchr("\"\\]", *s) == NULL))
			return NULL;
	}
	return s == begin || s - begin > RFC5424_VALUE ? NULL : s;
}

/* Does the name (up to end) come again in what follows of the element? */
static inline bool
abnf_again(const char *name, size_t n, const char *s)
{
	while (*s == ' ') {
		size_t k = abnf_name(++s);

		if (k == n && memcmp(s, name, n) == 0)
			return true;
		if (k == 0 || (s = abnf_value(s + k + 2)) == NULL)
			return false;
		s++;
	}
	return false;
}

static inline const char *
abnf_element(const char *s)
{
	size_t n = abnf_name(++s);

	if (n == 0)
		return NULL;
	for (s += n; *s == ' '; s++) {
		const char *name = ++s;

		if ((n = abnf_name(s)) == 0 || strncmp(s + n, "=\"", 2) != 0 ||
		    (s = abnf_value(s + n + 2)) == NULL ||
		    abnf_again(name, n, s + 1))
			return NULL;
	}
	return *s == ']' ? s + 1 : NULL;
}

/* What is wrong with a line (NUL-terminated), or NULL. */
static inline const char *
abnf_error(const char *line, size_t n)
{
	static const char *const order[] = { "[meta ", "[origin ",
	    "[timeQuality ", "[host@32473 ", "[event@32473 ",
	    "[ancestry@32473 " };
	const char *s;
	size_t i = 0;

	if (n > RFC5424_MAX || strlen(line) != n)
		return "length";
	if (!abnf_utf8(line, n))
		return "not UTF-8, or a control";
	if ((s = abnf_header(line)) == NULL)
		return "header";
	if (*s == '-')
		s++;
	else if (*s != '[')
		return "no structured data";
	else
		while (*s == '[') {
			while (i < 6 && strncmp(s, order[i],
			    strlen(order[i])) != 0)
				i++;
			if (i++ == 6)
				return "element unknown or out of order";
			if ((s = abnf_element(s)) == NULL)
				return "element";
		}
	return *s == ' ' && s[1] != '\0' ? NULL : "sentence";
}

#endif
