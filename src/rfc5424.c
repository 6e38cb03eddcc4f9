/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer: a walk over the field table; see rfc5424.h. */
#include "rfc5424.h"

#include <string.h>

#include "text.h"
#include "writer.h"

/* A row of struct generation. */
static void
put_generation(struct writer *w, const struct field *f, size_t i, int64_t dist)
{
	const struct generation *g = w->m->gen + i;
	size_t size = w->plan->rest;

	if (w->plan == &writer_whole && !w->cut) {
		writer_field(w, f, g, dist, size);
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
			writer_uint(w, f, dist, g->cmd.n);
			return;
		}
		break;
	case offsetof(struct generation, born):
		if (i > 0 && !w->plan->born)
			return;
		break;
	}
	writer_field(w, f, g, dist, size);
}

static void
put_ancestor(struct writer *w, size_t i)
{
	int64_t dist = w->m->gen[i].dist;
	const struct field *f;

	if (dist <= 0)
		dist = i;
	writer_tag(w, dist);
	for (f = w->generation; f->generation; f++)
		if (f->msgids >> w->m->id & 1)
			put_generation(w, f, i, dist);
	writer_tag(w, 0);
}

static void
put_chain(struct writer *w, const struct field *f)
{
	const struct message *m = w->m;

	if (!w->plan->chain) {
		if (m->chain.n > 0 || m->ngen > 0)
			writer_note(w, f->name, 0);
	} else if (m->chain.n > 0)
		writer_str(w, f, 0, &m->chain, w->plan->rest);
	else if (m->ngen > 0 &&
	    !writer_listed(&m->truncated, f->name, f->len)) {
		writer_begin(w, f, 0);
		sentence_chain(w);
		writer_finish(w);
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
	writer_str(w, f, 0, &s,
	    size < sizeof(w->names) ? sizeof(w->names) : size);
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
		writer_uint(w, f, 0,
		    m->seq > 0 ? (m->seq - 1) % RFC5424_SEQ + 1 : m->seq);
		return true;
	case offsetof(struct message, cut):
		if (out > 0)
			writer_uint(w, f, 0, out + (m->cut > 0 ? m->cut : 0));
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
			writer_field(w, f, m, 0, w->plan->rest);
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
