/* SPDX-License-Identifier: BSD-2-Clause */
/* Untrusted bytes made into text, and back. */
#ifndef PIDTREED_TEXT_H
#define PIDTREED_TEXT_H

#include <stddef.h>

#include "buf.h"
#include "message.h"

/* Arguments (NUL-separated, n bytes) as a shell would need them: 'a b',
   $'a\x0ab' where a byte needs it, plain where nothing does. */
void text_quote_args(struct buf *, const char *args, size_t n);
/* Bytes < 0x20, 0x7f, invalid UTF-8 -> \xHH; a backslash that would read as
   such an escape -> \x5c.  text_unescape is its inverse; in place is fine. */
void text_escape(struct buf *, const char *, size_t);
size_t text_unescape(char *out, const char *in, size_t n);
/* As text_escape, and < > ( ) ; , and blank too: for chain and sentence. */
void text_escape_comm(struct buf *, const char *, size_t);
/* RFC 3339 in UTC, microseconds (digits 6) or milliseconds (3). */
void text_time(struct buf *, int64_t us, int digits);
/* RFC 3339 with any offset -> us since 1970, or NUM_NONE. */
int64_t text_parse_time(const char *, size_t);
/* RFC 5952; v4-mapped as IPv4. */
void text_addr(struct buf *, const struct in6_addr *);
/* errno's name ("ECONNREFUSED") or NULL. */
const char *text_errno(int);

#endif
