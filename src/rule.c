/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of exclude or include; see rule.h. */
#include "rule.h"

#include <string.h>

#include "ports.h"

#define BLANK	" \t"

int
rule_parse(struct rule *r, const char *s, bool include, struct buf *why)
{
	bool except;
	size_t n;

	*r = (struct rule){ .log = include, .all = true };
	s += strspn(s, BLANK);
	n = strcspn(s, BLANK);
	if (prefix_parse(&r->prefix, s, n, why) == -1)
		return -1;
	s += n;
	s += strspn(s, BLANK);
	if (*s == '\0')
		return 0;
	n = strcspn(s, BLANK);
	except = n == strlen("except") && memcmp(s, "except", n) == 0;
	if (!except && (n != strlen("only") || memcmp(s, "only", n) != 0)) {
		buf_addf(why, "\"%.*s\" after the prefix, expected \"except\" "
		    "or \"only\" and ports", n > 64 ? 64 : (int)n, s);
		return -1;
	}
	/* exclude P except S and include P only S: logged in S, else not. */
	r->log = include != except;
	if (ports_parse(&r->ports, s + n, why) == -1)
		return -1;
	r->all = ports_all(&r->ports);
	return 0;
}

void
rule_fold(struct rule *r, const struct portset *admitted)
{
	struct portset logged = *admitted;

	if (r->all && !r->log)
		return;
	if (!r->all && r->log)
		ports_meet(&logged, &r->ports);
	else if (!r->all)
		ports_without(&logged, &r->ports);
	r->log = !ports_empty(&logged);
	r->all = !r->log || ports_all(&logged);
	r->ports = logged;
}

void
rule_admit(struct rule *r, uint16_t port)
{
	struct portset one = { 0 };

	ports_add(&one, port, port);
	if (r->log && !r->all) {
		ports_add(&r->ports, port, port);
		r->all = ports_all(&r->ports);
	} else if (!r->log && r->all) {
		r->log = true;
		r->all = false;
		r->ports = one;
	} else if (!r->log) {
		ports_without(&r->ports, &one);
		r->log = r->all = ports_empty(&r->ports);
	}
}
