/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as JSON; see jsonprint.h. */
#include "jsonprint.h"

#include <inttypes.h>
#include <string.h>

#include "fields.h"
#include "text.h"

struct json {
	struct term *t;
	const char *element;	/* opened with its first value */
	const char *separator;	/* before the next name */
};

static void
key(struct json *j, const char *name)
{
	if (j->element != NULL) {
		term_puts(j->t, ",\"");
		term_puts(j->t, j->element);
		term_puts(j->t, "\":{");
		j->element = NULL;
	} else
		term_puts(j->t, j->separator);
	j->separator = ",";
	term_puts(j->t, "\"");
	term_puts(j->t, name);
	term_puts(j->t, "\":");
}

static void
text_value(struct json *j, const char *name, struct str s)
{
	if (s.s == NULL)
		return;
	key(j, name);
	term_json(j->t, s, false);
}

static void
number_value(struct json *j, const char *name, int64_t n)
{
	if (n == NUM_NONE)
		return;
	key(j, name);
	term_printf(j->t, "%" PRId64, n);
}

static void
time_value(struct json *j, const char *name, int64_t us,
    int digits)
{
	char text[TEXT_TIME];

	if (us != NUM_NONE)
		text_value(j, name, (struct str){ text,
		    text_put_time(text, us, digits) });
}

static void
address_value(struct json *j, const char *name,
    const struct in6_addr *a)
{
	char text[TEXT_ADDR];

	if (!IN6_IS_ADDR_UNSPECIFIED(a))
		text_value(j, name, (struct str){ text,
		    text_put_addr(text, a) });
}

/* A row's value in p, the message or the generation. */
static void
value(struct json *j, const struct field *f, const void *p)
{
	switch ((enum field_type)f->type) {
	case FIELD_STR:
		if (field_str(f, p)->s != NULL) {
			key(j, f->name);
			term_json(j->t, *field_str(f, p), true);
		}
		break;
	case FIELD_TEXT:
		text_value(j, f->name, *field_str(f, p));
		break;
	case FIELD_UINT:
		number_value(j, f->name, field_number(f, p));
		break;
	case FIELD_TIME:
		time_value(j, f->name, field_number(f, p), 6);
		break;
	case FIELD_TIME_MS:
		time_value(j, f->name, field_number(f, p), 3);
		break;
	case FIELD_ADDR:
		address_value(j, f->name, field_addr(f, p));
		break;
	}
}

/* The rows of an element, the caller's in event. */
static void
rows(struct json *j, const struct message *m, enum sd sd)
{
	const struct field *f;

	for (f = fields; f < fields + nfields; f++) {
		if (f->sd != sd || (f->msgids >> m->id & 1) == 0)
			continue;
		if (!f->generation)
			value(j, f, m);
		else if (m->ngen > 0)
			value(j, f, &m->gen[0]);
	}
}

static void
ancestors(struct json *j, const struct message *m)
{
	const struct field *f;
	size_t i;

	if (m->ngen < 2)
		return;
	key(j, "ancestors");
	for (i = 1; i < m->ngen; i++) {
		term_puts(j->t, i == 1 ? "[{" : ",{");
		j->separator = "";
		number_value(j, "distance", m->gen[i].dist);
		for (f = fields; f < fields + nfields; f++)
			if (f->generation && f->msgids >> m->id & 1)
				value(j, f, &m->gen[i]);
		term_puts(j->t, "}");
	}
	term_puts(j->t, "]");
	j->separator = ",";
}

void
jsonprint(struct term *t, const struct message *m)
{
	struct json j = { t, NULL, "" };
	enum sd sd;

	term_puts(t, "{");
	time_value(&j, "timestamp", m->time, 6);
	text_value(&j, "hostname", m->hostname);
	text_value(&j, "appname", m->app);
	number_value(&j, "procid", m->procid);
	key(&j, "msgid");
	term_printf(t, "\"%s\"", msgid_names[m->id].name);
	number_value(&j, "facility", m->facility);
	number_value(&j, "severity", m->severity);
	for (sd = 0; sd < NSDS; sd++) {
		j.element = sd_names[sd].name;
		rows(&j, m, sd);
		if (sd == SD_ANCESTRY)
			ancestors(&j, m);
		if (j.element == NULL)
			term_puts(t, "}");
		j.element = NULL;
		j.separator = ",";
	}
	text_value(&j, "text", m->text);
	term_puts(t, "}");
	term_newline(t);
}
