/* SPDX-License-Identifier: BSD-2-Clause */
/* Which regular expressions are taken; see pattern.h. */
#include "pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST	1000
#define NESTED	4

/* Behind a bracket expression that begins at s; ] may be its first. */
const char *
pattern_behind_set(const char *s)
{
	char in;

	s += s[1] == '^' ? 2 : 1;
	for (s += *s == ']'; *s != '\0' && *s != ']'; s++)
		if (*s == '[' && s[1] != '\0' && strchr(":.=", s[1]) != NULL) {
			in = s[1];
			for (s += 2; *s != '\0' && (*s != in || s[1] != ']');
			    s++)
				;
			if (*s == '\0')
				break;
			s++;
		}
	return *s == '\0' ? s : s + 1;
}

/* What a repetition makes of size, and where it ends: x+ is xx*, and there
   are as many copies as the larger number of {} says. */
static const char *
repeated(const char *s, unsigned long *size)
{
	unsigned long n, m = 0;
	char *end;

	if (*s != '{') {
		*size = *s == '+' ? 2 * *size : *size + 1;
		return s + 1;
	}
	n = strtoul(s + 1, &end, 10);
	if (*end == ',')
		m = isdigit((unsigned char)end[1]) ?
		    strtoul(end + 1, &end, 10) : n + 1;
	n = m > n ? m : n;
	*size = n > LONGEST ? LONGEST + 1 : *size * (n == 0 ? 1 : n);
	return *end == '}' ? end + 1 : s + 1;
}

/* What is between two brackets, and the last thing in it, which is what a
   repetition repeats. */
struct part {
	/* characters, repetitions written out */
	unsigned long size, last;
	/* repetitions, one in the other */
	unsigned nested, last_nested;
};

static void
add(struct part *p, unsigned long size, unsigned nested)
{
	p->last = size;
	p->last_nested = nested;
	p->size += size;
	if (nested > p->nested)
		p->nested = nested;
}

/*
 * regcomp(3) writes repetitions out, and walks through those that are one in
 * the other on every way: either would be gigabytes, or hours.
 */
static const char *
too_much(const char *s)
{
	struct part part[PATTERN_MAX + 1] = { { 0 } }, *p = part;

	while (*s != '\0') {
		if (p->last > 0 && strchr("*+?{", *s) != NULL) {
			p->size -= p->last;
			s = repeated(s, &p->last);
			add(p, p->last, p->last_nested + 1);
		} else if (*s == '(') {
			*++p = (struct part){ .size = 1 };
			s++;
		} else if (*s == ')' && p > part) {
			p--;
			add(p, p[1].size, p[1].nested);
			s++;
		} else {
			add(p, 1, 0);
			s = *s == '[' ? pattern_behind_set(s) :
			    s + 1 + (*s == '\\' && s[1] != '\0');
		}
		if (p->size > LONGEST)
			return "longer than 1000 characters with all "
			    "repetitions written out";
		if (p->nested > NESTED)
			return "more than 4 repetitions, one in the other";
	}
	return NULL;
}

/* A back-reference makes matching exponential; the rest is an automaton. */
const char *
pattern_unsuitable(const char *pattern)
{
	const char *bad, *s;

	if (*pattern == '\0')
		return "empty";
	if (strlen(pattern) > PATTERN_MAX)
		return "longer than 256 bytes";
	if ((bad = too_much(pattern)) != NULL)
		return bad;
	for (s = pattern; *s != '\0'; s++)
		if (*s == '\\' && *++s >= '1' && *s <= '9')
			return "back-references are not supported";
		else if (*s == '\0')
			return "backslash at the end";
	return NULL;
}
