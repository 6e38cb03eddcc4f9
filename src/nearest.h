/* SPDX-License-Identifier: BSD-2-Clause */
/* Which known name a misspelt one is near to. */
#ifndef PIDTREED_NEAREST_H
#define PIDTREED_NEAREST_H

#include <string.h>

#define NEAREST_LONGEST	64	/* more than any known name */

/* Levenshtein's distance; b, the known name, is shorter than
   NEAREST_LONGEST. */
static inline unsigned
nearest_distance(const char *a, const char *b)
{
	unsigned row[NEAREST_LONGEST], m = strlen(b);

	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (unsigned i = 1; *a != '\0'; a++, i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned best = diagonal + (*a != b[j - 1]);

			if (best > row[j] + 1)
				best = row[j] + 1;
			if (best > row[j - 1] + 1)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[m];
}

/* A name this far off, or further, is another one. */
static inline unsigned
nearest_limit(const char *wrote)
{
	return 2 + strlen(wrote) / 4;
}

#endif
