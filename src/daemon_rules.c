/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rules mean for the collector; see daemon.h. */
#include "daemon.h"

#include <string.h>

#include "clock.h"
#include "conf.h"
#include "digests.h"
#include "leave.h"
#include "report.h"
#include "rules.h"

static struct str
text(const char *s)
{
	return (struct str){ s, strlen(s) };
}

bool
daemon_rules_leave_out(struct daemon *d, struct message *m)
{
	struct rules_verdict v;

	daemon_stamp(d, m);
	if (!rules_decide(d->rules, m, &v))
		return false;
	m->rule = text(v.rule->name);
	m->tags = v.tags;
	m->decision = text(rule_action_names[v.action]);
	m->severity = d->conf->tagged;
	switch (v.action) {
	case RULE_TAG:
		return false;
	case RULE_RAISE:
		m->severity = d->conf->raised;
		return false;
	case RULE_DIGEST:
		if (!digests_take(d->digests, m, clock_ms()))
			return false;
		d->digested++;
		return true;
	case RULE_DROP:
		d->dropped++;
		return true;
	}
	return false;
}

/* A digests_fn. */
static void
write_digest(void *arg, struct message *m)
{
	struct daemon *d = arg;

	m->severity = d->conf->tagged;
	daemon_write(d, m, 0);
}

void
daemon_rules_tick(struct daemon *d)
{
	digests_tell(d->digests, clock_ms(), false, write_digest, d);
}

void
daemon_rules_end(struct daemon *d)
{
	digests_tell(d->digests, clock_ms(), true, write_digest, d);
}

int
daemon_rules_set(struct daemon *d, struct rules *rules)
{
	int moved;

	leave_end(d->early);
	if ((moved = rules_move(rules, d->rules)) == 0) {
		rules_free(d->rules);
		d->rules = rules;
	}
	leave_begin(d->early);
	return moved;
}

void
daemon_rules_changed(struct daemon *d)
{
	leave_begin(d->early);
	report_state(d->report, MSG_RELOAD);
}
