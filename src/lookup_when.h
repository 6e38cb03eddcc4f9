/* SPDX-License-Identifier: BSD-2-Clause */
/* Times and durations as people write them. */
#ifndef PIDTREED_LOOKUP_WHEN_H
#define PIDTREED_LOOKUP_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * us since 1970, in UTC: RFC 3339, its date alone, with a time without zone;
 * `now`, `today`, `yesterday`; `-2h`: so long before now.  Of a whole day,
 * with `end` its last moment.  NUM_NONE: none of these.
 */
int64_t when_parse(const char *, int64_t now, bool end);
/* us: digits and s, m, h, d or w; seconds without; NUM_NONE: not so. */
int64_t when_duration(const char *);

#endif
