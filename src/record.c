/* SPDX-License-Identifier: BSD-2-Clause */
/* Our message in a line as others wrote it; see record.h. */
#define _GNU_SOURCE	/* memmem, memrchr */
#include "record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libfastjson/json.h>

#include "message.h"

#define APP		" pidtreed "
#define PRI		"<86>1 "	/* authpriv.info, our default */
#define TIME_MIN	20		/* 2026-11-22T08:14:02Z */

struct record {
	struct fjson_tokener *tokener;
	struct fjson_object *json;	/* of the last line */
	char *copy;			/* PRI put before a message */
	size_t size;
};

/* Where exports put the line they were given; the first that has it wins. */
static const char *const json_paths[][4] = {
	{ "_raw" },				/* Splunk */
	{ "result", "_raw" },			/* Splunk, search/jobs/export */
	{ "event.original" },			/* Elastic */
	{ "event", "original" },
	{ "message" },
	{ "_source", "event.original" },	/* Elastic, hits of a search */
	{ "_source", "event", "original" },
	{ "_source", "message" },
	{ "MESSAGE" },				/* journalctl -o json */
	{ "rawmsg" },				/* rsyslogd's jsonmesg */
};

struct record *
record_new(void)
{
	struct record *r = calloc(1, sizeof(*r));

	if (r != NULL && (r->tokener = fjson_tokener_new()) == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
record_free(struct record *r)
{
	if (r == NULL)
		return;
	fjson_object_put(r->json);
	fjson_tokener_free(r->tokener);
	free(r->copy);
	free(r);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A word of characters that ok admits and a blank: what follows, or NULL. */
static const char *
word(const char *p, const char *end, bool (*ok)(char))
{
	const char *start = p;

	while (p < end && ok(*p))
		p++;
	return p > start && p < end && *p == ' ' ? p + 1 : NULL;
}

static bool
is_procid(char c)
{
	return is_digit(c) || c == '-';
}

static bool
is_msgid(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Start of the word that ends before p, or NULL. */
static const char *
word_before(const char *line, const char *p)
{
	const char *blank = memrchr(line, ' ', p - line);

	blank = blank == NULL ? line : blank + 1;
	return blank < p ? blank : NULL;
}

/* `<PRI>1 ` right before p: its start, or NULL. */
static const char *
pri_before(const char *line, const char *p)
{
	const char *q = p;

	if (p - line < 5 || memcmp(p - 3, ">1 ", 3) != 0)
		return NULL;
	for (q = p - 4; q > line && is_digit(*q); q--)
		continue;
	return *q == '<' && p - q <= 7 && p - q >= 5 ? q : NULL;
}

static enum record_kind
with_pri(struct record *r, const char *p, size_t n,
    const char **msg, size_t *len)
{
	size_t need = strlen(PRI) + n;
	char *more;

	if (need > r->size) {
		if ((more = realloc(r->copy, need)) == NULL)
			return RECORD_FOREIGN;
		r->copy = more;
		r->size = need;
	}
	memcpy(r->copy, PRI, strlen(PRI));
	memcpy(r->copy + strlen(PRI), p, n);
	*msg = r->copy;
	*len = need;
	return RECORD_MESSAGE;
}

/*
 * The header around APP at app: TIMESTAMP HOSTNAME before, PROCID MSGID and
 * structured data after it.  NULL, or where TIMESTAMP begins.
 */
static const char *
header_around(const char *line, const char *end, const char *app)
{
	const char *p, *host, *time;

	p = word(app + strlen(APP), end, is_procid);
	if (p == NULL || (p = word(p, end, is_msgid)) == NULL || p == end ||
	    (*p != '[' && *p != '-'))
		return NULL;
	if ((host = word_before(line, app)) == NULL || host == line ||
	    (time = word_before(line, host - 1)) == NULL)
		return NULL;
	return host - 1 - time >= TIME_MIN && is_digit(*time) ? time : NULL;
}

/* "pidtreed[712]" and the sentence: a default template's work. */
static bool
is_bare(const char *line, size_t n)
{
	const char *tag = memmem(line, n, "pidtreed[", 9);

	n -= tag == NULL ? 0 : tag - line;
	return tag != NULL && n > 9 && is_digit(tag[9]) &&
	    (memmem(tag, n, ") -> ", 5) != NULL ||
	    memmem(tag, n, " [meta ", 7) != NULL);
}

/* Nearly every line begins with its message: then APP is behind the third
   word.  Whether it really is there is for others to see. */
static bool
is_plain(const char *line, const char *end, const char **app)
{
	const char *p = line;
	int i;

	if (line == end || *line != '<')
		return false;
	for (i = 0; i < 3; i++)
		if ((p = memchr(p, ' ', end - p)) == NULL || (i < 2 &&
		    ++p == end))
			return false;
	*app = p;
	return (size_t)(end - p) > strlen(APP) &&
	    memcmp(p, APP, strlen(APP)) == 0;
}

static enum record_kind
find_text(struct record *r, const char *line, size_t n,
    const char **msg, size_t *len)
{
	const char *end = line + n, *p, *app, *time, *pri;

	if (is_plain(line, end, &app) &&
	    (time = header_around(line, end, app)) != NULL &&
	    (pri = pri_before(line, time)) == line) {
		*msg = line;
		*len = n;
		return RECORD_MESSAGE;
	}
	for (p = line; (app = memmem(p, end - p, APP, strlen(APP))) != NULL;
	    p = app + 1) {
		if ((time = header_around(line, end, app)) == NULL)
			continue;
		if ((pri = pri_before(line, time)) == NULL)
			return with_pri(r, time, end - time, msg, len);
		*msg = pri;
		*len = end - pri;
		return RECORD_MESSAGE;
	}
	return is_bare(line, n) ? RECORD_BARE : RECORD_FOREIGN;
}

static struct fjson_object *
at_path(struct fjson_object *o, const char *const path[4])
{
	size_t i;

	for (i = 0; i < 4 && path[i] != NULL; i++)
		if (!fjson_object_is_type(o, fjson_type_object) ||
		    !fjson_object_object_get_ex(o, path[i], &o))
			return NULL;
	return fjson_object_is_type(o, fjson_type_string) ? o : NULL;
}

static enum record_kind
find_json(struct record *r, const char *line, size_t n,
    const char **msg, size_t *len)
{
	enum record_kind kind, best = RECORD_FOREIGN;
	struct fjson_object *o;
	size_t i;

	fjson_object_put(r->json);
	fjson_tokener_reset(r->tokener);
	r->json = fjson_tokener_parse_ex(r->tokener, line, n);
	for (i = 0; i < sizeof(json_paths) / sizeof(json_paths[0]); i++) {
		if ((o = at_path(r->json, json_paths[i])) == NULL)
			continue;
		kind = find_text(r, fjson_object_get_string(o),
		    fjson_object_get_string_len(o), msg, len);
		if (kind == RECORD_MESSAGE)
			return kind;
		if (kind == RECORD_BARE)
			best = kind;
	}
	return best;
}

enum record_kind
record_find(struct record *r, const char *line, size_t n,
    const char **msg, size_t *len)
{
	size_t i = 0;

	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	/* An array with one object a line is as good as objects. */
	while (i < n && strchr("[, \t", line[i]) != NULL && line[i] != '\0')
		i++;
	if (i < n && line[i] == '{')
		return find_json(r, line + i, n - i, msg, len);
	return find_text(r, line, n, msg, len);
}
