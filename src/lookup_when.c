/* SPDX-License-Identifier: BSD-2-Clause */
/* Times and durations as people write them; see lookup_when.h. */
#include "lookup_when.h"

#include <string.h>

#include "number.h"
#include "text.h"

#define SECOND	INT64_C(1000000)	/* us */
#define DAY	(86400 * SECOND)
#define LONGEST	(INT64_C(100) * 366 * 86400)	/* s */

int64_t
when_duration(const char *s)
{
	static const struct {
		char unit;
		int64_t s;
	} unit[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	    { 'w', 7 * 86400 } };
	size_t i, n = strlen(s);
	int64_t seconds = 1;
	uint64_t v;

	for (i = 0; n > 1 && i < sizeof(unit) / sizeof(unit[0]); i++)
		if (s[n - 1] == unit[i].unit)
			seconds = unit[i].s;
	if (n > 1 && strchr("smhdw", s[n - 1]) != NULL)
		n--;
	if (number_parse(s, n, LONGEST, &v) < 0 ||
	    (int64_t)v > LONGEST / seconds)
		return NUM_NONE;
	return v * seconds * SECOND;
}

/* "2026-11-22", "2026-11-22 08:14", "2026-11-22T08:14:02": in UTC. */
static int64_t
without_zone(const char *s, size_t n)
{
	static const char rest[] = "0000-00-00T00:00:00Z";
	char text[sizeof(rest)];

	if (n != 10 && n != 16 && n != 19)
		return NUM_NONE;
	memcpy(text, rest, sizeof(rest));
	memcpy(text, s, n);
	if (text[10] == ' ')
		text[10] = 'T';
	return text_parse_time(text, sizeof(rest) - 1);
}

int64_t
when_parse(const char *s, int64_t now, bool end)
{
	int64_t t, today = now - now % DAY;
	size_t n = strlen(s);

	if (strcmp(s, "now") == 0)
		return now;
	if (strcmp(s, "today") == 0)
		return end ? today + DAY - 1 : today;
	if (strcmp(s, "yesterday") == 0)
		return end ? today - 1 : today - DAY;
	if (*s == '-')
		return (t = when_duration(s + 1)) == NUM_NONE ? t : now - t;
	if ((t = text_parse_time(s, n)) != NUM_NONE)
		return t;
	t = without_zone(s, n);
	return t != NUM_NONE && n == 10 && end ? t + DAY - 1 : t;
}
