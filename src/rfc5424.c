/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer: a walk over the field table; see rfc5424.h. */
#include "rfc5424.h"

#include <string.h>

#include "text.h"
#include "writer.h"

static const struct plan whole = {
	.cmd = { [0 ... GENERATIONS - 1] = RFC5424_VALUE },
	.exe = { [0 ... GENERATIONS - 1] = RFC5424_VALUE },
	.rest = RFC5424_VALUE,
	.born = true,
	.chain = true,
};

/* Names of fields end so from now on: the distance, 0 of none. */
static void
set_tag(struct writer *w, int64_t dist)
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
	w->plan = plan == NULL ? &whole : plan;
	w->p = out;
	w->end = out + RFC5424_MAX - WRITER_SLACK;
	w->full = w->open = false;
	w->base = NULL;
	w->total = 0;
	w->generation = NULL;
	w->nnames = 0;
	w->day.days = INT64_MAX;
	set_tag(w, 0);
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
static bool
listed(const struct str *list, const char *name, size_t n)
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
static void
note_cut(struct writer *w, const char *name, int64_t dist)
{
	char s[FIELD_NAME + 20], *p = s + strlen(name);

	memcpy(s, name, p - s);
	if (dist > 0)
		p = text_put_uint(p, dist);
	if (listed(&w->m->truncated, s, p - s) ||
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
static inline void
begin(struct writer *w, const struct field *f, int64_t dist)
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

static inline void
finish(struct writer *w)
{
	*w->p++ = '"';
	writer_settle(w);
}

static void
put_number(struct writer *w, const struct field *f, int64_t dist, int64_t v)
{
	if (v < 0)
		return;
	begin(w, f, dist);
	writer_number(w, v);
	finish(w);
}

static void
put_time(struct writer *w, const struct field *f, int64_t dist, int64_t us)
{
	char s[TEXT_TIME];
	size_t n;

	if (us == NUM_NONE || (n = text_put_time_of(&w->day, s, us,
	    f->type == FIELD_TIME ? 6 : 3)) == 0)
		return;
	begin(w, f, dist);
	memcpy(w->p, s, sizeof(s));
	w->p += n;
	finish(w);
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
	begin(w, f, 0);
	w->p += text_put_addr(w->p, a);
	finish(w);
}

static void
put_str(struct writer *w, const struct field *f, int64_t dist,
    const struct str *s, size_t size)
{
	w->cut = false;
	if (s->n == 0)
		return;
	begin(w, f, dist);
	writer_value(w, s, f->type == FIELD_TEXT ? EMIT_TEXT : EMIT_STR, size);
	if (w->cut)
		note_cut(w, f->name, dist);
	finish(w);
}

static void
put_field(struct writer *w, const struct field *f, const void *p, int64_t dist,
    size_t size)
{
	switch ((enum field_type)f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		put_str(w, f, dist, field_str(f, p), size);
		break;
	case FIELD_UINT:
		put_number(w, f, dist, field_number(f, p));
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

/* A row of struct generation. */
static void
put_generation(struct writer *w, const struct field *f, size_t i, int64_t dist)
{
	const struct generation *g = w->m->gen + i;
	size_t size = w->plan->rest;

	if (w->plan == &whole && !w->cut) {
		put_field(w, f, g, dist, size);
		return;
	}
	switch (f->offset) {
	case offsetof(struct generation, cmd):
		if (i > 0)
			size = w->plan->cmd[i];
		break;
	case offsetof(struct generation, exe):
		if (i > 0)
			size = w->plan->exe[i];
		break;
	case offsetof(struct generation, cmdlen):
		/* Comes after cmd. */
		if (w->cut && g->cmdlen == NUM_NONE) {
			put_number(w, f, dist, g->cmd.n);
			return;
		}
		break;
	case offsetof(struct generation, born):
		if (i > 0 && !w->plan->born)
			return;
		break;
	}
	put_field(w, f, g, dist, size);
}

static void
put_ancestor(struct writer *w, size_t i)
{
	int64_t dist = w->m->gen[i].dist;
	const struct field *f;

	if (dist <= 0)
		dist = i;
	set_tag(w, dist);
	for (f = w->generation; f->generation; f++)
		put_generation(w, f, i, dist);
	set_tag(w, 0);
}

static void
put_chain(struct writer *w, const struct field *f)
{
	const struct message *m = w->m;

	if (!w->plan->chain) {
		if (m->chain.n > 0 || m->ngen > 0)
			note_cut(w, f->name, 0);
	} else if (m->chain.n > 0)
		put_str(w, f, 0, &m->chain, w->plan->rest);
	else if (m->ngen > 0 && !listed(&m->truncated, f->name, f->len)) {
		begin(w, f, 0);
		sentence_chain(w);
		finish(w);
	}
}

/* What was cut before and what was cut now; not cut itself. */
static void
put_truncated(struct writer *w, const struct field *f)
{
	char both[2 * sizeof(w->names)];
	struct str s = w->m->truncated;
	size_t size = w->plan->rest;

	if (w->nnames > 0 && s.n < sizeof(w->names)) {
		if (s.n > 0) {
			memcpy(both, s.s, s.n);
			both[s.n++] = ',';
		}
		memcpy(both + s.n, w->names, w->nnames);
		s = (struct str){ both, s.n + w->nnames };
	}
	put_str(w, f, 0, &s, size < sizeof(w->names) ? sizeof(w->names) : size);
}

/* A row of struct message whose value is worked out here; false: none. */
static bool
put_derived(struct writer *w, const struct field *f)
{
	const struct message *m = w->m;
	int64_t out = w->plan->to - w->plan->from;
	size_t i;

	switch (f->offset) {
	case offsetof(struct message, seq):
		put_number(w, f, 0,
		    m->seq > 0 ? (m->seq - 1) % RFC5424_SEQ + 1 : m->seq);
		return true;
	case offsetof(struct message, cut):
		if (out > 0)
			put_number(w, f, 0, out + (m->cut > 0 ? m->cut : 0));
		return out > 0;
	case offsetof(struct message, chain):
		put_chain(w, f);
		for (i = 1; i < m->ngen && !w->full; i++)
			if (i < w->plan->from || i >= w->plan->to)
				put_ancestor(w, i);
		return true;
	case offsetof(struct message, truncated):
		put_truncated(w, f);
		return true;
	}
	return false;
}

static void
close_element(struct writer *w)
{
	if (w->open)
		*w->p++ = ']';
	w->open = false;
}

static void
put_elements(struct writer *w)
{
	const struct message *m = w->m;
	const struct field *f;
	char *begun = w->p;
	unsigned sd = SD_META;

	for (f = fields; f < fields + nfields && !w->full; f++) {
		if (!(f->msgids >> m->id & 1))
			continue;
		if (f->sd != sd)
			close_element(w);
		sd = f->sd;
		if (f->generation) {
			if (w->generation == NULL)
				w->generation = f;
			if (m->ngen > 0)
				put_generation(w, f, 0, 0);
		} else if (!put_derived(w, f))
			put_field(w, f, m, 0, w->plan->rest);
	}
	close_element(w);
	if (w->p == begun)
		*w->p++ = '-';
}

/* PRINTUSASCII, RFC 5424 6; what is not becomes '?'. */
static void
put_token(struct writer *w, const struct str *s, size_t most)
{
	size_t i, n = s->n < most ? s->n : most;

	if (n == 0)
		*w->p++ = '-';
	for (i = 0; i < n; i++)
		*w->p++ = s->s[i] > 0x20 && s->s[i] < 0x7f ? s->s[i] : '?';
	*w->p++ = ' ';
	if (w->base != NULL)
		writer_settle(w);
}

static void
put_header(struct writer *w)
{
	const struct message *m = w->m;
	size_t n;

	*w->p++ = '<';
	writer_number(w, m->facility << 3 | m->severity);
	writer_text(w, ">1 ");
	if ((n = text_put_time_of(&w->day, w->p, m->time, 6)) == 0)
		w->p[n++] = '-';
	w->p += n;
	*w->p++ = ' ';
	put_token(w, &m->hostname, RFC5424_HOSTNAME);
	put_token(w, &m->app, RFC5424_APPNAME);
	if (m->procid < 0)
		*w->p++ = '-';
	else
		writer_number(w, m->procid);
	*w->p++ = ' ';
	writer_text(w, msgid_names[m->id].name);
	*w->p++ = ' ';
	writer_settle(w);
}

void
writer_message(struct writer *w)
{
	put_header(w);
	put_elements(w);
	if (!w->full) {
		*w->p++ = ' ';
		sentence(w);
	}
	writer_settle(w);
}

size_t
rfc5424_write(const struct message *m, char out[RFC5424_MAX])
{
	struct writer w;
	struct plan plan;

	writer_init(&w, m, NULL, out);
	writer_message(&w);
	if (w.full) {
		writer_init(&w, m, NULL, out);
		budget_plan(&w, &plan);
		writer_init(&w, m, &plan, out);
		writer_message(&w);
	}
	return w.p - out;
}
