/* SPDX-License-Identifier: BSD-2-Clause */
/* One character of a value, as it may be shown; see glyph.h. */
#define _GNU_SOURCE	/* wcwidth */
#include "glyph.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

size_t
glyph_decode(const char *text, size_t n, uint32_t *c)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, len = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 : s[0] < 0xf8 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	*c = len == 1 ? s[0] : s[0] & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

bool
glyph_hostile(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} range[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f },		/* C0, DEL, C1 */
		{ 0xad, 0xad },				/* soft hyphen */
		{ 0x61c, 0x61c },			/* Arabic letter mark */
		{ 0x115f, 0x1160 }, { 0x3164, 0x3164 },	/* Hangul fillers */
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f },	/* invisible */
		{ 0x200b, 0x200f },			/* zero width, LRM */
		{ 0x2028, 0x202e },			/* separators, bidi */
		{ 0x2060, 0x206f },			/* isolates */
		{ 0xfe00, 0xfe0f },			/* variations */
		{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },			/* annotation */
		{ 0xe000, 0xf8ff }, { 0xf0000, 0x10ffff }, /* private use */
		{ 0xe0000, 0xe0fff },			/* tags */
	};
	size_t i;

	if (c >= ' ' && c < 0x7f)
		return false;
	for (i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		if (c >= range[i].first && c <= range[i].last)
			return true;
	return false;
}

void
glyph_at(struct glyph *g, bool utf8, const char *s, size_t n)
{
	uint32_t c;
	int columns;

	g->used = glyph_decode(s, n, &c);
	if (g->used == 0)
		c = (unsigned char)*s;
	if (g->used == 1 && c >= ' ' && c < 0x7f) {
		g->s[0] = c;
		g->len = g->columns = 1;
		return;
	}
	if (g->used > 1 && utf8 && !glyph_hostile(c) &&
	    (columns = wcwidth(c)) >= 0) {
		memcpy(g->s, s, g->used);
		g->len = g->used;
		g->columns = columns;
		return;
	}
	g->len = snprintf(g->s, sizeof(g->s), g->used <= 1 ? "\\x%02x" :
	    c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
	g->columns = g->len;
	if (g->used == 0)
		g->used = 1;
}
