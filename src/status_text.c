/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree status for people. */
#include "status_show.h"

#include <inttypes.h>
#include <json.h>
#include <string.h>

#include "term.h"

#define COLUMN	14		/* of the values */

static struct fjson_object *
member(struct fjson_object *o, const char *name)
{
	struct fjson_object *v = NULL;

	return o != NULL && fjson_object_object_get_ex(o, name, &v) ? v : NULL;
}

static struct str
text(struct fjson_object *o)
{
	/* (a double keeps its text) */
	const char *s = o != NULL ? fjson_object_get_string(o) : NULL;

	return (struct str){ s, s != NULL ? strlen(s) : 0 };
}

static int64_t
number(struct fjson_object *o, const char *name)
{
	struct fjson_object *v = member(o, name);

	return v != NULL ? fjson_object_get_int64(v) : 0;
}

static void
title(struct term *t, const char *name)
{
	term_style(t, STYLE_FAINT);
	term_puts(t, name);
	term_style(t, STYLE_PLAIN);
	term_pad(t, COLUMN);
	term_indent(t);
}

static void
line(struct term *t, const char *name, struct fjson_object *v)
{
	if (v == NULL)
		return;
	title(t, name);
	term_put(t, text(v));
	term_newline(t);
}

/* 1234567 bytes -> 1.2 MB */
static void
bytes(struct term *t, double n)
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB" };
	size_t i = 0;

	for (; n >= 1000 && i + 1 < sizeof(unit) / sizeof(unit[0]); i++)
		n /= 1000;
	term_printf(t, i == 0 ? "%.0f %s" : "%.1f %s", n, unit[i]);
}

static void
duration(struct term *t, int64_t s)
{
	if (s >= 2 * 86400)
		term_printf(t, "%" PRId64 " days", s / 86400);
	else if (s >= 2 * 3600)
		term_printf(t, "%" PRId64 " hours", s / 3600);
	else if (s >= 120)
		term_printf(t, "%" PRId64 " minutes", s / 60);
	else
		term_printf(t, "%" PRId64 " s", s);
}

static void
health(struct term *t, struct fjson_object *o)
{
	struct fjson_object *why = member(o, "reasons");
	struct fjson_object *healthy = member(o, "healthy");
	bool well = healthy != NULL && fjson_object_get_boolean(healthy);

	term_style(t, well ? STYLE_STRONG : STYLE_BAD);
	term_puts(t, well ? "healthy" : "not healthy");
	term_style(t, STYLE_PLAIN);
	term_puts(t, ", pidtreed ");
	term_put(t, text(member(o, "version")));
	term_printf(t, " (process %" PRId64 "), for ", number(o, "pid"));
	duration(t, number(o, "uptime"));
	term_newline(t);
	for (int i = 0; why != NULL &&
	    i < fjson_object_array_length(why); i++) {
		term_puts(t, "  ");
		term_style(t, STYLE_BAD);
		term_put(t, text(fjson_object_array_get_idx(why, i)));
		term_style(t, STYLE_PLAIN);
		term_newline(t);
	}
}

static void
probes(struct term *t, struct fjson_object *list)
{
	struct fjson_object *p;

	for (int i = 0; list != NULL &&
	    i < fjson_object_array_length(list); i++) {
		p = fjson_object_array_get_idx(list, i);
		title(t, i == 0 ? "probes" : "");
		term_put(t, text(member(p, "name")));
		term_pad(t, COLUMN + 16);
		term_put(t, text(member(p, "state")));
		if (member(p, "reason") != NULL) {
			term_puts(t, ": ");
			term_put(t, text(member(p, "reason")));
		}
		term_newline(t);
	}
}

static void
rates(struct term *t, struct fjson_object *o)
{
	struct fjson_object *r = member(o, "rates");

	title(t, "rates");
	term_put(t, text(member(r, "attempts")));
	term_puts(t, " attempts, ");
	term_put(t, text(member(r, "messages")));
	term_puts(t, " messages, ");
	bytes(t, r == NULL ? 0 : fjson_object_get_double(member(r, "bytes")));
	term_printf(t, " a second, over %" PRId64 " s", number(r, "seconds"));
	term_newline(t);
}

/* Those that are not 0. */
static void
counts(struct term *t, const char *name, struct fjson_object *o, bool bad)
{
	bool any = false;

	if (o == NULL)
		return;
	title(t, name);
	struct fjson_object_iterator i = fjson_object_iter_begin(o);
	struct fjson_object_iterator end = fjson_object_iter_end(o);

	for (; !fjson_object_iter_equal(&i, &end);
	    fjson_object_iter_next(&i)) {
		struct fjson_object *v = fjson_object_iter_peek_value(&i);

		if (fjson_object_get_int64(v) == 0)
			continue;
		term_puts(t, any ? ", " : "");
		any = true;
		if (bad)
			term_style(t, STYLE_BAD);
		term_puts(t, fjson_object_iter_peek_name(&i));
		term_printf(t, " %" PRId64, fjson_object_get_int64(v));
		if (bad)
			term_style(t, STYLE_PLAIN);
	}
	if (!any)
		term_puts(t, "none");
	term_newline(t);
}

static void
room(struct term *t, struct fjson_object *o)
{
	struct fjson_object *q = member(o, "queue"), *m = member(o, "memory");
	struct fjson_object *maps = member(o, "maps");

	title(t, "queue");
	term_printf(t, "%" PRId64 " messages, %" PRId64 " not known to be read",
	    number(q, "messages"), number(q, "unread"));
	term_newline(t);
	title(t, "memory");
	bytes(t, number(m, "rss"));
	term_puts(t, ", in the kernel ");
	bytes(t, number(m, "kernel"));
	term_newline(t);
	if (maps == NULL)
		return;
	struct fjson_object_iterator i = fjson_object_iter_begin(maps);
	struct fjson_object_iterator end = fjson_object_iter_end(maps);

	for (bool first = true; !fjson_object_iter_equal(&i, &end);
	    fjson_object_iter_next(&i), first = false) {
		struct fjson_object *v = fjson_object_iter_peek_value(&i);

		title(t, first ? "maps" : "");
		term_puts(t, fjson_object_iter_peek_name(&i));
		term_pad(t, COLUMN + 14);
		term_printf(t, "%" PRId64 " of %" PRId64, number(v, "used"),
		    number(v, "size"));
		term_newline(t);
	}
}

static void
volume(struct term *t, struct fjson_object *v)
{
	struct fjson_object *list = member(v, "lineages"), *row;

	if (v == NULL)
		return;
	title(t, "volume");
	bytes(t, number(v, "bytes"));
	term_printf(t, " in %" PRId64 " messages in ", number(v, "messages"));
	duration(t, number(v, "seconds"));
	if (member(v, "bytesPerDay") != NULL) {
		term_puts(t, ": a day ");
		bytes(t, number(v, "bytesPerDay"));
	}
	term_newline(t);
	for (int i = 0; list != NULL &&
	    i < fjson_object_array_length(list); i++) {
		row = fjson_object_array_get_idx(list, i);
		title(t, i == 0 ? "most by" : "");
		bytes(t, number(row, "bytes"));
		term_pad(t, COLUMN + 14);
		term_put(t, text(member(row, "lineage")));
		term_newline(t);
	}
}

void
status_text(struct term *t, struct fjson_object *o)
{
	struct fjson_object *c = member(o, "clients");

	health(t, o);
	line(t, "target", member(o, "target"));
	line(t, "config", member(o, "config"));
	line(t, "filter", member(o, "filter"));
	line(t, "start", member(o, "how"));
	line(t, "cost of that", member(o, "cost"));
	line(t, "kept in", member(o, "keep"));
	probes(t, member(o, "probes"));
	rates(t, o);
	counts(t, "counted", member(o, "counters"), false);
	counts(t, "left out", member(o, "leftOut"), false);
	counts(t, "lost", member(o, "losses"), true);
	if (number(o, "rules") > 0)
		counts(t, "rules true", member(o, "ruleHits"), false);
	room(t, o);
	volume(t, member(o, "volume"));
	title(t, "clients");
	term_printf(t, "%" PRId64 " of %" PRId64 ", %" PRId64 " watch",
	    number(c, "now"), number(c, "most"), number(c, "watching"));
	term_newline(t);
}
