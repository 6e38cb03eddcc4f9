/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as a CEF line; see cef.h. */
#include "config.h"
#include "cef.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "place.h"
#include "text.h"

#define FIRST	(64 << 10)	/* bytes: a message of ours always fits */
#define MOST	(64 << 20)	/* a line of a megabyte, all escaped */

struct cef {
	char *mem;
	size_t size;
	struct buf b;
	size_t hint;		/* for place_find */
};

struct cef *
cef_new(void)
{
	struct cef *c = calloc(1, sizeof(*c));

	if (c != NULL && (c->mem = malloc(FIRST)) == NULL) {
		free(c);
		return NULL;
	}
	if (c != NULL)
		c->size = FIRST;
	return c;
}

void
cef_free(struct cef *c)
{
	if (c == NULL)
		return;
	free(c->mem);
	free(c);
}

/* Escaped after it was put at `from`: a backslash before each of `special`,
   a line break as \n.  The text grows in place, from its end. */
static void
escape(struct buf *b, size_t from, const char *special)
{
	size_t i, more = 0;
	char *to;

	for (i = from; i < b->len; i++)
		more += b->p[i] == '\n' || b->p[i] == '\r' ||
		    (b->p[i] != '\0' && strchr(special, b->p[i]) != NULL);
	if (more == 0)
		return;
	if (b->full || more > b->size - b->len) {
		b->full = true;
		return;
	}
	to = b->p + b->len + more;
	for (i = b->len; to > b->p + i; ) {
		char c = b->p[--i];

		*--to = c == '\n' ? 'n' : c == '\r' ? 'r' : c;
		if (c == '\n' || c == '\r' ||
		    (c != '\0' && strchr(special, c) != NULL))
			*--to = '\\';
	}
	b->len += more;
}

static void
header_field(struct buf *b, const char *s)
{
	size_t from = b->len;

	buf_adds(b, s);
	escape(b, from, "\\|");
	buf_addc(b, '|');
}

/* CEF's severity is 0 to 10, the highest the worst; syslog's the other way
   round.  Each has one of its own. */
static int
severity(int syslog)
{
	static const char of[] = { 10, 9, 8, 7, 6, 5, 3, 0 };

	return of[syslog & 7];
}

static void
syslog_header(struct buf *b, const struct message *m)
{
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = m->time == NUM_NONE ? 0 : m->time / 1000000;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_addf(b, "<%d>%.3s %2d %02d:%02d:%02d ", m->facility << 3 |
	    m->severity, month + 3 * tm.tm_mon, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	if (m->hostname.s == NULL)
		buf_adds(b, "-");
	buf_add(b, m->hostname.s, m->hostname.n);
	buf_addc(b, ' ');
}

/* ` key=`, `dist` (if not 0) appended to the key. */
static size_t
begin_pair(struct buf *b, const char *key, int64_t dist)
{
	if (b->len > 0 && b->p[b->len - 1] != '|')
		buf_addc(b, ' ');
	buf_adds(b, key);
	if (dist > 0)
		buf_addu(b, dist);
	buf_addc(b, '=');
	return b->len;
}

/* With its label, where the key says nothing. */
static void
end_pair(struct buf *b, size_t from, const char *key, const char *label)
{
	escape(b, from, "\\=");
	if (!place_wants_label(key))
		return;
	buf_addc(b, ' ');
	buf_adds(b, key);
	buf_adds(b, "Label=");
	buf_adds(b, label);
}

/* Of the header or the sentence: clean text. */
static void
text_pair(struct buf *b, const char *key, struct str s)
{
	size_t from;

	if (s.s == NULL)
		return;
	from = begin_pair(b, key, 0);
	buf_add(b, s.s, s.n);
	end_pair(b, from, key, NULL);
}

static void
number_pair(struct buf *b, const char *key, int64_t n)
{
	if (n == NUM_NONE)
		return;
	begin_pair(b, key, 0);
	buf_addu(b, n);
}

static void
put_time(struct buf *b, int64_t us, int digits, bool epoch)
{
	char text[TEXT_TIME];

	if (epoch)
		buf_addf(b, "%lld", (long long)(us / 1000 - (us % 1000 < 0)));
	else
		buf_add(b, text, text_put_time(text, us, digits));
}

static void
put_value(struct buf *b, const struct field *f, const void *p, bool epoch)
{
	struct str s;

	switch ((enum field_type)f->type) {
	case FIELD_STR:
		s = *field_str(f, p);
		text_escape(b, s.s, s.n);
		break;
	case FIELD_TEXT:
		s = *field_str(f, p);
		buf_add(b, s.s, s.n);
		break;
	case FIELD_UINT:
		buf_addu(b, field_number(f, p));
		break;
	case FIELD_TIME:
		put_time(b, field_number(f, p), 6, epoch);
		break;
	case FIELD_TIME_MS:
		put_time(b, field_number(f, p), 3, epoch);
		break;
	case FIELD_ADDR:
		text_addr(b, field_addr(f, p));
		break;
	}
}

/* A row's value in p, the message or a generation at that distance. */
static void
pair(struct cef *c, const struct field *f, const void *p, int64_t dist)
{
	const struct place *place;
	const char *key;
	size_t from;

	if (!field_is_known(f, p) ||
	    (place = place_find(f, &c->hint)) == NULL)
		return;
	key = dist > 0 ? f->name : place->cef;
	if (f->type == FIELD_ADDR && place->cef6 != NULL &&
	    !IN6_IS_ADDR_V4MAPPED(field_addr(f, p)))
		key = place->cef6;
	from = begin_pair(&c->b, key, dist);
	put_value(&c->b, f, p, dist == 0 && (place->how & PLACE_EPOCH));
	end_pair(&c->b, from, key, f->name);
}

static void
extension(struct cef *c, const struct message *m)
{
	const struct field *f;
	struct buf *b = &c->b;
	size_t i;

	if (m->time != NUM_NONE) {
		begin_pair(b, "rt", 0);
		put_time(b, m->time, 6, true);
	}
	text_pair(b, "dvchost", m->hostname);
	text_pair(b, "deviceProcessName", m->app);
	number_pair(b, "dvcpid", m->procid);
	number_pair(b, "deviceFacility", m->facility);
	text_pair(b, "msg", m->text);
	for (f = fields; f < fields + nfields; f++)
		if ((f->msgids >> m->id & 1) == 0)
			continue;
		else if (!f->generation)
			pair(c, f, m, 0);
		else if (m->ngen > 0)
			pair(c, f, &m->gen[0], 0);
	for (i = 1; i < m->ngen; i++)
		for (f = fields; f < fields + nfields; f++)
			if (f->generation && f->msgids >> m->id & 1)
				pair(c, f, &m->gen[i], m->gen[i].dist);
}

static void
line(struct cef *c, const struct message *m, bool header)
{
	struct buf *b = &c->b;

	if (header)
		syslog_header(b, m);
	buf_adds(b, "CEF:0|");
	header_field(b, "pidtreed");
	header_field(b, "pidtreed");
	header_field(b, PACKAGE_VERSION);
	header_field(b, msgid_names[m->id].name);
	header_field(b, place_kinds[m->id].title);
	buf_addf(b, "%d|", severity(m->severity));
	extension(c, m);
}

const char *
cef_line(struct cef *c, const struct message *m, bool header, size_t *len)
{
	char *more;

	for (;;) {
		buf_init(&c->b, c->mem, c->size);
		line(c, m, header);
		if (!c->b.full)
			break;
		if (c->size >= MOST ||
		    (more = realloc(c->mem, 2 * c->size)) == NULL) {
			errno = ENOMEM;
			return NULL;
		}
		c->mem = more;
		c->size *= 2;
	}
	*len = c->b.len;
	return c->b.p;
}
