/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as an ECS document; see ecs.h. */
#include "ecs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "text.h"

#define PATH	64		/* bytes of a path, at most */

struct ecs {
	struct fjson_object *doc;
	size_t hint;		/* for place_find */
	bool failed;		/* no memory */
};

/* The object below o of that name, made if it is not there. */
static struct fjson_object *
below(struct ecs *e, struct fjson_object *o, const char *name)
{
	struct fjson_object *sub;

	if (fjson_object_object_get_ex(o, name, &sub))
		return sub;
	if ((sub = fjson_object_new_object()) == NULL) {
		e->failed = true;
		return NULL;
	}
	fjson_object_object_add(o, name, sub);
	return sub;
}

/* Puts value, which may be NULL for no memory, at a path below o. */
static void
put(struct ecs *e, struct fjson_object *o, const char *path,
    struct fjson_object *value)
{
	char name[PATH];
	const char *dot;

	if (value == NULL)
		e->failed = true;
	while (value != NULL && (dot = strchr(path, '.')) != NULL) {
		memcpy(name, path, dot - path);
		name[dot - path] = '\0';
		if ((o = below(e, o, name)) == NULL)
			break;
		path = dot + 1;
	}
	if (value == NULL || o == NULL)
		fjson_object_put(value);
	else
		fjson_object_object_add(o, path, value);
}

static struct fjson_object *
new_string(const char *s, size_t n)
{
	return fjson_object_new_string_len(s, n);
}

static struct str
str_of(const char *text)
{
	return (struct str){ text, strlen(text) };
}

/* Clean text; nothing if it is not known. */
static void
put_str(struct ecs *e, const char *path, struct str s)
{
	if (s.s != NULL)
		put(e, e->doc, path, new_string(s.s, s.n));
}

static void
put_text(struct ecs *e, const char *path, const char *text)
{
	put_str(e, path, str_of(text));
}

static bool
needs_escape(struct str s)
{
	size_t i, len;

	for (i = 0; i < s.n; i += len) {
		len = text_char(s.s + i, s.n - i);
		if (len == 0 || (s.s[i] == '\\' &&
		    text_reads_as_escape(s.s + i, s.n - i)))
			return true;
	}
	return false;
}

struct fjson_object *
ecs_string(struct str s)
{
	struct fjson_object *o;
	struct buf b;
	char *mem;

	if (!needs_escape(s))
		return new_string(s.s, s.n);
	if ((mem = malloc(4 * s.n)) == NULL)
		return NULL;
	buf_init(&b, mem, 4 * s.n);
	text_escape(&b, s.s, s.n);
	o = new_string(b.p, b.len);
	free(mem);
	return o;
}

static struct fjson_object *
lower(struct str s)
{
	char text[32];
	size_t i;

	if (s.n > sizeof(text))
		return ecs_string(s);
	for (i = 0; i < s.n; i++)
		text[i] = s.s[i] >= 'A' && s.s[i] <= 'Z' ? s.s[i] | 0x20 :
		    s.s[i];
	return ecs_string((struct str){ text, s.n });
}

/* The words of s, separated by blanks. */
static struct fjson_object *
list(struct str s)
{
	struct fjson_object *array = fjson_object_new_array(), *word;
	const char *end = s.s + s.n, *blank;

	for (; array != NULL && s.s < end; s.s = blank + 1) {
		if ((blank = memchr(s.s, ' ', end - s.s)) == NULL)
			blank = end;
		if (blank == s.s)
			continue;
		word = ecs_string((struct str){ s.s, blank - s.s });
		if (word == NULL ||
		    fjson_object_array_add(array, word) < 0) {
			fjson_object_put(word);
			fjson_object_put(array);
			return NULL;
		}
	}
	return array;
}

static struct fjson_object *
string_value(const struct field *f, struct str s, int how)
{
	if (how & PLACE_LOWER)
		return lower(s);
	if (how & PLACE_LIST)
		return list(s);
	return f->type == FIELD_TEXT ? new_string(s.s, s.n) : ecs_string(s);
}

static struct fjson_object *
time_value(int64_t us, int digits)
{
	char text[TEXT_TIME];

	return new_string(text, text_put_time(text, us, digits));
}

static struct fjson_object *
number_value(int64_t n, int how)
{
	char text[24];

	if (how & PLACE_DIRECTION && n >= 0 && n <= 1)
		return fjson_object_new_string(n == 1 ? "egress" : "ingress");
	if (how & PLACE_KEYWORD)
		return new_string(text, text_put_uint(text, n) - text);
	return fjson_object_new_int64(n);
}

static struct fjson_object *
address_value(const struct in6_addr *a)
{
	char text[TEXT_ADDR];

	return new_string(text, text_put_addr(text, a));
}

static struct fjson_object *
value(const struct field *f, const void *p, int how)
{
	switch ((enum field_type)f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		return string_value(f, *field_str(f, p), how);
	case FIELD_UINT:
		return number_value(field_number(f, p), how);
	case FIELD_TIME:
		return time_value(field_number(f, p), 6);
	case FIELD_TIME_MS:
		return time_value(field_number(f, p), 3);
	case FIELD_ADDR:
		return address_value(field_addr(f, p));
	}
	return NULL;
}

/* What every message of its kind says. */
static void
kind(struct ecs *e, const struct message *m)
{
	const struct place_kind *k = place_kinds + m->id;
	const char *outcome = place_outcome(m);
	char types[32];

	put_text(e, "ecs.version", PLACE_ECS);
	put_text(e, "event.kind", k->kind);
	put(e, e->doc, "event.category", list(str_of(k->category)));
	snprintf(types, sizeof(types), "%s %s", k->type,
	    k->type2 == NULL ? "" : k->type2);
	put(e, e->doc, "event.type", list(str_of(types)));
	put_text(e, "event.code", msgid_names[m->id].name);
	if (outcome != NULL)
		put_text(e, "event.outcome", outcome);
	put_text(e, "event.module", "pidtreed");
	put_text(e, "event.dataset", "pidtreed.log");
	if (m->family != 0)
		put_text(e, "network.type",
		    m->family == AF_INET ? "ipv4" : "ipv6");
}

/* The header and the sentence, which are clean text. */
static void
header(struct ecs *e, const struct message *m)
{
	if (m->time != NUM_NONE)
		put(e, e->doc, "@timestamp", time_value(m->time, 6));
	put_str(e, "message", m->text);
	put_str(e, "host.name", m->hostname);
	put_str(e, "log.syslog.appname", m->app);
	if (m->procid != NUM_NONE)
		put(e, e->doc, "log.syslog.procid",
		    number_value(m->procid, PLACE_KEYWORD));
	put(e, e->doc, "log.syslog.facility.code",
	    fjson_object_new_int64(m->facility));
	put(e, e->doc, "log.syslog.severity.code",
	    fjson_object_new_int64(m->severity));
}

/* The rows of the message, and of the caller. */
static void
rows(struct ecs *e, const struct message *m)
{
	const struct field *f;
	const struct place *p;
	const void *from;

	for (f = fields; f < fields + nfields; f++) {
		from = !f->generation ? m : m->ngen == 0 ? NULL :
		    (const void *)&m->gen[0];
		if ((f->msgids >> m->id & 1) != 0 && from != NULL &&
		    field_is_known(f, from) &&
		    (p = place_find(f, &e->hint)) != NULL)
			put(e, e->doc, p->ecs, value(f, from, p->how));
	}
}

/* An ancestor: the parent below the document, others in an entry of the
   array. */
static void
generation(struct ecs *e, struct fjson_object *o, const struct generation *g,
    enum msgid id)
{
	const struct field *f;
	const struct place *p;

	for (f = fields; f < fields + nfields; f++)
		if (f->generation && f->msgids >> id & 1 &&
		    field_is_known(f, g) &&
		    (p = place_find(f, &e->hint)) != NULL)
			put(e, o, g->dist == 1 ? p->parent : p->ancestor,
			    value(f, g, p->how));
}

static void
ancestors(struct ecs *e, const struct message *m)
{
	struct fjson_object *array = NULL, *entry;
	size_t i;

	for (i = 1; i < m->ngen && !e->failed; i++) {
		if (m->gen[i].dist == 1) {
			generation(e, e->doc, &m->gen[i], m->id);
			continue;
		}
		if (array == NULL && (array = fjson_object_new_array()) != NULL)
			put(e, e->doc, PLACE_ARRAY, array);
		entry = fjson_object_new_object();
		if (array == NULL || entry == NULL ||
		    fjson_object_array_add(array, entry) < 0) {
			fjson_object_put(entry);
			e->failed = true;
			return;
		}
		put(e, entry, "distance", fjson_object_new_int64(
		    m->gen[i].dist));
		generation(e, entry, &m->gen[i], m->id);
	}
}

/* What the collector says of itself has no `act`. */
static void
action(struct ecs *e, const struct message *m)
{
	size_t hint = 0;
	int64_t dist;

	if (field_find(SD_EVENT, m->id, "act", 3, &dist, &hint) == NULL)
		put(e, e->doc, "event.action",
		    lower(str_of(msgid_names[m->id].name)));
}

struct fjson_object *
ecs_document(const struct message *m)
{
	struct ecs e = { .doc = fjson_object_new_object() };

	if (e.doc == NULL)
		return NULL;
	header(&e, m);
	kind(&e, m);
	action(&e, m);
	rows(&e, m);
	ancestors(&e, m);
	if (!e.failed)
		return e.doc;
	fjson_object_put(e.doc);
	errno = ENOMEM;
	return NULL;
}
