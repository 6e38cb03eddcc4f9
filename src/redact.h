/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets in command lines, taken out before anything leaves the process. */
#ifndef PIDTREED_REDACT_H
#define PIDTREED_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "pattern.h"

#define REDACT_MAX	4096	/* bytes of arguments that are looked at */
#define REDACT_PATTERN	PATTERN_MAX

struct redact;

/*
 * The built-in rules and n patterns of the user's (POSIX extended, with one
 * group around the secret, or none: all of the match), that are matched with
 * the arguments joined by blanks.  No back-references: their time has no
 * bound.  NULL: *why says which and why, borrowed until the next call, or
 * is NULL (ENOMEM); built_in false leaves ours out.
 */
struct redact *redact_new(bool built_in, const char *const *extra, size_t n,
    const char **why);
void redact_free(struct redact *);
/*
 * argv: n bytes, arguments separated by NUL (one at the end or not; none
 * there means that they may have been cut).  Writes the arguments again,
 * NUL-separated, each secret replaced by [redacted:N], N its length in bytes.
 * True if anything was replaced.  If out became full, or n is more than
 * REDACT_MAX, the rest is missing, never the secret half cut.
 */
bool redact_args(const struct redact *, const char *argv, size_t n,
    struct buf *out);

#endif
