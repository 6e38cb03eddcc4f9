/* SPDX-License-Identifier: BSD-2-Clause */
/* A message before anything is known; see message.h. */
#include "message.h"

#include <string.h>
#include <syslog.h>

/* Every number is named here: a zero would be taken for known.  A test holds
   this against the field table. */
static const struct generation no_generation = {
	.dist = NUM_NONE, .pid = NUM_NONE, .uid = NUM_NONE, .euid = NUM_NONE,
	.gid = NUM_NONE, .egid = NUM_NONE, .auid = NUM_NONE, .ses = NUM_NONE,
	.born = NUM_NONE, .cmdlen = NUM_NONE,
};

static void
forget_connection(struct message *m)
{
	m->spt = m->dpt = m->direction = m->waited = m->netns = NUM_NONE;
	m->userns = m->nsuid = NUM_NONE;
	m->random = m->snapshot = m->duration = m->in = m->out = NUM_NONE;
	m->tid = m->kernel = m->repair = m->proxy = m->subflow = m->quic =
	    NUM_NONE;
	m->answerscut = m->resolver = NUM_NONE;
	m->depth = m->cut = m->argvcut = m->mntns = m->linecut =
	    m->asked = NUM_NONE;
}

static void
forget_own(struct message *m)
{
	size_t i;

	m->tzknown = m->synced = m->syncaccuracy = NUM_NONE;
	m->nrules = m->abi = m->start = m->end = m->cnt = NUM_NONE;
	m->before = m->after = NUM_NONE;
	m->queued = m->rss = m->kmem = m->forwarding = NUM_NONE;
	for (i = 0; i < NCOUNTERS; i++)
		m->counter[i] = NUM_NONE;
	for (i = 0; i < NUCOUNTERS; i++)
		m->ucounter[i] = NUM_NONE;
}

void
message_init(struct message *m, enum msgid id)
{
	char *behind = (char *)m->gen + sizeof(m->gen);

	/* Generations are emptied when they are added. */
	memset(m, 0, offsetof(struct message, gen));
	memset(behind, 0, (char *)(m + 1) - behind);
	forget_connection(m);
	forget_own(m);
	m->time = m->procid = m->seq = m->uptime = NUM_NONE;
	m->id = id;
	m->facility = LOG_AUTHPRIV >> 3;
	m->severity = LOG_INFO;
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
	*g = no_generation;
	return g;
}
