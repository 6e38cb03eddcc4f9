/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of whole lines, scanned for a few anchors at a time while it is in
 * the processor's cache; what matched is sorted into lines.
 */
#define _GNU_SOURCE	/* memrchr */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "search_find.h"
#include "search_impl.h"

#define GROUP	4		/* anchors that are looked for at once */

/* One needle in one line. */
struct match {
	uint32_t line;		/* where it begins in the block */
	uint32_t needle;
};

struct scan {
	const struct needles *needles;
	bool *matters;		/* each of them; NULL: all do */
	struct match *match;
	size_t n, size;
	uint32_t *needle;	/* of one line */
	size_t nneedles;
	char *plain;		/* a line of JSON without escapes */
	size_t nplain;
	/* While an anchor is matched: where it is in the text, and what the
	   line is if that is known. */
	const char *block, *text, *at;
	const char *line;
	bool nomem;
};

struct scan *
scan_new(const struct needles *ns)
{
	struct scan *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->needles = ns;
	if (ns->windows && (s->matters = calloc(ns->n, sizeof(bool))) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

bool *
scan_matters(struct scan *s)
{
	return s->matters;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
	free(s->matters);
	free(s->match);
	free(s->needle);
	free(s->plain);
	free(s);
}

static void
add_match(void *arg, uint32_t needle)
{
	struct scan *s = arg;
	const char *line = s->line;
	struct match *more;

	if (s->matters != NULL && !s->matters[needle])
		return;
	if (line == NULL) {
		line = memrchr(s->text, '\n', s->at - s->text);
		line = line == NULL ? s->text : line + 1;
	}
	if (s->n == s->size) {
		s->size = s->size == 0 ? 256 : s->size * 2;
		more = realloc(s->match, s->size * sizeof(*more));
		if (more == NULL) {
			s->nomem = true;
			s->size = s->n;
			return;
		}
		s->match = more;
	}
	s->match[s->n++] = (struct match){ line - s->block, needle };
}

/* Some anchors that are looked for at once. */
struct group {
	struct scan *scan;
	const struct anchor *anchor;
	size_t n;
	const char *end;
	bool lines;		/* look at where they begin too */
};

static void scan_json(struct scan *, const char *line, const char *end);

/* No value goes over the end of its line: no needle has one in it. */
static void
at_anchor(struct group *g, const char *at)
{
	const struct anchor *a = g->anchor;
	size_t i;

	for (i = 0; i < g->n; i++, a++) {
		size_t look = a->look, rest = a->n - look;

		if ((size_t)(at - g->scan->text) >= look &&
		    (size_t)(g->end - at) >= rest &&
		    at[1] == a->text[look + 1] &&
		    memcmp(at - look, a->text, a->n) == 0) {
			g->scan->at = at;
			anchor_match(a, at + rest, g->end, add_match, g->scan);
		}
	}
}

/* A line of JSON is scanned once more, as it reads. */
static void
at_line(struct group *g, const char *line)
{
	const char *nl;

	if (!g->lines || !json_line(line, g->end))
		return;
	nl = memchr(line, '\n', g->end - line);
	scan_json(g->scan, line, nl == NULL ? g->end : nl);
}

static void
at_place(void *arg, const char *at)
{
	struct group *g = arg;

	if (*at == '\n')
		at_line(g, at + 1);
	else
		at_anchor(g, at);
}

/* Newlines with what is not a digit, a capital or '<' behind. */
FIND_INLINE void
odd_line(find_vector *mask, const find_vector *what, const char *p)
{
	find_vector a, b;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, p + 1, sizeof(b));
	*mask = (find_vector)((a == what[0]) & (b - what[1] > what[2]));
}

FIND_INLINE void
or_looks_like(find_vector *mask, const find_vector *what, const char *p)
{
	find_vector a, b, c;

	memcpy(&a, p + 1, sizeof(a));
	memcpy(&b, p + 2, sizeof(b));
	memcpy(&c, p + 3, sizeof(c));
	*mask |= (find_vector)((a == what[0]) & (b == what[1]) &
	    (c == what[2]));
}

#define MASK(n, also) \
FIND_INLINE void \
mask##n(find_vector *mask, const find_vector *what, const char *p) \
{ \
	also(mask, what, p); \
	or_looks_like(mask, what + 3 * (n), p); \
}
MASK(1, odd_line)
MASK(2, mask1)
MASK(3, mask2)
MASK(4, mask3)
_Static_assert(GROUP == 4, "a mask for each number of anchors");

/* What is too short for a step, byte by byte. */
static void
scan_rest(struct group *g, const char *p)
{
	for (; p < g->end; p++)
		at_place(g, p);
}

FIND_INLINE const char *
scan_steps(struct group *g, const char *p)
{
	/* Of each anchor three bytes, and what is odd at a line's begin. */
	find_vector what[3 + 3 * GROUP];
	size_t i, j;

	find_splat(what, '\n');
	find_splat(what + 1, '0');
	find_splat(what + 2, 'Z' - '0');
	for (i = 0; i < g->n; i++)
		for (j = 0; j < 3; j++)
			find_splat(what + 3 + 3 * i + j,
			    g->anchor[i].text[g->anchor[i].look + 1 + j]);
	switch (g->n) {
	case 1:
		return find_all(p, g->end, mask1, what, at_place, g);
	case 2:
		return find_all(p, g->end, mask2, what, at_place, g);
	case 3:
		return find_all(p, g->end, mask3, what, at_place, g);
	case 4:
		return find_all(p, g->end, mask4, what, at_place, g);
	}
	return p;
}

static const char *
scan_plain(struct group *g, const char *p)
{
	return scan_steps(g, p);
}

#ifdef __x86_64__
/* Most processors have wider vectors than the oldest. */
static __attribute__((target("avx2"))) const char *
scan_avx2(struct group *g, const char *p)
{
	return scan_steps(g, p);
}

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}
#else
#define scan_avx2	scan_plain

static bool
has_avx2(void)
{
	return false;
}
#endif

static void
scan_group(struct group *g, const char *p)
{
	scan_rest(g, has_avx2() ? scan_avx2(g, p) : scan_plain(g, p));
}

/* All anchors; line is NULL in a text of lines as they are in the log. */
static void
scan_text(struct scan *s, const char *text, const char *end, const char *line)
{
	const struct needles *ns = s->needles;
	struct group g = { .scan = s, .end = end };
	size_t i;

	for (i = 0; i < ns->nanchors; i += g.n) {
		s->text = text;
		s->line = line;
		g.anchor = ns->anchor + i;
		g.n = ns->nanchors - i < GROUP ? ns->nanchors - i : GROUP;
		g.lines = i == 0 && line == NULL;
		if (g.lines)
			at_line(&g, text);
		scan_group(&g, text);
	}
}

/* While a text is scanned: what is known of that is put back. */
static void
scan_json(struct scan *s, const char *line, const char *end)
{
	const char *text = s->text;
	size_t n = end - line;

	if (n > s->nplain) {
		free(s->plain);
		s->nplain = 0;
		if ((s->plain = malloc(n)) == NULL) {
			s->nomem = true;
			return;
		}
		s->nplain = n;
	}
	n = json_unescape(s->plain, line, n);
	scan_text(s, s->plain, s->plain + n, line);
	s->text = text;
	s->line = NULL;
}

static int
by_line(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->needle < y->needle ? -1 : x->needle > y->needle;
}

/* Of one anchor they come in order. */
static void
sort_matches(struct scan *s)
{
	size_t i;

	for (i = 1; i < s->n; i++)
		if (by_line(s->match + i - 1, s->match + i) > 0) {
			qsort(s->match, s->n, sizeof(*s->match), by_line);
			return;
		}
}

/* The needles of a line, those from match[i] on, each once, if its time is
   one of theirs; returns where the next line's begin. */
static size_t
gather(struct scan *s, size_t i, const char *line, size_t n)
{
	const struct needles *ns = s->needles;
	int64_t time = ns->windows ? line_time(line, n) : NUM_NONE;
	uint32_t at = s->match[i].line;

	s->nneedles = 0;
	for (; i < s->n && s->match[i].line == at; i++) {
		uint32_t needle = s->match[i].needle;

		if ((s->nneedles == 0 ||
		    s->needle[s->nneedles - 1] != needle) &&
		    needles_in_window(ns, needle, time))
			s->needle[s->nneedles++] = needle;
	}
	return i;
}

static int
deliver(struct scan *s, const char *block, const char *end, uint64_t offset,
    scan_hit *hit, void *arg)
{
	struct search_hit h = { .needle = s->needle };
	const char *nl;
	size_t i;

	for (i = 0; i < s->n; ) {
		h.line = block + s->match[i].line;
		nl = memchr(h.line, '\n', end - h.line);
		h.n = (nl == NULL ? end : nl) - h.line;
		h.offset = offset + s->match[i].line;
		i = gather(s, i, h.line, h.n);
		h.nneedles = s->nneedles;
		if (h.nneedles != 0 && !hit(arg, &h))
			return -1;
	}
	return 0;
}

int
scan_block(struct scan *s, const char *block, size_t n, uint64_t offset,
    scan_hit *hit, void *arg)
{
	uint32_t *more;

	s->n = 0;
	s->block = block;
	scan_text(s, block, block + n, NULL);
	if (s->n == 0)
		return s->nomem ? -1 : 0;
	more = realloc(s->needle, s->n * sizeof(*more));
	if (s->nomem || more == NULL) {
		errno = ENOMEM;
		return -1;
	}
	s->needle = more;
	sort_matches(s);
	return deliver(s, block, block + n, offset, hit, arg);
}
