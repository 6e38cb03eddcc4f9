/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which rules that drop the kernel can decide so that nothing changes: those
 * that no rule before them, were it asked, could be true with.
 */
#include <stdlib.h>
#include <string.h>

#include "expr_terms.h"
#include "rules_impl.h"

#define BEFORE	1024		/* terms of rules before */

/* While a set is made. */
struct leaving {
	struct rules_leave *to;
	struct expr_aim certain, possible;
	struct leave_term *before;	/* what rules for user space may be
					   true of */
	size_t nbefore;
	bool all;		/* that is everything, or too much */
};

static bool
meets_before(const struct leaving *l, const struct leave_term *t)
{
	for (size_t i = 0; i < l->nbefore; i++)
		if (expr_terms_meet(l->before + i, t))
			return true;
	return false;
}

/* True: all that the rule is true of is decided by this. */
static bool
take_rule(struct leaving *l, struct rule *r)
{
	struct leave_term v[LEAVE_TERMS];
	struct leave_set *set = &l->to->set;
	bool whole;
	size_t n = expr_terms(r->expr, &l->certain, v, &whole);

	for (size_t i = 0; i < n; i++) {
		if (set->n == LEAVE_TERMS || meets_before(l, v + i)) {
			whole = false;
			continue;
		}
		v[i].hits = 0;
		l->to->rule[set->n] = r;
		set->term[set->n++] = v[i];
	}
	return whole;
}

static void
pass_rule(struct leaving *l, const struct rule *r)
{
	static const struct leave_term any = { .uid_to = UINT32_MAX,
	    .port_to = UINT16_MAX };
	struct leave_term v[LEAVE_TERMS];
	bool exact;
	size_t n = expr_terms(r->expr, &l->possible, v, &exact);

	for (size_t i = 0; i < n; i++)
		l->all |= memcmp(v + i, &any, sizeof(any)) == 0;
	l->all |= l->nbefore + n > BEFORE;
	if (l->all)
		return;
	memcpy(l->before + l->nbefore, v, n * sizeof(*v));
	l->nbefore += n;
}

void
rules_leave(struct rules *r, uint64_t (*cgroup)(void *, struct str),
    void *arg, struct rules_leave *to)
{
	struct leaving l = { .to = to, .certain = { true, cgroup, arg },
	    .possible = { false, NULL, NULL },
	    .before = calloc(BEFORE, sizeof(*l.before)) };

	memset(to, 0, sizeof(*to));
	l.all = l.before == NULL;
	for (size_t i = 0; i < r->n && !l.all; i++) {
		struct rule *rule = r->v[i];

		if (!(rule->msgids & 1 << MSG_CONNECT))
			continue;
		if (rule->action != RULE_DROP || rule->hosts_files ||
		    !take_rule(&l, rule))
			pass_rule(&l, rule);
	}
	free(l.before);
}

uint64_t
rules_leave_count(struct rules_leave *l, const struct leave_set *now)
{
	uint64_t sum = 0, n;

	for (size_t i = 0; i < l->set.n; i++) {
		n = now->term[i].hits - l->set.term[i].hits;
		l->set.term[i].hits += n;
		l->rule[i]->hits += n;
		l->rule[i]->decided += n;
		sum += n;
	}
	return sum;
}
