/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a text has to have in it for a regular expression to be true of it: to
 * look for that is cheaper than to run the automaton.  Where the syntax is
 * odd, less is claimed: regcomp(3) has the last word.
 */
#include "pattern.h"

#include <ctype.h>
#include <string.h>

struct reading {
	const char *s;
	struct pattern_needs *to;
	size_t used;		/* of to->mem */
};

/* One of these has to be there; n == 0: nothing is known. */
struct one_of {
	size_t n;
	struct pattern_text v[PATTERN_NEEDS];
};

static size_t
shortest(const struct one_of *o)
{
	size_t least = o->n == 0 ? 0 : SIZE_MAX;

	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].len < least)
			least = o->v[i].len;
	return least;
}

static void
prefer(struct one_of *best, const struct one_of *o)
{
	if (shortest(o) > shortest(best))
		*best = *o;
}

/* The characters that were collected end here. */
static void
end_run(struct reading *r, size_t from, struct one_of *best)
{
	struct one_of run = { 1, { { from, r->used - from } } };

	prefer(best, &run);
}

/* Over all repetitions of what was read; may it be missing?  An interval is
   taken as if. */
static bool
optional(struct reading *r)
{
	bool missing = false;

	for (; *r->s != '\0' && strchr("*+?{", *r->s) != NULL; r->s++) {
		missing |= *r->s != '+';
		if (*r->s == '{')
			while (isdigit((unsigned char)r->s[1]) ||
			    r->s[1] == ',' || r->s[1] == '}')
				if (*++r->s == '}')
					break;
	}
	return missing;
}

/* A character that stands for itself, or 0; s is behind it.  A byte of a
   longer character is none: a repetition would mean all of it. */
static char
plain(struct reading *r)
{
	char c = *r->s++;

	if (c == '\\' && *r->s != '\0') {
		c = *r->s++;
		return ispunct((unsigned char)c) &&
		    strchr("<>`'", c) == NULL ? c : 0;
	}
	if (c == '[') {
		r->s = pattern_behind_set(r->s - 1);
		return 0;
	}
	return (unsigned char)c < 0x80 && strchr(".^$*+?{\\", c) == NULL ?
	    c : 0;
}

static void either(struct reading *, struct one_of *);

/* Up to a | or ) or the end. */
static void
branch(struct reading *r, struct one_of *best)
{
	size_t from = r->used;
	struct one_of inner;
	bool repeated;
	char c;

	best->n = 0;
	while (*r->s != '\0' && *r->s != '|' && *r->s != ')') {
		if (*r->s == '(') {
			end_run(r, from, best);
			r->s++;
			either(r, &inner);
			r->s += *r->s == ')';
			if (!optional(r))
				prefer(best, &inner);
			from = r->used;
			continue;
		}
		c = plain(r);
		repeated = *r->s != '\0' && strchr("*+?{", *r->s) != NULL;
		if (!optional(r) && c != 0)
			r->to->mem[r->used++] = c;
		if (c == 0 || repeated) {
			end_run(r, from, best);
			from = r->used;
		}
	}
	end_run(r, from, best);
}

static void
either(struct reading *r, struct one_of *all)
{
	struct one_of one;
	bool known = true;

	all->n = 0;
	for (;;) {
		branch(r, &one);
		known &= one.n > 0 && all->n + one.n <= PATTERN_NEEDS;
		for (size_t i = 0; known && i < one.n; i++)
			all->v[all->n++] = one.v[i];
		if (*r->s != '|')
			break;
		r->s++;
	}
	if (!known)
		all->n = 0;
}

void
pattern_needs(const char *pattern, struct pattern_needs *to)
{
	struct reading r = { .s = pattern, .to = to };
	struct one_of all;

	to->n = 0;
	if (strlen(pattern) > PATTERN_MAX)
		return;
	either(&r, &all);
	if (*r.s != '\0' || shortest(&all) < PATTERN_SHORTEST)
		return;
	to->n = all.n;
	memcpy(to->v, all.v, sizeof(to->v));
}
