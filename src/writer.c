/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters and values into a message, or only their size; see writer.h. */
#include "writer.h"

#include <string.h>

const struct plan writer_whole = {
	.cmd = { [0 ... GENERATIONS - 1] = RFC5424_VALUE },
	.exe = { [0 ... GENERATIONS - 1] = RFC5424_VALUE },
	.rest = RFC5424_VALUE,
	.born = true,
	.chain = true,
};

/* Names of fields end so from now on: the distance, 0 of none. */
void
writer_tag(struct writer *w, int64_t dist)
{
	char *p = w->tag;

	if (dist > 0)
		p = text_put_uint(p, dist);
	*p++ = '=';
	*p++ = '"';
	w->ntag = p - w->tag;
}

void
writer_init(struct writer *w, const struct message *m, const struct plan *plan,
    char out[RFC5424_MAX])
{
	w->m = m;
	w->plan = plan == NULL ? &writer_whole : plan;
	w->p = out;
	w->end = out + RFC5424_MAX - WRITER_SLACK;
	w->full = w->open = false;
	w->base = NULL;
	w->total = 0;
	w->generation = NULL;
	w->nnames = 0;
	w->day.days = INT64_MAX;
	writer_tag(w, 0);
}

void
writer_measure(struct writer *w, size_t most)
{
	w->base = w->p;
	w->most = most;
}

void
writer_settle_slow(struct writer *w)
{
	if (w->base != NULL) {
		w->total += w->p - w->base;
		w->p = w->base;
		w->full = w->total > w->most;
	} else if (w->p > w->end)
		w->full = true;
	if (w->full)
		w->p = w->end;		/* of use to nobody */
}

void
writer_text(struct writer *w, const char *s)
{
	size_t n = strlen(s);

	memcpy(w->p, s, n);
	w->p += n;
}

void
writer_number(struct writer *w, uint64_t u)
{
	w->p = text_put_uint(w->p, u);
}

void
writer_value(struct writer *w, const struct str *s, enum emit how, size_t size)
{
	char *end = w->end - w->p > (long)size ? w->p + size : w->end;
	char *q = emit(w->p, end, s->s, s->n, how);

	w->cut = false;
	if (q != NULL)
		w->p = q;
	else if (end == w->end)
		w->full = true;
	else {
		w->p = emit_cut(w->p, size, s->s, s->n, how);
		w->cut = true;
	}
}

/* Is name in the list "name,name"? */
bool
writer_listed(const struct str *list, const char *name, size_t n)
{
	const char *s = list->s, *end, *comma;

	if (s == NULL)
		return false;
	end = s + list->n;
	for (; s < end; s = comma + 1) {
		if ((comma = memchr(s, ',', end - s)) == NULL)
			comma = end;
		if ((size_t)(comma - s) == n && memcmp(s, name, n) == 0)
			return true;
	}
	return false;
}

/* Notes for `truncated`. */
void
writer_note(struct writer *w, const char *name, int64_t dist)
{
	char s[FIELD_NAME + 20], *p = s + strlen(name);

	memcpy(s, name, p - s);
	if (dist > 0)
		p = text_put_uint(p, dist);
	if (writer_listed(&w->m->truncated, s, p - s) ||
	    sizeof(w->names) - w->nnames < (size_t)(p - s) + 1)
		return;
	if (w->nnames > 0)
		w->names[w->nnames++] = ',';
	memcpy(w->names + w->nnames, s, p - s);
	w->nnames += p - s;
}

static void
open_element(struct writer *w, enum sd sd)
{
	*w->p++ = '[';
	writer_text(w, sd_names[sd].name);
	if (sd_is_private(sd))
		writer_text(w, "@" FIELD_PEN);
	w->open = true;
}

/* ` name="` or ` name12="`; in front of the first `[event@32473`. */
void
writer_begin(struct writer *w, const struct field *f, int64_t dist)
{
	char *p;

	if (!w->open)
		open_element(w, dist > 0 ? SD_ANCESTRY : f->sd);
	p = w->p;
	*p++ = ' ';
	memcpy(p, f->name, FIELD_NAME);
	p += f->len;
	memcpy(p, w->tag, sizeof(w->tag));
	w->p = p + w->ntag;
}

void
writer_finish(struct writer *w)
{
	*w->p++ = '"';
	writer_settle(w);
}

void
writer_uint(struct writer *w, const struct field *f, int64_t dist, int64_t v)
{
	if (v < 0)
		return;
	writer_begin(w, f, dist);
	writer_number(w, v);
	writer_finish(w);
}

static void
put_time(struct writer *w, const struct field *f, int64_t dist, int64_t us)
{
	char s[TEXT_TIME];
	size_t n;

	if (us == NUM_NONE || (n = text_put_time_of(&w->day, s, us,
	    f->type == FIELD_TIME ? 6 : 3)) == 0)
		return;
	writer_begin(w, f, dist);
	memcpy(w->p, s, sizeof(s));
	w->p += n;
	writer_finish(w);
}

bool
writer_addr_known(const struct message *m, const struct in6_addr *a)
{
	return m->family != 0 && !IN6_IS_ADDR_UNSPECIFIED(a) &&
	    (!IN6_IS_ADDR_V4MAPPED(a) || a->s6_addr32[3] != 0);
}

static void
put_addr(struct writer *w, const struct field *f, const struct in6_addr *a)
{
	if (!writer_addr_known(w->m, a))
		return;
	writer_begin(w, f, 0);
	w->p += text_put_addr(w->p, a);
	writer_finish(w);
}

void
writer_str(struct writer *w, const struct field *f, int64_t dist,
    const struct str *s, size_t size)
{
	w->cut = false;
	if (s->n == 0)
		return;
	writer_begin(w, f, dist);
	writer_value(w, s, f->type == FIELD_TEXT ? EMIT_TEXT : EMIT_STR,
	    size);
	if (w->cut)
		writer_note(w, f->name, dist);
	writer_finish(w);
}

void
writer_field(struct writer *w, const struct field *f, const void *p,
    int64_t dist, size_t size)
{
	switch ((enum field_type)f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		writer_str(w, f, dist, field_str(f, p), size);
		break;
	case FIELD_UINT:
		writer_uint(w, f, dist, field_number(f, p));
		break;
	case FIELD_TIME:
	case FIELD_TIME_MS:
		put_time(w, f, dist, field_number(f, p));
		break;
	case FIELD_ADDR:
		put_addr(w, f, field_addr(f, p));
		break;
	}
}
