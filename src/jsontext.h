/* SPDX-License-Identifier: BSD-2-Clause */
/* Clean text (see text_char) as it is inside a JSON string. */
#ifndef PIDTREED_JSONTEXT_H
#define PIDTREED_JSONTEXT_H

#include "buf.h"

/* Escapes what RFC 8259, 7 wants escaped, quotation marks, backslashes and
   controls; adds no quotation marks around it. */
static inline void
jsontext(struct buf *b, const char *s, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + from, i - from);
		if (c < 0x20)
			buf_addf(b, "\\u%04x", c);
		else {
			buf_addc(b, '\\');
			buf_addc(b, c);
		}
		from = i + 1;
	}
	buf_add(b, s + from, n - from);
}

#endif
