/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of whole lines, scanned for each anchor in turn while it is in the
 * processor's cache; what matched is sorted into lines.
 */
#define _GNU_SOURCE	/* memmem, memrchr */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	uint32_t line;		/* while an anchor is matched */
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
	struct match *more;

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
	s->match[s->n++] = (struct match){ s->line, needle };
}

/* All anchors in a text in which lines are as they are in the log. */
static void
scan_text(struct scan *s, const char *block, const char *p, const char *end)
{
	const struct needles *ns = s->needles;
	const char *at, *line, *nl;
	size_t i;

	for (i = 0; i < ns->nanchors; i++) {
		const struct anchor *a = ns->anchor + i;

		for (at = p; (at = memmem(at, end - at, a->text, a->n)) !=
		    NULL; at += a->n) {
			line = memrchr(p, '\n', at - p);
			line = line == NULL ? p : line + 1;
			nl = memchr(at, '\n', end - at);
			s->line = line - block;
			anchor_match(a, at + a->n, nl == NULL ? end : nl,
			    add_match, s);
		}
	}
}

static void
scan_json(struct scan *s, const char *block, const char *line, const char *end)
{
	const struct needles *ns = s->needles;
	size_t n = end - line, i;
	const char *at;

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
	end = s->plain + n;
	s->line = line - block;
	for (i = 0; i < ns->nanchors; i++) {
		const struct anchor *a = ns->anchor + i;

		for (at = s->plain; (at = memmem(at, end - at, a->text,
		    a->n)) != NULL; at += a->n)
			anchor_match(a, at + a->n, end, add_match, s);
	}
}

/* Lines of JSON by themselves, what is between them at once. */
static void
scan_lines(struct scan *s, const char *block, const char *end)
{
	const char *text = block, *line, *nl;

	for (line = block; line < end; line = nl + 1) {
		if ((nl = memchr(line, '\n', end - line)) == NULL)
			nl = end;
		if (!json_line(line, nl))
			continue;
		scan_text(s, block, text, line);
		scan_json(s, block, line, nl);
		text = nl == end ? end : nl + 1;
	}
	scan_text(s, block, text, end);
}

static int
by_line(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->needle < y->needle ? -1 : x->needle > y->needle;
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
	qsort(s->match, s->n, sizeof(*s->match), by_line);
	return deliver(s, block, block + n, offset, hit, arg);
}
