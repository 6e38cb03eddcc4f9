/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of ports as the kernel takes them: one bit each.  See ports.h. */
#include "ports.h"

#include <string.h>

#include "number.h"

#define PORTS	65536
#define WORDS	(PORTS / 64)
#define BLANK	" \t"

void
ports_add(struct portset *s, unsigned low, unsigned high)
{
	for (unsigned p = low; p <= high; p++)
		s->bit[p / 64] |= (__u64)1 << p % 64;
}

static bool
every_word(const struct portset *s, __u64 is)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (s->bit[i] != is)
			return false;
	return true;
}

bool
ports_empty(const struct portset *s)
{
	return every_word(s, 0);
}

bool
ports_all(const struct portset *s)
{
	return every_word(s, ~(__u64)0);
}

void
ports_meet(struct portset *a, const struct portset *b)
{
	for (unsigned i = 0; i < WORDS; i++)
		a->bit[i] &= b->bit[i];
}

void
ports_without(struct portset *a, const struct portset *b)
{
	for (unsigned i = 0; i < WORDS; i++)
		a->bit[i] &= ~b->bit[i];
}

static int
add_item(struct portset *set, const char *s, size_t n, struct buf *why)
{
	const char *dash = memchr(s, '-', n);
	size_t nlow = dash != NULL ? (size_t)(dash - s) : n;
	uint64_t low, high;

	if (number_parse(s, nlow, PORTS - 1, &low) == -1 || (dash != NULL &&
	    number_parse(dash + 1, n - nlow - 1, PORTS - 1, &high) == -1)) {
		buf_addf(why, "port \"%.*s\", expected 0 to 65535 or a range "
		    "like 8000-8999", n > 64 ? 64 : (int)n, s);
		return -1;
	}
	if (dash == NULL)
		high = low;
	if (low > high) {
		buf_addf(why, "ports %.*s, expected the lower one first",
		    (int)n, s);
		return -1;
	}
	ports_add(set, low, high);
	return 0;
}

int
ports_parse(struct portset *set, const char *s, struct buf *why)
{
	size_t n;

	for (;;) {
		s += strspn(s, BLANK);
		n = strcspn(s, "," BLANK);
		if (add_item(set, s, n, why) == -1)
			return -1;
		s += n;
		s += strspn(s, BLANK);
		if (*s == '\0')
			return 0;
		if (*s++ != ',') {
			buf_addf(why, "\"%.64s\" after a port, expected a "
			    "comma", s - 1);
			return -1;
		}
	}
}

/* The range of ports at or above from. */
static bool
next_range(const struct portset *s, unsigned from, unsigned *low,
    unsigned *high)
{
	while (from < PORTS && !ports_has(s, from))
		from++;
	if (from == PORTS)
		return false;
	*low = from;
	while (from < PORTS && ports_has(s, from))
		from++;
	*high = from - 1;
	return true;
}

void
ports_write(const struct portset *s, FILE *f)
{
	const char *comma = "";
	unsigned low, high;

	for (unsigned p = 0; next_range(s, p, &low, &high); p = high + 1) {
		fprintf(f, low == high ? "%s%u" : "%s%u-%u", comma, low, high);
		comma = ",";
	}
}
