/* SPDX-License-Identifier: BSD-2-Clause */
/* Values into a message, escaped; see emit.h.  Nearly all bytes need nothing,
   so sixteen are looked at and copied at once. */
#include "emit.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

enum class {
	LOOK	= 1 << 0,	/* control, or not ASCII */
	QUOTE	= 1 << 1,	/* RFC 5424 6.3.3 */
	BACK	= 1 << 2,	/* could read as \xHH */
	SEP	= 1 << 3,	/* separates in chain and sentence */
};

static const uint8_t class[256] = {
	[0 ... 0x1f] = LOOK, [0x7f ... 0xff] = LOOK,
	['"'] = QUOTE, [']'] = QUOTE, ['\\'] = QUOTE | BACK,
	['<'] = SEP, ['>'] = SEP, ['('] = SEP, [')'] = SEP,
	[';'] = SEP, [','] = SEP, [' '] = SEP,
};

static const uint8_t stops[] = {
	[EMIT_STR] = LOOK | QUOTE | BACK,
	[EMIT_TEXT] = LOOK | QUOTE,
	[EMIT_COMM] = LOOK | QUOTE | BACK | SEP,
	[EMIT_MSG_COMM] = LOOK | BACK | SEP,
	[EMIT_MSG] = LOOK,
};

static inline char *
put_hex(char *p, unsigned char c, unsigned stop)
{
	*p++ = '\\';
	if (stop & QUOTE)
		*p++ = '\\';
	*p++ = 'x';
	*p++ = "0123456789abcdef"[c >> 4];
	*p++ = "0123456789abcdef"[c & 15];
	return p;
}

/* The character at s in at most 5 bytes; *used of s is done with. */
static inline char *
put_char(char *p, const char *s, size_t n, unsigned stop, size_t *used)
{
	unsigned char c = *s;

	*used = 1;
	if (!(class[c] & stop)) {
		*p++ = c;
		return p;
	}
	if (class[c] & LOOK) {
		size_t len = text_char(s, n);

		if (len == 0)
			return put_hex(p, c, stop);
		memcpy(p, s, len);
		*used = len;
		return p + len;
	}
	if (class[c] & stop & SEP ||
	    (class[c] & stop & BACK && text_reads_as_escape(s, n)))
		return put_hex(p, c, stop);
	if (stop & QUOTE)
		*p++ = '\\';
	*p++ = c;
	return p;
}

typedef int8_t chars __attribute__((vector_size(16)));
typedef uint64_t words __attribute__((vector_size(16)));

/* Is none of these bytes LOOK or QUOTE, nor, if that is a stop, SEP? */
static inline bool
unremarkable(chars v, unsigned stop)
{
	chars bad = (v < 0x20) | (v == 0x7f) |	/* not ASCII is negative */
	    (v == '"') | ((v | 1) == ']');	/* and backslash */
	uint64_t half[2];

	if (stop & SEP)
		bad |= ((v | 1) == ')') | ((v | 2) == '>') | (v == ';') |
		    (v == ',') | (v == ' ');
	memcpy(half, &bad, sizeof(bad));
	return (half[0] | half[1]) == 0;
}

/* Copies 4 to 16 bytes that are unremarkable, in two words that overlap;
   returns how many: all or none. */
static inline size_t
copy_short(char *p, const char *s, size_t n, unsigned stop)
{
	uint64_t a, b;
	uint32_t c, d;

	if (n < 8) {
		memcpy(&c, s, 4);
		memcpy(&d, s + n - 4, 4);
		a = b = c | (uint64_t)d << 32;
	} else {
		memcpy(&a, s, 8);
		memcpy(&b, s + n - 8, 8);
	}
	if (!unremarkable((chars)(words){ a, b }, stop))
		return 0;
	if (n < 8) {
		memcpy(p, &c, 4);
		memcpy(p + n - 4, &d, 4);
	} else {
		memcpy(p, &a, 8);
		memcpy(p + n - 8, &b, 8);
	}
	return n;
}

/* Copies what needs nothing; returns how many bytes that were. */
static inline size_t
copy_run(char *p, const char *end, const char *s, size_t n, unsigned stop)
{
	const char *last = end + EMIT_SLACK;
	size_t i;
	chars v;

	for (i = 0; n - i > sizeof(v) && last - p >= (long)(i + sizeof(v));
	    i += sizeof(v)) {
		memcpy(&v, s + i, sizeof(v));
		if (!unremarkable(v, stop))
			return i;
		memcpy(p + i, &v, sizeof(v));
	}
	if (n - i < 4 || n - i > sizeof(v) || last - p < (long)n)
		return i;
	return i + copy_short(p + i, s + i, n - i, stop);
}

char *
emit(char *p, const char *end, const char *s, size_t n, enum emit how)
{
	unsigned stop = stops[how];
	size_t used, i = 0;

	while (i < n) {
		if (p > end)
			return NULL;
		if ((unsigned char)s[i] < 0x20) {
			p = put_hex(p, s[i++], stop);
			continue;
		}
		if (class[(unsigned char)s[i]] & stop) {
			p = put_char(p, s + i, n - i, stop, &used);
			i += used;
			continue;
		}
		used = copy_run(p, end, s + i, n - i, stop);
		i += used;
		p += used;
		/* A few, or up to what was remarkable. */
		for (; i < n && !(class[(unsigned char)s[i]] & stop); i++) {
			if (p > end)
				return NULL;
			*p++ = s[i];
		}
	}
	return p > end ? NULL : p;
}

/* Where the last characters of s begin that fill at most size bytes.  A byte
   is never written in less than one, so no more than size are looked at. */
static size_t
tail(const char *s, size_t n, unsigned stop, size_t size)
{
	size_t i, begin, used, over = 0;
	char c[EMIT_SLACK];

	begin = n > size ? n - size : 0;
	for (i = 0; i < 3 && begin < n && (s[begin] & 0xc0) == 0x80; i++)
		begin++;
	for (i = begin; i < n; i += used)
		over += put_char(c, s + i, n - i, stop, &used) - c;
	for (; over > size; begin += used)
		over -= put_char(c, s + begin, n - begin, stop, &used) - c;
	return begin;
}

char *
emit_cut(char *p, size_t size, const char *s, size_t n, enum emit how)
{
	size_t half = (size - 3) / 2, used, at;
	char *end = p + half, *q, c[EMIT_SLACK];

	for (at = 0; at < n; at += used) {
		q = put_char(c, s + at, n - at, stops[how], &used);
		if (q - c > end - p)
			break;
		memcpy(p, c, q - c);
		p += q - c;
	}
	memcpy(p, "...", 3);
	p += 3;
	at += tail(s + at, n - at, stops[how], half);
	return emit(p, p + half, s + at, n - at, how);
}
