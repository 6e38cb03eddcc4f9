/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar of JSON, a byte at a time; see jsonstep.h. */
#include "jsonstep.h"

#include <string.h>
#include <strings.h>

enum role {			/* of what is open */
	INSIDE,			/* part of a value, or of an envelope */
	LIST,			/* its elements are values */
	ENVELOPE,		/* an object with a LIST in it */
};

/* Where get-findings, a batch of events and a queue have their lists. */
static const char *const lists[] = { "findings", "records", "messages" };

static enum jsonstep_result
bad(struct jsonstep *m, const char *expected)
{
	m->expected = expected;
	return JSONSTEP_BAD;
}

/* At the outermost level it may be anything but JSON. */
static enum jsonstep_result
bad_value(struct jsonstep *m)
{
	return bad(m, m->depth == 0 ? "JSON" : "a value");
}

static enum jsonstep_result
open_level(struct jsonstep *m, char close, enum role role)
{
	if (m->depth == JSONSTEP_DEPTH)
		return bad(m, "at most 32 levels of nesting");
	m->depth++;
	m->level[m->depth].close = close;
	m->level[m->depth].role = role;
	m->state = close == '}' ? STEP_FIRST_NAME : STEP_FIRST_VALUE;
	return JSONSTEP_MORE;
}

/* A value, of whichever kind, is complete. */
static enum jsonstep_result
complete(struct jsonstep *m)
{
	m->state = m->depth == 0 ? STEP_VALUE : STEP_AFTER;
	if (!m->in_value || m->depth != m->outside)
		return JSONSTEP_MORE;
	m->in_value = false;
	return JSONSTEP_END;
}

static enum jsonstep_result
close_level(struct jsonstep *m)
{
	m->depth--;
	return complete(m);
}

static void
add(struct jsonstep_word *w, char c)
{
	if (w->n >= sizeof(w->s) - 1) {
		w->n = sizeof(w->s);
		return;
	}
	w->s[w->n++] = c;
	w->s[w->n] = '\0';
}

/* An array that is the value of an envelope's member. */
static bool
is_list(const struct jsonstep *m)
{
	size_t i;

	if (m->level[m->depth].close != '}' ||
	    (m->level[m->depth].role != ENVELOPE &&
	    (!m->in_value || m->depth != m->outside + 1)))
		return false;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (m->word.n == strlen(lists[i]) &&
		    strcasecmp(m->word.s, lists[i]) == 0)
			return true;
	return false;
}

static enum jsonstep_result
envelope(struct jsonstep *m)
{
	enum jsonstep_result r;

	m->level[m->depth].role = ENVELOPE;
	m->in_value = false;
	r = open_level(m, ']', LIST);
	return r == JSONSTEP_BAD ? r : JSONSTEP_ENVELOPE;
}

static enum jsonstep_result
begin_string(struct jsonstep *m, bool is_name)
{
	m->state = STEP_STRING;
	m->is_name = is_name;
	if (is_name)
		m->word.n = 0;
	return JSONSTEP_MORE;
}

static bool
is_literal(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

static enum jsonstep_result
begin_value(struct jsonstep *m, char c)
{
	bool element = m->depth == 0 || m->level[m->depth].role == LIST;
	unsigned outside = m->depth;
	enum jsonstep_result r;

	if (c == '[' && element)
		return open_level(m, ']', LIST);
	if (c == '[' && is_list(m))
		return envelope(m);
	if (c == '[')
		r = open_level(m, ']', INSIDE);
	else if (c == '{')
		r = open_level(m, '}', INSIDE);
	else if (c == '"')
		r = begin_string(m, false);
	else if (is_literal(c)) {
		m->state = STEP_LITERAL;
		m->word.n = 0;
		add(&m->word, c);
		r = JSONSTEP_MORE;
	} else
		r = bad_value(m);
	if (r == JSONSTEP_BAD || !element)
		return r;
	m->in_value = true;
	m->outside = outside;
	return JSONSTEP_BEGIN;
}

/* Numbers in full are the business of whoever parses the value. */
static bool
literal_ok(const struct jsonstep_word *w)
{
	return w->n < sizeof(w->s) && (strcmp(w->s, "true") == 0 ||
	    strcmp(w->s, "false") == 0 || strcmp(w->s, "null") == 0 ||
	    (strchr("-0123456789", w->s[0]) != NULL &&
	    strspn(w->s, "-0123456789+.eE") == w->n));
}

static enum jsonstep_result
structure(struct jsonstep *m, char c)
{
	char close = m->level[m->depth].close;

	switch (m->state) {
	case STEP_FIRST_VALUE:
		if (c == ']')
			return close_level(m);
		return begin_value(m, c);
	case STEP_VALUE:
		/* Lines cut out of an array have commas at their ends. */
		if (m->depth == 0 && c == ',')
			return JSONSTEP_MORE;
		return begin_value(m, c);
	case STEP_FIRST_NAME:
		if (c == '}')
			return close_level(m);
		/* FALLTHROUGH */
	case STEP_NAME:
		return c == '"' ? begin_string(m, true) :
		    bad(m, "a name in quotes");
	case STEP_COLON:
		if (c != ':')
			return bad(m, "\":\"");
		m->state = STEP_VALUE;
		return JSONSTEP_MORE;
	case STEP_AFTER:
		if (c == close)
			return close_level(m);
		if (c != ',')
			return bad(m, close == ']' ? "\",\" or \"]\"" :
			    "\",\" or \"}\"");
		m->state = close == '}' ? STEP_NAME : STEP_VALUE;
		return JSONSTEP_MORE;
	case STEP_STRING:
	case STEP_ESCAPE:
	case STEP_LITERAL:
		break;
	}
	return bad_value(m);
}

static enum jsonstep_result
string(struct jsonstep *m, char c)
{
	if ((unsigned char)c < ' ' && c != '\t')
		return bad(m, "the quote at the end of a string");
	if (m->state == STEP_ESCAPE)
		m->state = STEP_STRING;
	else if (c == '\\')
		m->state = STEP_ESCAPE;
	else if (c == '"') {
		if (!m->is_name)
			return complete(m);
		m->state = STEP_COLON;
		return JSONSTEP_MORE;
	}
	if (m->is_name)
		add(&m->word, c);
	return JSONSTEP_MORE;
}

static enum jsonstep_result
literal(struct jsonstep *m, char c)
{
	if (is_literal(c)) {
		add(&m->word, c);
		return JSONSTEP_MORE;
	}
	if (!literal_ok(&m->word))
		return bad_value(m);
	return complete(m) == JSONSTEP_END ? JSONSTEP_BEFORE :
	    jsonstep(m, c);
}

enum jsonstep_result
jsonstep(struct jsonstep *m, char c)
{
	if (m->state == STEP_STRING || m->state == STEP_ESCAPE)
		return string(m, c);
	if (m->state == STEP_LITERAL)
		return literal(m, c);
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return JSONSTEP_MORE;
	return structure(m, c);
}

enum jsonstep_result
jsonstep_end(struct jsonstep *m)
{
	if (m->depth == 0 && m->state == STEP_VALUE)
		return JSONSTEP_MORE;
	/* No byte but a blank is left to be told apart from the end. */
	if (m->state == STEP_LITERAL && m->depth == 0)
		return jsonstep(m, '\n');
	if (m->state == STEP_STRING || m->state == STEP_ESCAPE)
		return string(m, '\0');
	return structure(m, '\0');
}

void
jsonstep_leave(struct jsonstep *m, unsigned depth, enum jsonstep_state state)
{
	m->depth = depth;
	m->state = state;
	m->in_value = false;
}
