/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping and quoting: what a process chose to be called becomes text that
   cannot end a value, a line or a record.  See text.h. */
#define _GNU_SOURCE		/* strerrorname_np */
#include "text.h"

#include <ctype.h>
#include <string.h>

static const char hex[] = "0123456789abcdef";

/* Two to four bytes, shortest form, no surrogates (RFC 3629 section 4).
   Returns the length and the code point, or 0. */
static size_t
utf8(const unsigned char *s, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (n < len)
		return 0;
	*cp = s[0] & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[len] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return len;
}

size_t
text_char(const char *s, size_t n)
{
	unsigned char c = *s;
	uint32_t cp;
	size_t len;

	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	if ((len = utf8((const unsigned char *)s, n, &cp)) == 0)
		return 0;
	if (cp < 0xa0 || (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069))
		return 0;
	return len;
}

static int
hexval(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_reads_as_escape(const char *s, size_t n)
{
	return n >= 4 && s[1] == 'x' && hexval(s[2]) >= 0 && hexval(s[3]) >= 0;
}

static void
add_hex(struct buf *b, unsigned char c)
{
	const char e[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

	buf_add(b, e, sizeof(e));
}

static void
escape(struct buf *b, const char *s, size_t n, const char *also)
{
	size_t i, run = 0, len;

	for (i = 0; i < n; i += len) {
		len = text_char(s + i, n - i);
		if (len > 1 || (len == 1 && (s[i] != '\\' ||
		    !text_reads_as_escape(s + i, n - i)) &&
		    strchr(also, s[i]) == NULL))
			continue;
		buf_add(b, s + run, i - run);
		add_hex(b, s[i]);
		len = 1;
		run = i + 1;
	}
	buf_add(b, s + run, n - run);
}

void
text_escape(struct buf *b, const char *s, size_t n)
{
	escape(b, s, n, "");
}

void
text_escape_comm(struct buf *b, const char *s, size_t n)
{
	escape(b, s, n, "<>();, ");
}

size_t
text_unescape(char *out, const char *in, size_t n)
{
	char *o = out;
	size_t i;

	for (i = 0; i < n; i++) {
		if (in[i] == '\\' && text_reads_as_escape(in + i, n - i)) {
			*o++ = hexval(in[i + 2]) << 4 | hexval(in[i + 3]);
			i += 3;
		} else
			*o++ = in[i];
	}
	return o - out;
}

/* Eight bytes of printable ASCII, as nearly all are. */
static bool
eight_plain(const char *s)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t v;

	memcpy(&v, s, sizeof(v));
	return (((v - 0x20 * each) | (v + each) | v) & 0x80 * each) == 0;
}

void
text_clean(char *s, size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i += len) {
		if (n - i >= 8 && eight_plain(s + i))
			len = 8;
		else if ((len = text_char(s + i, n - i)) == 0) {
			s[i] = '?';
			len = 1;
		}
	}
}

/* The bytes that mean nothing to any shell, wherever they stand. */
static bool
plain(unsigned char c)
{
	return isascii(c) && (isalnum(c) || strchr("@%_+=:,./-", c) != NULL);
}

static bool
all_plain(const char *s, size_t n)
{
	while (n > 0 && plain(*s) && *s != '\0')
		s++, n--;
	return n == 0;
}

static bool
all_chars(const char *s, size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i += len)
		if ((len = text_char(s + i, n - i)) == 0)
			return false;
	return true;
}

/* $'...': the only form that can hold any byte but NUL. */
static void
quote_ansi_c(struct buf *b, const char *s, size_t n)
{
	size_t i, len;

	buf_adds(b, "$'");
	for (i = 0; i < n; i += len) {
		if ((len = text_char(s + i, n - i)) == 0) {
			add_hex(b, s[i]);
			len = 1;
			continue;
		}
		if (s[i] == '\\' || s[i] == '\'')
			buf_addc(b, '\\');
		buf_add(b, s + i, len);
	}
	buf_addc(b, '\'');
}

static void
quote_single(struct buf *b, const char *s, size_t n)
{
	const char *q;

	buf_addc(b, '\'');
	while ((q = memchr(s, '\'', n)) != NULL) {
		buf_add(b, s, q - s);
		buf_adds(b, "'\\''");
		n -= q + 1 - s;
		s = q + 1;
	}
	buf_add(b, s, n);
	buf_addc(b, '\'');
}

void
text_quote_args(struct buf *b, const char *args, size_t n)
{
	const char *s = args, *end = args + n, *nul;
	size_t len;

	for (; s < end; s += len + 1) {
		nul = memchr(s, '\0', end - s);
		len = (nul == NULL ? end : nul) - s;
		if (s > args)
			buf_addc(b, ' ');
		/* An '=' in the first word would make it an assignment. */
		if (len > 0 && all_plain(s, len) &&
		    (s > args || memchr(s, '=', len) == NULL))
			buf_add(b, s, len);
		else if (all_chars(s, len))
			quote_single(b, s, len);
		else
			quote_ansi_c(b, s, len);
	}
}

const char *
text_errno(int e)
{
	return strerrorname_np(e);
}
