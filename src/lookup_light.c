/* SPDX-License-Identifier: BSD-2-Clause */
/* A message, only as far as coverage needs it; see lookup_light.h. */
#define _GNU_SOURCE	/* memmem */
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

/* The value of name (` id="`) between p and end, as it is written. */
static struct str
value(const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);
	const char *v, *q;

	if ((v = memmem(p, end - p, name, n)) == NULL)
		return (struct str){ NULL, 0 };
	for (q = v += n; q < end && *q != '"'; q++)
		q += *q == '\\';
	return q < end ? (struct str){ v, q - v } : (struct str){ NULL, 0 };
}

/* The end of the element that begins at p: an unescaped ]. */
static const char *
element_end(const char *p, const char *end)
{
	bool quoted = false;

	for (; p < end; p++) {
		if (*p == '\\' && quoted)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == ']' && !quoted)
			return p;
	}
	return end;
}

static void
read_elements(struct light *l, const char *p, const char *end)
{
	struct str seq;
	const char *stop;

	for (; p < end && *p == '[' && l->hostid.s == NULL; p = stop + 1) {
		stop = element_end(p, end);
		if (stop - p < 6)
			continue;
		if (memcmp(p, "[meta ", 6) == 0) {
			seq = value(p, stop, " sequenceId=\"");
			if (seq.s != NULL)
				l->seq = text_parse_uint(seq.s, seq.n);
		} else if (memcmp(p, "[host@", 6) == 0) {
			l->hostid = value(p, stop, " id=\"");
			l->boot = value(p, stop, " boot=\"");
		}
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
