/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree status for Prometheus: the text format, version 0.0.4, of
   https://prometheus.io/docs/instrumenting/exposition_formats/ */
#include "status_show.h"

#include <inttypes.h>
#include <json.h>
#include <string.h>

#include "term.h"

struct metric {
	const char *name, *type, *help;
	const char *of, *member;	/* status.of.member; of may be NULL */
};

/* In bytes and seconds, as Prometheus wants it. */
static const struct metric single[] = {
	{ "healthy", "gauge", "1 if nothing needs mending.", NULL,
	    "healthy" },
	{ "uptime_seconds", "gauge", "Since the collector started.", NULL,
	    "uptime" },
	{ "queue_messages", "gauge", "Messages that wait for the target.",
	    "queue", "messages" },
	{ "unread_messages", "gauge",
	    "Messages not known to have been read by the target.", "queue",
	    "unread" },
	{ "resident_memory_bytes", "gauge", "Of the collector.", "memory",
	    "rss" },
	{ "kernel_memory_bytes", "gauge", "Of its maps in the kernel.",
	    "memory", "kernel" },
	{ "messages_total", "counter", "Messages written.", "counters",
	    "messages" },
	{ "message_bytes_total", "counter", "Bytes of these.", "counters",
	    "bytes" },
	{ "volume_day_bytes", "gauge",
	    "Bytes of messages of the last day, or since the start.",
	    "volume", "bytes" },
	{ "volume_day_seconds", "gauge", "The time that this was.", "volume",
	    "seconds" },
	{ "clients", "gauge", "Clients of the control socket.", "clients",
	    "now" },
	{ "client_events_lost_total", "counter",
	    "Events that clients did not read in time.", "clients", "lost" },
};

/* Groups whose members become a label. */
static const struct metric grouped[] = {
	{ "events_total", "counter", "What was counted, by what it is.",
	    "counters", "event" },
	{ "left_out_total", "counter", "What was left out on purpose.",
	    "leftOut", "cause" },
	{ "lost_total", "counter", "What was lost, by cause.", "losses",
	    "cause" },
};

static struct fjson_object *
member(struct fjson_object *o, const char *name)
{
	struct fjson_object *v = NULL;

	return o != NULL && fjson_object_object_get_ex(o, name, &v) ? v : NULL;
}

static void
head(struct term *t, const struct metric *m)
{
	term_printf(t, "# HELP pidtreed_%s %s", m->name, m->help);
	term_newline(t);
	term_printf(t, "# TYPE pidtreed_%s %s", m->name, m->type);
	term_newline(t);
}

static int64_t
number(struct fjson_object *v)
{
	return fjson_object_is_type(v, fjson_type_boolean) ?
	    fjson_object_get_boolean(v) != 0 : fjson_object_get_int64(v);
}

/* A label's value is words of ours, or a lineage: clean text, in which a
   backslash and a quotation mark are escaped. */
static void
sample(struct term *t, const char *name, const char *label, const char *value,
    int64_t n)
{
	term_printf(t, "pidtreed_%s{%s=\"", name, label);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			term_puts(t, "\\");
		term_put(t, (struct str){ value, 1 });
	}
	term_printf(t, "\"} %" PRId64, n);
	term_newline(t);
}

static void
group(struct term *t, const struct metric *m, struct fjson_object *o)
{
	if (o == NULL)
		return;
	struct fjson_object_iterator i = fjson_object_iter_begin(o);
	struct fjson_object_iterator end = fjson_object_iter_end(o);

	head(t, m);
	for (; !fjson_object_iter_equal(&i, &end); fjson_object_iter_next(&i)) {
		const char *name = fjson_object_iter_peek_name(&i);

		if (strcmp(name, "messages") != 0 && strcmp(name, "bytes") != 0)
			sample(t, m->name, m->member, name,
			    number(fjson_object_iter_peek_value(&i)));
	}
}

static void
maps(struct term *t, struct fjson_object *o, const struct metric *m)
{
	if (o == NULL)
		return;
	struct fjson_object_iterator i = fjson_object_iter_begin(o);
	struct fjson_object_iterator end = fjson_object_iter_end(o);

	head(t, m);
	for (; !fjson_object_iter_equal(&i, &end); fjson_object_iter_next(&i))
		sample(t, m->name, "map", fjson_object_iter_peek_name(&i),
		    number(member(fjson_object_iter_peek_value(&i),
		    m->member)));
}

static void
probes(struct term *t, struct fjson_object *list)
{
	static const struct metric m = { "probe_refused", "gauge",
	    "1 if the kernel refused this probe.", NULL, "probe" };
	struct fjson_object *p;
	const char *name, *state;

	if (list == NULL)
		return;
	head(t, &m);
	for (int i = 0; i < fjson_object_array_length(list); i++) {
		p = fjson_object_array_get_idx(list, i);
		name = fjson_object_get_string(member(p, "name"));
		state = fjson_object_get_string(member(p, "state"));
		if (name != NULL && state != NULL)
			sample(t, m.name, m.member, name,
			    strcmp(state, "refused") == 0);
	}
}

void
status_metrics(struct term *t, struct fjson_object *o)
{
	static const struct metric used = { "map_used", "gauge",
	    "Elements of a map in the kernel.", NULL, "used" };
	static const struct metric size = { "map_size", "gauge",
	    "Elements that it can have.", NULL, "size" };
	const struct metric *m;
	struct fjson_object *v;

	for (m = single; m < single + sizeof(single) / sizeof(*single); m++) {
		v = member(m->of != NULL ? member(o, m->of) : o, m->member);
		if (v == NULL)
			continue;
		head(t, m);
		term_printf(t, "pidtreed_%s %" PRId64, m->name, number(v));
		term_newline(t);
	}
	for (m = grouped; m < grouped + sizeof(grouped) / sizeof(*grouped);
	    m++)
		group(t, m, member(o, m->of));
	maps(t, member(o, "maps"), &used);
	maps(t, member(o, "maps"), &size);
	probes(t, member(o, "probes"));
}
