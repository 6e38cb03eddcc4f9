/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in a file a character of a YAML text is: a text can be quoted, folded
   and indented, so it is walked beside what the file has. */
#include <string.h>

#include "rules_yaml.h"

struct walk {
	const struct yamlfile *y;
	size_t at;		/* byte of the file */
	yaml_mark_t mark;	/* the same */
};

static bool
inside(const struct walk *w, const yaml_mark_t *end)
{
	return w->at < w->y->n && (w->mark.line < end->line ||
	    (w->mark.line == end->line && w->mark.column < end->column));
}

/* libyaml's columns are characters. */
static void
step(struct walk *w)
{
	const char *s = w->y->text;

	if (s[w->at] == '\n') {
		w->mark.line++;
		w->mark.column = 0;
		w->at++;
		return;
	}
	w->mark.column++;
	do
		w->at++;
	while (w->at < w->y->n && (s[w->at] & 0xc0) == 0x80);
}

/* A folded line break is a blank. */
static bool
same(const struct walk *w, char c)
{
	char have = w->y->text[w->at];

	return have == c || (c == ' ' && have == '\n');
}

/* \x65 and the like: then nothing can be said of what follows. */
static bool
coded(const struct walk *w, int style)
{
	const char *s = w->y->text;

	return style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && s[w->at] == '\\' &&
	    w->at + 1 < w->y->n && s[w->at + 1] != '"';
}

bool
rules_yaml_locate(const struct yamlfile *y, int style, const yaml_mark_t *from,
    const yaml_mark_t *end, const char *text, unsigned column, yaml_mark_t *at)
{
	bool block = style == YAML_LITERAL_SCALAR_STYLE ||
	    style == YAML_FOLDED_SCALAR_STYLE;
	struct walk w = { .y = y };
	unsigned i = 1;

	while (w.at < y->n && (w.mark.line < from->line ||
	    (w.mark.line == from->line && w.mark.column < from->column)))
		step(&w);
	while (block && inside(&w, end) && y->text[w.at] != '\n')
		step(&w);
	if ((block || style != YAML_PLAIN_SCALAR_STYLE) && inside(&w, end))
		step(&w);
	for (; *text != '\0'; text++) {
		if ((*text & 0xc0) == 0x80)
			continue;
		while (inside(&w, end) && !same(&w, *text) && !coded(&w, style))
			step(&w);
		if (!inside(&w, end) || coded(&w, style))
			return false;
		if (i++ == column) {
			*at = w.mark;
			return true;
		}
		step(&w);
	}
	*at = w.mark;		/* behind the last */
	return i == column;
}
