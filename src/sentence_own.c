/* SPDX-License-Identifier: BSD-2-Clause */
/* What the collector says of itself, in a sentence. */
#include "sentence_impl.h"
#include "text.h"

struct count {
	const char *name;
	enum counter_class class;
	const int64_t *value;
};

/* The losses: "ring_full 3, sink_dropped 1"; returns their sum. */
static uint64_t
put_losses(struct writer *w, bool show)
{
	const struct message *m = w->m;
	const struct count counts[] = {
#define X(name, class, doc) \
		{ #name, COUNTER_##class, &m->counter[COUNTER_##name] },
		COUNTERS(X)
#undef X
#define X(name, class, doc) \
		{ #name, COUNTER_##class, &m->ucounter[UCOUNTER_##name] },
		UCOUNTERS(X)
#undef X
	};
	const struct count *c;
	uint64_t sum = 0;

	for (c = counts; c < counts + sizeof(counts) / sizeof(*c); c++) {
		if (c->class != COUNTER_L || *c->value <= 0)
			continue;
		if (show) {
			writer_text(w, sum > 0 ? ", " : " ");
			writer_text(w, c->name);
			*w->p++ = ' ';
			writer_number(w, *c->value);
			writer_settle(w);
		}
		sum += *c->value;
	}
	return sum;
}

static void
put_stats(struct writer *w)
{
	uint64_t lost = put_losses(w, false);

	if (w->m->cnt >= 0) {
		writer_number(w, w->m->cnt);
		writer_text(w, " connections logged, ");
	}
	if (lost == 0)
		writer_text(w, "nothing lost");
	else {
		writer_number(w, lost);
		writer_text(w, " lost");
	}
}

static void
put_clock(struct writer *w)
{
	const struct message *m = w->m;

	writer_text(w, "clock stepped");
	if (m->before == NUM_NONE || m->after == NUM_NONE)
		return;
	writer_text(w, " from ");
	w->p += text_put_time(w->p, m->before, 6);
	writer_text(w, " to ");
	w->p += text_put_time(w->p, m->after, 6);
}

static void
put_host(struct writer *w)
{
	const struct message *m = w->m;

	writer_text(w, "host");
	sentence_known(w, " ", &m->hostid);
	sentence_known(w, ", ", &m->fqdn);
	sentence_known(w, ", ", &m->os);
	sentence_known(w, ", kernel ", &m->kernelrelease);
	sentence_known(w, ", addresses ", &m->addresses);
}

void
sentence_own(struct writer *w)
{
	const struct message *m = w->m;

	switch (m->id) {
	case MSG_START:
		writer_text(w, "pidtreed started");
		sentence_known(w, ", version ", &m->version);
		sentence_known(w, ", messages to ", &m->target);
		sentence_known(w, ", refused probes: ", &m->refused);
		break;
	case MSG_STOP:
		writer_text(w, "pidtreed stopped");
		sentence_known(w, ": ", &m->cause);
		break;
	case MSG_RELOAD:
		writer_text(w, "configuration read again");
		sentence_known(w, ", filter ", &m->filterhash);
		break;
	case MSG_STATS:
		put_stats(w);
		break;
	case MSG_LOST:
		writer_text(w, "events lost:");
		if (put_losses(w, true) == 0)
			sentence_known(w, " ", &m->cause);
		break;
	case MSG_CLOCK:
		put_clock(w);
		break;
	case MSG_HOST:
		put_host(w);
		break;
	case MSG_TEST:
		writer_text(w, "a test of forwarding");
		sentence_known(w, ": ", &m->externalid);
		break;
	default:
		break;
	}
}
