/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that matter for their number alone; see lookup_number.h. */
#include "lookup_number.h"

#include <stdlib.h>

#include "record.h"

/* What one thread has. */
struct noted {
	struct record *record;
	struct hosts hosts;
	bool nomem;
};

struct numbers {
	uint32_t own;
	bool closes;
	unsigned n;
	struct noted noted[];
};

struct numbers *
numbers_new(unsigned threads, uint32_t own, bool closes)
{
	struct numbers *ns = calloc(1, sizeof(*ns) +
	    threads * sizeof(ns->noted[0]));

	if (ns == NULL)
		return NULL;
	ns->own = own;
	ns->closes = closes;
	for (; ns->n < threads; ns->n++)
		if ((ns->noted[ns->n].record = record_new()) == NULL) {
			numbers_free(ns);
			return NULL;
		}
	return ns;
}

static bool
is_number(const struct numbers *ns, enum msgid id)
{
	return light_much(id) || id == NMSGIDS ||
	    (id == MSG_CLOSE && !ns->closes);
}

bool
numbers_take(struct numbers *ns, unsigned thread, const struct search_hit *hit)
{
	struct noted *noted = ns->noted + thread;
	struct light light;
	struct host *h;
	const char *msg;
	size_t n;

	if (hit->needle[hit->nneedles - 1] > ns->own)
		return true;
	if (record_find(noted->record, hit->line, hit->n, &msg, &n) !=
	    RECORD_MESSAGE || !light_read(&light, msg, n) ||
	    light.hostid.s == NULL || !is_number(ns, light.id))
		return true;
	if (hosts_line(&noted->hosts, &light, true, &h) < 0)
		noted->nomem = true;
	return false;
}

int
numbers_merge(struct numbers *ns, struct hosts *hs)
{
	unsigned i;

	for (i = 0; i < ns->n; i++)
		if (ns->noted[i].nomem ||
		    hosts_merge(hs, &ns->noted[i].hosts) < 0)
			return -1;
	return 0;
}

void
numbers_free(struct numbers *ns)
{
	unsigned i;

	if (ns == NULL)
		return;
	for (i = 0; i < ns->n; i++) {
		record_free(ns->noted[i].record);
		hosts_free(&ns->noted[i].hosts);
	}
	free(ns);
}
