/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets in command lines, taken out before anything leaves the process. */
#ifndef PIDTREED_REDACT_H
#define PIDTREED_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct redact;

/* The built-in patterns and n of the user's (POSIX extended, with one group
   around the secret, or none: all of the match).  NULL: *why says which and
   why, borrowed until the next call; built_in false leaves ours out. */
struct redact *redact_new(bool built_in, const char *const *extra, size_t n,
    const char **why);
void redact_free(struct redact *);
/*
 * argv: n bytes, arguments separated by NUL (one at the end or not).
 * Writes the arguments again, NUL-separated, each secret replaced by
 * [redacted:N], N its length in bytes.  True if anything was replaced.
 * If out became full, the rest is missing, never the secret half cut.
 */
bool redact_args(const struct redact *, const char *argv, size_t n,
    struct buf *out);

#endif
