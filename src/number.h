/* SPDX-License-Identifier: BSD-2-Clause */
/* Decimal numbers as people write them: digits and nothing else. */
#ifndef PIDTREED_NUMBER_H
#define PIDTREED_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* All of the n bytes at s, at most max; -1 if they are anything else. */
static inline int
number_parse(const char *s, size_t n, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (n == 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = s[i] - '0';

		if (digit > 9 || v > max / 10 ||
		    (v == max / 10 && digit > max % 10))
			return -1;
		v = v * 10 + digit;
	}
	*out = v;
	return 0;
}

#endif
