/* SPDX-License-Identifier: BSD-2-Clause */
/* What the search needs to know of one line: whether it is JSON, and then how
   it reads without JSON's escapes (RFC 8259, 7), and its TIMESTAMP. */
#define _GNU_SOURCE	/* memmem, memrchr */
#include <string.h>

#include "search_impl.h"
#include "text.h"

#define APP	" pidtreed "

/* The same as record_find does: also an array with an object a line. */
bool
json_line(const char *line, const char *end)
{
	while (line < end && (*line == '[' || *line == ',' || *line == ' ' ||
	    *line == '\t'))
		line++;
	return line < end && *line == '{';
}

static int
hex4(const char *s, const char *end)
{
	int i, v = 0;

	if (end - s < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef";
		const char *d = memchr(digits, s[i] | 0x20, 16);

		if (d == NULL)
			return -1;
		v = v << 4 | (int)(d - digits);
	}
	return v;
}

static char *
put_utf8(char *o, unsigned c)
{
	if (c < 0x80) {
		*o++ = c;
	} else if (c < 0x800) {
		*o++ = 0xc0 | c >> 6;
		*o++ = 0x80 | (c & 0x3f);
	} else if (c < 0x10000) {
		*o++ = 0xe0 | c >> 12;
		*o++ = 0x80 | (c >> 6 & 0x3f);
		*o++ = 0x80 | (c & 0x3f);
	} else {
		*o++ = 0xf0 | c >> 18;
		*o++ = 0x80 | (c >> 12 & 0x3f);
		*o++ = 0x80 | (c >> 6 & 0x3f);
		*o++ = 0x80 | (c & 0x3f);
	}
	return o;
}

/* \uXXXX, or two of them; s is behind the u.  Never longer than it was. */
static const char *
unicode(char **o, const char *s, const char *end)
{
	int c = hex4(s, end), low;

	if (c < 0)
		return s;
	s += 4;
	if (c >= 0xd800 && c < 0xdc00 && end - s >= 6 && s[0] == '\\' &&
	    s[1] == 'u' && (low = hex4(s + 2, end)) >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		s += 6;
	}
	*o = put_utf8(*o, c < 0x20 ? ' ' : c);
	return s;
}

size_t
json_unescape(char *out, const char *s, size_t n)
{
	const char *end = s + n, *back;
	char *o = out;

	while ((back = memchr(s, '\\', end - s)) != NULL && end - back > 1) {
		memcpy(o, s, back - s);
		o += back - s;
		s = back + 2;
		switch (back[1]) {
		case 'u':
			s = unicode(&o, s, end);
			break;
		case 'b': case 'f': case 'n': case 'r': case 't':
			*o++ = ' ';
			break;
		default:
			*o++ = back[1];
		}
	}
	memcpy(o, s, end - s);
	return o + (end - s) - out;
}

/* Behind the word at p and its blank; NULL: it does not end there. */
static const char *
behind_word(const char *p, const char *end)
{
	p = memchr(p, ' ', end - p);
	return p == NULL ? NULL : p + 1;
}

/* TIMESTAMP of a line that begins with the header, as nearly all do. */
static int64_t
header_time(const char *line, const char *end)
{
	const char *time, *host, *app;

	if (line == end || *line != '<' ||
	    (time = behind_word(line, end)) == NULL || time - line > 7 ||
	    (host = behind_word(time, end)) == NULL ||
	    (app = behind_word(host, end)) == NULL ||
	    (size_t)(end - app) < strlen(APP) - 1 ||
	    memcmp(app, &APP[1], strlen(APP) - 1) != 0)
		return NUM_NONE;
	return text_parse_time(time, host - 1 - time);
}

int64_t
line_time(const char *line, size_t n)
{
	const char *end = line + n, *p, *app, *host, *time;
	int64_t us = header_time(line, end);

	if (us != NUM_NONE)
		return us;
	for (p = line; (app = memmem(p, end - p, APP, strlen(APP))) != NULL;
	    p = app + 1) {
		if ((host = memrchr(line, ' ', app - line)) == NULL)
			continue;
		time = memrchr(line, ' ', host - line);
		time = time == NULL ? line : time + 1;
		us = text_parse_time(time, host - time);
		if (us != NUM_NONE)
			return us;
	}
	return NUM_NONE;
}
