/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser: the writer's inverse.  Strict about the grammar (RFC 5424
   section 6), indifferent to elements and parameters that it does not know. */
#include "rfc5424.h"

#include <string.h>

#include "fields.h"
#include "text.h"

struct reader {
	struct message *m;
	const char *s, *end;
	char *mem, *memend;
	const char *why;
	size_t hint;		/* for field_find */
	unsigned elements;	/* 1 << enum sd: seen */
};

static int
fail(struct reader *r, const char *at, const char *why)
{
	r->s = at;
	r->why = why;
	return -1;
}

static int
expect(struct reader *r, char c, const char *why)
{
	if (r->s == r->end || *r->s != c)
		return fail(r, r->s, why);
	r->s++;
	return 0;
}

/* Room in mem for n bytes more. */
static char *
keep(struct reader *r, size_t n)
{
	char *p = r->mem;

	if ((size_t)(r->memend - p) < n) {
		fail(r, r->s, "longer than the memory for it");
		return NULL;
	}
	return p;
}

/* 1*most PRINTUSASCII and the blank after it. */
static int
token(struct reader *r, struct str *t, size_t most, const char *why)
{
	const char *s = r->s;

	while (s < r->end && *s > 0x20 && *s < 0x7f)
		s++;
	*t = (struct str){ r->s, s - r->s };
	if (t->n == 0 || t->n > most || s == r->end || *s != ' ')
		return fail(r, r->s, why);
	r->s = s + 1;
	return 0;
}

/* As token, kept; "-" is none. */
static int
kept_token(struct reader *r, struct str *t, size_t most, const char *why)
{
	char *p;

	if (token(r, t, most, why) < 0 || (p = keep(r, t->n)) == NULL)
		return -1;
	if (t->n == 1 && t->s[0] == '-') {
		*t = (struct str){ NULL, 0 };
		return 0;
	}
	memcpy(p, t->s, t->n);
	t->s = p;
	r->mem += t->n;
	return 0;
}

static int
priority(struct reader *r, int *pri)
{
	const char *s = r->s + 1, *gt = s;
	int64_t v;

	while (gt < r->end && gt - s < 4 && *gt != '>')
		gt++;
	if (r->s == r->end || *r->s != '<' || gt == r->end || *gt != '>' ||
	    (v = text_parse_uint(s, gt - s)) < 0 || v > 191 ||
	    (*s == '0' && gt - s > 1))
		return fail(r, r->s, "<PRIORITY> expected, 0 to 191");
	*pri = v;
	r->s = gt + 1;
	return 0;
}

/* RFC 3339 less what RFC 5424 6.2.3 forbids: small letters, more than six
   digits, leap seconds. */
static int
timestamp(struct reader *r, int64_t *us)
{
	struct str t;
	const char *dot, *at = r->s;

	if (token(r, &t, 32, "TIMESTAMP expected") < 0)
		return -1;
	*us = NUM_NONE;
	if (t.n == 1 && *t.s == '-')
		return 0;
	*us = text_parse_time(t.s, t.n);
	dot = memchr(t.s, '.', t.n);
	if (*us == NUM_NONE || memchr(t.s, 't', t.n) != NULL ||
	    memchr(t.s, 'z', t.n) != NULL || memcmp(t.s + 17, "60", 2) == 0 ||
	    (dot != NULL && strspn(dot + 1, "0123456789") > 6))
		return fail(r, at, "TIMESTAMP expected (RFC 5424 6.2.3)");
	return 0;
}

static int
msgid(struct reader *r, enum msgid *id)
{
	const char *at = r->s;
	struct str t;
	int i;

	if (token(r, &t, 32, "MSGID expected") < 0)
		return -1;
	for (i = 0; i < NMSGIDS; i++)
		if (strlen(msgid_names[i].name) == t.n &&
		    memcmp(msgid_names[i].name, t.s, t.n) == 0) {
			*id = i;
			return 0;
		}
	return fail(r, at, "unknown MSGID");
}

static int
header(struct reader *r)
{
	struct str host, app, procid;
	enum msgid id = MSG_CONNECT;
	int64_t time;
	int pri;

	if (priority(r, &pri) < 0 ||
	    expect(r, '1', "VERSION 1 expected") < 0 ||
	    expect(r, ' ', "VERSION 1 expected") < 0 ||
	    timestamp(r, &time) < 0 ||
	    kept_token(r, &host, RFC5424_HOSTNAME, "HOSTNAME expected") < 0 ||
	    kept_token(r, &app, RFC5424_APPNAME, "APP-NAME expected") < 0 ||
	    token(r, &procid, 128, "PROCID expected") < 0 ||
	    msgid(r, &id) < 0)
		return -1;
	message_init(r->m, id);
	r->m->facility = pri >> 3;
	r->m->severity = pri & 7;
	r->m->time = time;
	r->m->hostname = host;
	r->m->app = app;
	r->m->procid = text_parse_uint(procid.s, procid.n);
	return 0;
}

/* SD-NAME: 1*32PRINTUSASCII but '=', SP, ']', '"'. */
static int
sd_name(struct reader *r, struct str *name, const char *why)
{
	const char *s = r->s;

	while (s < r->end && *s > 0x20 && *s < 0x7f && *s != '=' &&
	    *s != ']' && *s != '"')
		s++;
	*name = (struct str){ r->s, s - r->s };
	if (name->n == 0 || name->n > FIELD_NAME)
		return fail(r, r->s, why);
	r->s = s;
	return 0;
}

/* Which element; NSDS: unknown. */
static enum sd
which_element(const struct str *id)
{
	const char *at = memchr(id->s, '@', id->n);
	size_t n = at == NULL ? id->n : (size_t)(at - id->s);
	int sd;

	if (at != NULL && text_parse_uint(at + 1, id->n - n - 1) < 0)
		return NSDS;
	for (sd = 0; sd < NSDS; sd++)
		if (strlen(sd_names[sd].name) == n &&
		    memcmp(sd_names[sd].name, id->s, n) == 0 &&
		    sd_is_private(sd) == (at != NULL))
			return sd;
	return NSDS;
}

/* What is between the quotes, RFC 5424's escapes taken out, at r->mem. */
static int
param_value(struct reader *r, struct str *value)
{
	const char *s, *run;
	char *p;

	if (expect(r, '"', "'\"' expected") < 0)
		return -1;
	if ((p = keep(r, r->end - r->s)) == NULL)
		return -1;
	value->s = p;
	for (s = run = r->s; s < r->end && *s != '"'; s++) {
		if (*s == ']')
			return fail(r, s, "']' in a value without '\\'");
		if (*s != '\\' || s + 1 == r->end ||
		    (s[1] != '"' && s[1] != '\\' && s[1] != ']'))
			continue;
		memcpy(p, run, s - run);
		p += s - run;
		run = ++s;
	}
	if (s == r->end)
		return fail(r, r->s, "value without end");
	memcpy(p, run, s - run);
	value->n = p + (s - run) - value->s;
	r->s = s + 1;
	return 0;
}

static int
param(struct reader *r, enum sd sd)
{
	const struct field *f;
	const char *at = r->s, *why;
	struct str name, value;
	int64_t dist;
	size_t kept;

	if (sd_name(r, &name, "PARAM-NAME expected") < 0 ||
	    expect(r, '=', "'=' expected") < 0 || param_value(r, &value) < 0)
		return -1;
	if (sd == NSDS || (f = field_find(sd, r->m->id, name.s, name.n, &dist,
	    &r->hint)) == NULL)
		return 0;
	if ((why = field_read(r->m, f, dist, r->mem, value.n, &kept)) != NULL)
		return fail(r, at, why);
	r->mem += kept;
	return 0;
}

static int
element(struct reader *r)
{
	const char *at = r->s++;
	struct str id;
	enum sd sd;

	if (sd_name(r, &id, "SD-ID expected") < 0)
		return -1;
	if ((sd = which_element(&id)) != NSDS) {
		if (r->elements >> sd & 1)
			return fail(r, at, "element given twice");
		r->elements |= 1 << sd;
	}
	while (r->s < r->end && *r->s == ' ') {
		r->s++;
		if (param(r, sd) < 0)
			return -1;
	}
	return expect(r, ']', "' ' or ']' expected");
}

static int
elements(struct reader *r)
{
	if (r->s < r->end && *r->s == '-') {
		r->s++;
		return 0;
	}
	if (r->s == r->end || *r->s != '[')
		return fail(r, r->s, "'[' or '-' expected");
	while (r->s < r->end && *r->s == '[')
		if (element(r) < 0)
			return -1;
	return 0;
}

static int
text(struct reader *r)
{
	size_t n;

	if (r->s == r->end)
		return 0;
	if (expect(r, ' ', "' ' expected") < 0)
		return -1;
	if (r->end - r->s >= 3 && memcmp(r->s, "\xef\xbb\xbf", 3) == 0)
		r->s += 3;
	if ((n = r->end - r->s) == 0)
		return 0;
	if (keep(r, n) == NULL)
		return -1;
	memcpy(r->mem, r->s, n);
	text_clean(r->mem, n);
	r->m->text = (struct str){ r->mem, n };
	r->mem += n;
	return 0;
}

int
rfc5424_parse(struct message *m, const char *line, size_t n, char *mem,
    size_t memsize, size_t *where, const char **why)
{
	struct reader r = { .m = m, .s = line, .end = line + n, .mem = mem,
	    .memend = mem + memsize };

	if (header(&r) < 0 || elements(&r) < 0 || text(&r) < 0) {
		*where = r.s - line;
		*why = r.why;
		return -1;
	}
	return 0;
}
