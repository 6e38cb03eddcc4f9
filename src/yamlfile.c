/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * YAML events, not a document: nothing is built that the options do not ask
 * for, and nothing grows with the depth or the aliases of a file.
 */
#define _GNU_SOURCE	/* asprintf */
#include "yamlfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confyaml.h"
#include "log.h"
#include "text.h"

#define DEPTH		8	/* libyaml takes time square to it */

char *
yamlfile_place(const struct yamlfile *r, const yaml_mark_t *m)
{
	char *s;

	if (m == NULL)
		m = &r->ev.start_mark;
	return asprintf(&s, "%s:%zu:%zu", r->name, m->line + 1,
	    m->column + 1) == -1 ? NULL : s;
}

/* What is quoted in it is not log_error's to clean here. */
static void
say(struct yamlfile *r, const char *where, const char *what)
{
	char line[1024];
	size_t n, room;

	if (r->said == NULL) {
		log_error("%s: %s", where, what);
		return;
	}
	if (r->said->len > 0 || r->said->size == 0)
		return;
	snprintf(line, sizeof(line), "%s: %s", where, what);
	n = strlen(line);
	room = r->said->size - 1;	/* its NUL is the caller's */
	text_clean(line, n);
	buf_add(r->said, line, n < room ? n : room);
}

void
yamlfile_complain(struct yamlfile *r, const yaml_mark_t *m, const char *fmt,
    ...)
{
	char what[512], *where;
	va_list ap;

	if (r->over)		/* what follows from a trouble is none */
		return;
	where = yamlfile_place(r, m);
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	say(r, where == NULL ? r->name : where, what);
	free(where);
	if (++r->troubles == TROUBLES) {
		say(r, r->name, "that many troubles are enough, the rest was "
		    "not looked at");
		r->over = true;
	}
}

/* The place of a byte, for what libyaml refuses before it counts lines. */
static yaml_mark_t
mark_of(const struct yamlfile *r, size_t offset)
{
	yaml_mark_t m = { offset, 0, 0 };

	for (size_t i = 0; i < offset && i < r->n; i++)
		if (r->text[i] == '\n') {
			m.line++;
			m.column = 0;
		} else {
			m.column++;
		}
	return m;
}

/* The two that people who write ports and IPv6 addresses run into. */
static const char *
missing_quotes(const struct yamlfile *r)
{
	const yaml_parser_t *p = &r->parser;
	size_t at = p->problem_mark.index;

	if (p->context != NULL && strstr(p->context, "tag") != NULL)
		return ", expected quotes around what begins with !";
	if (p->error == YAML_PARSER_ERROR && at < r->n && r->text[at] == ':')
		return ", expected quotes around what begins with :";
	return "";
}

static void
parser_failed(struct yamlfile *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t m = p->problem_mark;
	const char *why = p->problem != NULL ? p->problem : strerror(ENOMEM);
	const char *context = p->context != NULL ? p->context : "";

	if (p->error == YAML_READER_ERROR)
		m = mark_of(r, p->problem_offset);
	yamlfile_complain(r, &m, "not YAML: %s%s%s%s", why, *context != '\0' ?
	    " " : "", context, missing_quotes(r));
	r->over = true;
}

/* Values are plain text here: what else YAML could do is refused. */
static void
refuse_extras(struct yamlfile *r)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (r->ev.type) {
	case YAML_SCALAR_EVENT:
		anchor = r->ev.data.scalar.anchor;
		tag = r->ev.data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = r->ev.data.sequence_start.anchor;
		tag = r->ev.data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = r->ev.data.mapping_start.anchor;
		tag = r->ev.data.mapping_start.tag;
		break;
	case YAML_ALIAS_EVENT:
		anchor = r->ev.data.alias.anchor;
		break;
	default:	/* libyaml's list, not ours: it may grow */
		break;
	}
	if (anchor != NULL)
		yamlfile_complain(r, NULL, "\"%.64s\" is an anchor or an "
		    "alias, expected the value itself", anchor);
	if (tag != NULL)
		yamlfile_complain(r, NULL, "\"%.64s\" is a YAML tag, "
		    "expected quotes around what begins with !", tag);
}

static void
count_depth(struct yamlfile *r)
{
	if (r->ev.type == YAML_MAPPING_START_EVENT ||
	    r->ev.type == YAML_SEQUENCE_START_EVENT)
		r->depth++;
	else if (r->ev.type == YAML_MAPPING_END_EVENT ||
	    r->ev.type == YAML_SEQUENCE_END_EVENT)
		r->depth--;
	if (r->depth <= DEPTH)
		return;
	yamlfile_complain(r, NULL, "nested too deeply, expected at most %d "
	    "levels", DEPTH);
	r->over = true;
}

void
yamlfile_next(struct yamlfile *r)
{
	if (r->over)
		return;
	yaml_event_delete(&r->ev);
	if (!yaml_parser_parse(&r->parser, &r->ev)) {
		memset(&r->ev, 0, sizeof(r->ev));
		parser_failed(r);
	} else if (r->ev.type == YAML_STREAM_END_EVENT) {
		r->over = true;
	} else {
		if (!r->form)
			refuse_extras(r);
		count_depth(r);
	}
}

/* Past the end of the node that the current event begins. */
void
yamlfile_skip(struct yamlfile *r)
{
	bool inside = r->ev.type == YAML_MAPPING_START_EVENT ||
	    r->ev.type == YAML_SEQUENCE_START_EVENT;
	unsigned depth = r->depth;

	while (inside && !r->over && r->depth >= depth)
		yamlfile_next(r);
	yamlfile_next(r);
}

/* The current event as a string, or NULL: not a scalar, or NUL in it. */
const char *
yamlfile_scalar(const struct yamlfile *r)
{
	const char *s = (const char *)r->ev.data.scalar.value;

	if (r->ev.type != YAML_SCALAR_EVENT ||
	    strlen(s) != r->ev.data.scalar.length)
		return NULL;
	return s;
}

/* `key:` with nothing after it. */
bool
yamlfile_nothing(const struct yamlfile *r)
{
	return r->ev.type == YAML_SCALAR_EVENT &&
	    r->ev.data.scalar.length == 0 &&
	    r->ev.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static int
begin(struct yamlfile *r)
{
	if (!yaml_parser_initialize(&r->parser)) {
		say(r, r->name, strerror(ENOMEM));
		return -1;
	}
	/* Set, so that no other encoding is guessed from the first bytes. */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser,
	    (const unsigned char *)r->text, r->n);
	yamlfile_next(r);
	return 0;
}

int
yamlfile_open(struct yamlfile *r, const char *name, const char *text, size_t n,
    struct buf *said)
{
	*r = (struct yamlfile){ .name = name, .text = text, .n = n,
	    .said = said };
	return begin(r);
}

bool
yamlfile_valid(const char *name, const char *text, size_t n, struct buf *said)
{
	struct yamlfile r = {
		.name = name, .text = text, .n = n, .form = true, .said = said
	};

	if (begin(&r) == -1)
		return false;
	while (!r.over)
		yamlfile_next(&r);
	yamlfile_close(&r);
	return r.troubles == 0;
}

void
yamlfile_close(struct yamlfile *r)
{
	yaml_event_delete(&r->ev);
	yaml_parser_delete(&r->parser);
}
