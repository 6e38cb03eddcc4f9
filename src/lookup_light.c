/* SPDX-License-Identifier: BSD-2-Clause */
/* A message, only as far as coverage needs it; see lookup_light.h. */
#include "lookup_light.h"

#include <string.h>

#include "fields.h"
#include "text.h"

/* The next word and the blank behind it; false at the end. */
static bool
word(const char **p, const char *end, struct str *out)
{
	const char *blank = memchr(*p, ' ', end - *p);

	if (blank == NULL)
		return false;
	*out = (struct str){ *p, blank - *p };
	*p = blank + 1;
	return true;
}

/* NMSGIDS: one that this version does not know; its number counts. */
static enum msgid
read_msgid(struct str s)
{
	enum msgid id;

	for (id = 0; id < NMSGIDS; id++)
		if (strlen(msgid_names[id].name) == s.n &&
		    memcmp(msgid_names[id].name, s.s, s.n) == 0)
			break;
	return id;
}

static bool
is(struct str s, const char *name, size_t n)
{
	return s.n == n && memcmp(s.s, name, n) == 0;
}

/* The next ` NAME="VALUE"' of an element, as it is written; false: it ends
   here, or is cut off. */
static bool
param(const char **p, const char *end, struct str *name, struct str *value)
{
	const char *eq, *q;

	if (*p == end || **p != ' ' ||
	    (eq = memchr(*p, '=', end - *p)) == NULL || end - eq < 2 ||
	    eq[1] != '"')
		return false;
	for (q = eq + 2; q < end && *q != '"'; q++)
		q += *q == '\\';
	if (q >= end)
		return false;
	*name = (struct str){ *p + 1, eq - *p - 1 };
	*value = (struct str){ eq + 2, q - eq - 2 };
	*p = q + 1;
	return true;
}

static void
take(struct light *l, char element, struct str name, struct str value)
{
	if (element == 'm' && is(name, "sequenceId", 10))
		l->seq = text_parse_uint(value.s, value.n);
	else if (element == 'h' && is(name, "id", 2))
		l->hostid = value;
	else if (element == 'h' && is(name, "boot", 4))
		l->boot = value;
}

static void
read_elements(struct light *l, const char *p, const char *end)
{
	struct str id, name, value;

	for (; p < end && *p == '[' && l->hostid.s == NULL; p++) {
		id.s = ++p;
		while (p < end && *p != ' ' && *p != ']')
			p++;
		id.n = p - id.s;
		if (!is(id, "meta", 4) && (id.n < 5 ||
		    memcmp(id.s, "host@", 5) != 0))
			id.s = "";
		while (param(&p, end, &name, &value))
			take(l, *id.s, name, value);
		if (p == end || *p != ']')
			return;
	}
}

bool
light_read(struct light *l, const char *msg, size_t n)
{
	const char *p = msg, *end = msg + n;
	struct str pri, time, app, procid, msgid;

	memset(l, 0, sizeof(*l));
	l->seq = NUM_NONE;
	if (!word(&p, end, &pri) || !word(&p, end, &time) ||
	    !word(&p, end, &l->hostname) || !word(&p, end, &app) ||
	    !word(&p, end, &procid) || !word(&p, end, &msgid))
		return false;
	l->id = read_msgid(msgid);
	l->time = text_parse_time(time.s, time.n);
	l->procid = text_parse_uint(procid.s, procid.n);
	read_elements(l, p, end);
	return l->time != NUM_NONE;
}
