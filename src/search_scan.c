/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of whole lines, scanned for each anchor in turn while it is in the
 * processor's cache; what matched is sorted into lines.
 */
#define _GNU_SOURCE	/* memmem, memrchr */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "search_find.h"
#include "search_impl.h"

/* One needle in one line. */
struct match {
	uint32_t line;		/* where it begins in the block */
	uint32_t needle;
};

struct scan {
	const struct needles *needles;
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

	if (s != NULL)
		s->needles = ns;
	return s;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
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

/* An anchor in a text of lines as they are in the log. */
struct place {
	struct scan *scan;
	const struct anchor *anchor;
	const char *end;
};

static void
at_anchor(void *arg, const char *at)
{
	struct place *p = arg;
	const struct anchor *a = p->anchor;

	if ((size_t)(p->end - at) < a->n || memcmp(at, a->text, a->n) != 0)
		return;
	p->scan->at = at;
	/* No value goes over the end of its line: no needle has one in it. */
	anchor_match(a, at + a->n, p->end, add_match, p->scan);
}

/* The first byte is a blank in nearly all of them, and not worth a look. */
static inline __attribute__((always_inline)) find_vector
anchor_mask(const find_vector what[3], const char *p)
{
	return (find_vector)((find_load(p + 1) == what[0]) &
	    (find_load(p + 2) == what[1]) & (find_load(p + 3) == what[2]));
}

static void
scan_anchor(struct place *place)
{
	const struct anchor *a = place->anchor;
	const char *p = place->scan->text, *end = place->end;

	if (a->n >= FIND_BYTES) {
		const find_vector what[3] = { find_splat(a->text[1]),
		    find_splat(a->text[2]), find_splat(a->text[3]) };

		p = find_all(p, end, anchor_mask, what, at_anchor, place);
	}
	for (; (p = memmem(p, end - p, a->text, a->n)) != NULL; p += a->n)
		at_anchor(place, p);
}

static void
scan_text(struct scan *s, const char *text, const char *end)
{
	const struct needles *ns = s->needles;
	size_t i;

	s->text = text;
	s->line = NULL;
	for (i = 0; i < ns->nanchors; i++)
		scan_anchor(&(struct place){ s, ns->anchor + i, end });
}

/* A line that reads otherwise than it is in the log. */
static void
scan_json(struct scan *s, const char *line, const char *end)
{
	const struct needles *ns = s->needles;
	size_t n = end - line, i;

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
	s->text = s->plain;
	s->line = line;
	for (i = 0; i < ns->nanchors; i++)
		scan_anchor(&(struct place){ s, ns->anchor + i,
		    s->plain + n });
}

/* Where text that was not scanned yet begins. */
struct lines {
	struct scan *scan;
	const char *text, *end;
};

/* A line of JSON is scanned by itself, what is before it at once. */
static void
at_line(struct lines *l, const char *line)
{
	const char *nl;

	if (!json_line(line, l->end))
		return;
	if ((nl = memchr(line, '\n', l->end - line)) == NULL)
		nl = l->end;
	scan_text(l->scan, l->text, line);
	scan_json(l->scan, line, nl);
	l->text = nl == l->end ? nl : nl + 1;
}

static void
at_newline(void *arg, const char *nl)
{
	at_line(arg, nl + 1);
}

/* Newlines and what is not a digit, a capital or '<' behind. */
static inline __attribute__((always_inline)) find_vector
odd_line_mask(const find_vector what[3], const char *p)
{
	return (find_vector)((find_load(p) == what[0]) &
	    (find_load(p + 1) - what[1] > what[2]));
}

static void
scan_lines(struct scan *s, const char *block, const char *end)
{
	struct lines l = { s, block, end };
	const find_vector what[3] = { find_splat('\n'), find_splat('0'),
	    find_splat('Z' - '0') };
	const char *p;

	s->block = block;
	at_line(&l, block);
	p = find_all(block, end, odd_line_mask, what, at_newline, &l);
	while ((p = memchr(p, '\n', end - p)) != NULL)
		at_line(&l, ++p);
	scan_text(s, l.text, end);
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
	scan_lines(s, block, block + n);
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
