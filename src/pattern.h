/* SPDX-License-Identifier: BSD-2-Clause */
/* Which regular expressions are taken: POSIX extended ones whose time and
   memory have a bound. */
#ifndef PIDTREED_PATTERN_H
#define PIDTREED_PATTERN_H

#define PATTERN_MAX	256	/* bytes */

/* NULL, or what is wrong, a constant text; regcomp(3) may find more. */
const char *pattern_unsuitable(const char *);

#endif
