/* SPDX-License-Identifier: BSD-2-Clause */
/* Is a line an event that something is to be done about? */
#include <sys/types.h>

#include <sha2.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"
#include "fields.h"

static bool
is_event(const struct message *m)
{
	return (FIELD_EVENTS >> m->id & 1) != 0;
}

static bool
is_raised(const struct message *m)
{
	return m->decision.n == 5 && memcmp(m->decision.s, "raise", 5) == 0;
}

/* Also what is of a time to come: one of the clocks is wrong. */
static bool
is_old(struct act *a, const struct message *m)
{
	int64_t age, most = a->options.max_age_s * INT64_C(1000000);

	if (most == 0)
		return false;
	age = m->time == NUM_NONE ? INT64_MAX : act_now_us() - m->time;
	if (age <= most && age >= -most)
		return false;
	act_tell(a, "%s, not acted on (%.*s)", age < 0 ?
	    "of a time to come" : "too old", (int)(m->text.n < 1000 ?
	    m->text.n : 1000), m->text.s == NULL ? "" : m->text.s);
	return true;
}

/* An action that connects would be an event that asks for an action ...
   Those of other programs of rsyslogd count, too. */
static bool
is_own(const struct act *a, const struct message *m)
{
	size_t i;

	if (m->boot.s == NULL || a->boot[0] == '\0' || m->boot.n > 16 ||
	    memcmp(m->boot.s, a->boot, m->boot.n) != 0 || m->time < a->began)
		return false;
	for (i = 0; i < m->ngen; i++)
		if (m->gen[i].pid == getpid() || (a->rsyslogd > 0 &&
		    m->gen[i].pid == a->rsyslogd))
			return true;
	return false;
}

/* Each connection once, however many messages there are of it, and however
   often rsyslogd sends them. */
static bool
seen(struct act_seen *s, const struct message *m)
{
	const struct str *id = m->cid.s != NULL ? &m->cid : &m->externalid;
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;
	size_t i;

	if (id->s == NULL)
		return false;
	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)id->s, id->n);
	SHA256Update(&ctx, (const uint8_t *)"", 1);
	if (m->hostid.s != NULL)
		SHA256Update(&ctx, (const uint8_t *)m->hostid.s, m->hostid.n);
	SHA256Final(digest, &ctx);
	for (i = 0; i < s->n; i++)
		if (memcmp(s->id[i], digest, sizeof(digest)) == 0)
			return true;
	memcpy(s->id[s->next], digest, sizeof(digest));
	s->next = (s->next + 1) % ACT_RECENT;
	if (s->n < ACT_RECENT)
		s->n++;
	return false;
}

const struct message *
act_event(struct act *a, const char *line, size_t n)
{
	const struct act_options *o = &a->options;
	const struct reader_stats *s = reader_stats(a->reader);
	uint64_t malformed = s->malformed;
	const struct message *m;
	enum act_count why;

	if (reader_line(a->reader, line, n, &m) != 1)
		why = s->malformed > malformed ? ACT_malformed : ACT_foreign;
	else if (!is_event(m) || (!o->all && !is_raised(m)))
		why = ACT_not_raised;
	else if (o->where != NULL && !expr_match(o->where, m))
		why = ACT_not_wanted;
	else if (is_own(a, m))
		why = ACT_own;
	else if (is_old(a, m))
		why = ACT_old;
	else if (seen(&a->seen, m))
		why = ACT_again;
	else {
		a->count[ACT_acted]++;
		return m;
	}
	a->count[why]++;
	return NULL;
}
