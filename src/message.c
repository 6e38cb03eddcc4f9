/* SPDX-License-Identifier: BSD-2-Clause */
/* A message before anything is known; see message.h. */
#include "message.h"

#include <string.h>
#include <syslog.h>

#include "fields.h"

/* All of the rows of one scope, in the struct at p, that was zeroed. */
static void
forget(void *p, bool generation)
{
	const struct field *f;

	for (f = fields; f < fields + nfields; f++)
		if (f->generation == generation && field_is_number(f))
			*field_number_at(f, p) = NUM_NONE;
}

void
message_init(struct message *m, enum msgid id)
{
	/* Generations are emptied when they are added. */
	memset(m, 0, offsetof(struct message, gen));
	memset((char *)m + offsetof(struct message, gen) + sizeof(m->gen), 0,
	    sizeof(*m) - offsetof(struct message, gen) - sizeof(m->gen));
	forget(m, false);
	m->id = id;
	m->facility = LOG_AUTHPRIV >> 3;
	m->severity = LOG_INFO;
	m->time = NUM_NONE;
	m->procid = NUM_NONE;
}

struct generation *
message_add_generation(struct message *m)
{
	struct generation *g;

	if (m->ngen == GENERATIONS) {
		g = m->gen + GENERATIONS_NEAR;
		memmove(g, g + 1, (GENERATIONS - GENERATIONS_NEAR - 1) *
		    sizeof(*g));
		m->ngen--;
		m->cut = m->cut == NUM_NONE ? 1 : m->cut + 1;
	}
	g = m->gen + m->ngen++;
	memset(g, 0, sizeof(*g));
	forget(g, true);
	g->dist = NUM_NONE;
	return g;
}
