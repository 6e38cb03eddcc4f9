/* SPDX-License-Identifier: BSD-2-Clause */
/* Untrusted bytes made into text, and back. */
#ifndef PIDTREED_TEXT_H
#define PIDTREED_TEXT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "message.h"

/*
 * Arguments (NUL-separated, n bytes) as a shell would need them: 'a b',
 * $'a\x0ab' where a byte needs it, plain where nothing does.  What comes out
 * is clean: every byte passes text_char.  Its escapes are the shell's, so it
 * is never given to text_escape or text_unescape.
 */
void text_quote_args(struct buf *, const char *args, size_t n);
/*
 * The length of the character at s (n > 0 bytes are there) if it may be
 * shown as it is; else 0: controls (C0, DEL, C1), invalid UTF-8 (RFC 3629),
 * and what ends a line or turns its direction (U+2028 to U+202E, U+2066 to
 * U+2069).
 */
size_t text_char(const char *s, size_t n);
/* Would s, a backslash at its front, be read as \xHH? */
bool text_reads_as_escape(const char *s, size_t n);
/* What text_char refuses -> \xHH a byte; a backslash that would read as such
   an escape -> \x5c.  text_unescape is its inverse; in place is fine. */
void text_escape(struct buf *, const char *, size_t);
size_t text_unescape(char *out, const char *in, size_t n);
/* What text_char refuses becomes '?', a byte for a byte. */
void text_clean(char *, size_t);
/* As text_escape, and < > ( ) ; , and blank too: for chain and sentence. */
void text_escape_comm(struct buf *, const char *, size_t);

#define TEXT_TIME	28	/* bytes that text_put_time writes at most */
#define TEXT_ADDR	40	/* bytes that text_put_addr writes at most */

/* RFC 3339 in UTC, microseconds (digits 6) or milliseconds (3); nothing for
   NUM_NONE and for years that have no four digits. */
void text_time(struct buf *, int64_t us, int digits);
size_t text_put_time(char out[TEXT_TIME], int64_t us, int digits);
/* The same for many times, most of which are of one day, whose date is kept
   in *day: begin with days = INT64_MAX. */
struct text_day {
	int64_t days;
	char date[10];
};
size_t text_put_time_of(struct text_day *day, char out[TEXT_TIME], int64_t us,
    int digits);
/* RFC 3339 with any offset -> us since 1970, or NUM_NONE. */
int64_t text_parse_time(const char *, size_t);
/* RFC 5952; v4-mapped as IPv4. */
void text_addr(struct buf *, const struct in6_addr *);
size_t text_put_addr(char out[TEXT_ADDR], const struct in6_addr *);
/* IPv4 (into the v4-mapped form) or IPv6; -1: neither. */
int text_parse_addr(const char *, size_t, struct in6_addr *);
/* Decimal; the end of what was written, 20 bytes at most. */
char *text_put_uint(char *out, uint64_t);
/* 1 to 19 digits and no more than INT64_MAX, else NUM_NONE. */
int64_t text_parse_uint(const char *, size_t);
/* errno's name ("ECONNREFUSED") or NULL. */
const char *text_errno(int);

#endif
