/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidtree lookup: from a finding to the processes behind it, whether they
 * were seen before, and whether a "nothing" can be believed.
 */
#include "lookup.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "lookup_impl.h"

const char *const match_names[NMATCHES] = {
	[MATCH_NONE] = "none",
	[MATCH_BEFORE] = "open-before",
	[MATCH_NAME] = "name",
	[MATCH_DHOST] = "dhost",
	[MATCH_ADDRESS] = "address",
	[MATCH_PORT] = "port",
	[MATCH_EXACT] = "exact",
};

/* Of what was counted, what may be meant. */
static int
counted(const struct query *q)
{
	const char *proto = q->f->proto;

	if (q->listening)
		return COUNTED_LISTEN;
	if (q->f->kind == FINDING_DNS)
		return COUNTED_DNS;
	if (proto == NULL)
		return COUNTED_OUT;
	if (strcmp(proto, "TCP") == 0)
		return COUNTED_TCP;
	return strcmp(proto, "UDP") == 0 ? COUNTED_UDP : 0;
}

/* Every host that the question is about. */
static void
judge(struct lookup *l, struct query *q)
{
	const struct finding *f = q->f;
	const struct finding_tuple *t = f->ntuples > 0 ? f->tuple : NULL;
	struct wanted w = { q->from, q->until, l->now, q->probe.name,
	    q->probe.msgid, q->probe.of, NULL, NUM_NONE, q->listening,
	    counted(q) };
	struct in6_addr every = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
	struct cover one;
	size_t i;

	if (q->listening) {
		w.addr = t != NULL && !IN6_IS_ADDR_UNSPECIFIED(&t->local) ?
		    &t->local : &every;
		w.port = t != NULL ? t->lport : NUM_NONE;
	} else if (t != NULL && !IN6_IS_ADDR_UNSPECIFIED(&t->remote)) {
		w.addr = &t->remote;
		w.port = t->rport;
	}
	if (!q->any_host || l->hosts.n == 0) {
		cover_judge(&q->cover, &l->hosts, q->host, &w);
		if (q->any_host && q->cover.nwhy > 0)
			cover_set(&q->cover,
			    "no message of pidtreed is in these logs");
	} else
		cover_judge(&q->cover, &l->hosts, l->hosts.host[0], &w);
	/* Of several, the first that proves nothing. */
	for (i = 1; q->any_host && i < l->hosts.n && q->cover.proven; i++) {
		cover_judge(&one, &l->hosts, l->hosts.host[i], &w);
		one.messages += q->cover.messages;
		cover_free(&q->cover);
		q->cover = one;
	}
	if (q->where != NULL && w.addr == NULL && (expr_asks(q->where, "dst") ||
	    expr_asks(q->where, "dpt") || expr_asks(q->where, "nat64")))
		cover_add(&q->cover, "whether the filter logs what the "
		    "expression says of the destination can be told of "
		    "--dst alone");
	if (l->interrupted)
		cover_add(&q->cover, "the search was interrupted");
	if (q->unsearched)
		cover_add(&q->cover, "only the names of the first %d findings "
		    "were looked for in command lines", DOMAINS_MOST);
	if (f->cut)
		cover_add(&q->cover, "the finding has more addresses than are "
		    "looked at");
}

static void
answer(struct lookup *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->query[i].f->kind != FINDING_SKIPPED)
			judge(l, l->query + i);
		if (l->common.json)
			lookup_json(l, l->query + i);
		else
			lookup_text(l, l->query + i);
	}
}

static int
status(struct lookup *l)
{
	bool found = false, unproven = false;
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct query *q = l->query + i;

		if (q->f->kind == FINDING_SKIPPED || (q->ngroups == 0 &&
		    !q->cover.proven))
			unproven = true;
		found |= q->ngroups > 0;
	}
	if (l->trouble)
		return EXIT_TROUBLE;
	if (l->siem != SIEM_NONE || found)
		return EXIT_FOUND;
	return unproven ? EXIT_UNPROVEN : EXIT_NONE;
}

static void
interrupts(void)
{
	struct sigaction sa = { .sa_handler = search_interrupt };

	sigaction(SIGINT, &sa, NULL);
}

static int
run(struct lookup *l)
{
	size_t i;

	term_init(&l->term, stdout, l->common.colour, l->common.json ||
	    l->siem != SIEM_NONE ? 0 : l->width);
	if (l->siem != SIEM_NONE) {
		for (i = 0; i < l->n; i++)
			lookup_siem(l, l->query + i);
	} else {
		interrupts();
		if (lookup_run(l) < 0) {
			log_error("%s", strerror(errno));
			return EXIT_TROUBLE;
		}
		answer(l);
	}
	if (term_flush(&l->term) < 0) {
		log_error("standard output: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	return status(l);
}

int
lookup_main(int argc, char *argv[])
{
	struct lookup l = { .siem = SIEM_NONE };
	int rc = EXIT_TROUBLE;
	size_t i;

	if (lookup_options(&l, argc, argv))
		rc = run(&l);
	for (i = 0; i < l.n; i++)
		query_free(l.query + i);
	free(l.query);
	query_blank_free(l.asked);
	expr_free(l.where);
	items_clear(&l.forwarders);
	hosts_free(&l.hosts);
	findings_free(l.findings);
	search_free(l.search);
	option_free(&l.common);
	return rc;
}
