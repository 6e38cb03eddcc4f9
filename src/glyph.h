/* SPDX-License-Identifier: BSD-2-Clause */
/* One character of a value, as it may be shown. */
#ifndef PIDTREED_GLYPH_H
#define PIDTREED_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glyph {
	char s[16];		/* not terminated */
	size_t len;		/* of s */
	size_t used;		/* bytes of the value that it stands for */
	unsigned columns;
};

/* The first character of s, n > 0: itself if it can be shown, else \xHH,
   \uHHHH or \UHHHHHHHH.  Without utf8 only ASCII is shown as itself. */
void glyph_at(struct glyph *, bool utf8, const char *s, size_t n);
/* RFC 3629: bytes of the first character, 0 if there is no valid one. */
size_t glyph_decode(const char *s, size_t n, uint32_t *);
/* What could drive a terminal, or hide, reorder or break text. */
bool glyph_hostile(uint32_t);

#endif
