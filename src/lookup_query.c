/* SPDX-License-Identifier: BSD-2-Clause */
/* One question to the logs; see lookup_query.h. */
#define _GNU_SOURCE	/* memmem */
#include "lookup_query.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lookup_group.h"
#include "lookup_name.h"
#include "prefix.h"

static const struct probe connections =
    { "connect", "CONNECT", "outbound connections" };
static const struct probe listening =
    { "listen,snapshot", "LISTEN", "listening ports" };
static const struct probe bound =
    { "bind4,bind6,snapshot", "LISTEN", "ports bound for UDP" };
static const struct probe datagrams = { "udp,udp4,udp6", "UDP", "datagrams" };
static const struct probe requests = { "dns", "DNS", "DNS requests" };
static const struct probe executions = { "exec", "EXEC", "executions" };
static const struct probe other =
    { "raw", "RAW", "protocols other than TCP" };

static bool
is_udp(const struct finding *f)
{
	return f->proto != NULL && strcmp(f->proto, "UDP") == 0;
}

static struct probe
probe_of(const struct finding *f)
{
	switch (f->kind) {
	case FINDING_DNS:
		return requests;
	case FINDING_PORT_PROBE:
		return is_udp(f) ? bound : listening;
	case FINDING_RUNTIME:
		return executions;
	case FINDING_NETWORK:
	case FINDING_SKIPPED:
		break;
	}
	if (f->direction == FINDING_IN)
		return is_udp(f) ? bound : listening;
	if (f->proto == NULL || strcmp(f->proto, "TCP") == 0)
		return connections;
	return is_udp(f) ? datagrams : other;
}

bool
query_init(struct query *q, const struct finding *f, int64_t slack)
{
	q->f = f;
	q->probe = probe_of(f);
	q->listening = f->kind == FINDING_PORT_PROBE ||
	    (f->kind == FINDING_NETWORK && f->direction == FINDING_IN);
	q->from = f->first == NUM_NONE ? NUM_NONE : f->first - slack;
	q->until = f->last == NUM_NONE ? NUM_NONE : f->last + slack;
	q->any_host = f->instance == NULL && f->naddresses == 0 &&
	    f->nnames == 0;
	q->asking = f->kind == FINDING_DNS;
	return f->domain == NULL || (q->name = name_clean(f->domain)) != NULL;
}

struct finding *
query_blank(void)
{
	struct finding *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->tuple = calloc(1, sizeof(*f->tuple))) == NULL) {
		free(f);
		return NULL;
	}
	f->ntuples = 1;
	f->tuple->rport = f->tuple->lport = NUM_NONE;
	f->first = f->last = f->count = NUM_NONE;
	f->severity = -1;
	f->kind = FINDING_NETWORK;
	f->direction = FINDING_OUT;
	return f;
}

void
query_blank_free(struct finding *f)
{
	if (f == NULL)
		return;
	free(f->tuple);
	free(f->name);
	free(f);
}

/* Is the host's id that of another instance? */
static bool
is_other_instance(const struct query *q, const struct host *h)
{
	return q->f->instance != NULL && strncmp(h->id, "i-", 2) == 0 &&
	    strcmp(h->id, q->f->instance) != 0;
}

static bool
has_address(const struct query *q, const struct host *h)
{
	size_t i;

	for (i = 0; i < q->f->naddresses; i++)
		if (host_has(h, &q->f->address[i]))
			return true;
	return false;
}

/* Without a HOST message: by what its own connections came from. */
static bool
has_source(const struct query *q, const struct host *h)
{
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		if (q->group[i].host == h && q->group[i].own_source)
			return true;
	return false;
}

static bool
has_name(const struct query *q, const struct host *h)
{
	size_t i;

	for (i = 0; i < q->f->nnames; i++)
		if (host_named(h, q->f->name[i]))
			return true;
	return false;
}

static bool
try_hosts(struct query *q, const struct hosts *hs, const char *how,
    bool (*fits)(const struct query *, const struct host *))
{
	size_t i;

	for (i = 0; i < hs->n; i++) {
		const struct host *h = hs->host[i];

		if (is_other_instance(q, h) || !fits(q, h))
			continue;
		/* Of several the one that was recorded last. */
		if (q->nsame++ == 0 || h->last > q->host->last)
			q->host = h;
	}
	q->how = q->host == NULL ? NULL : how;
	return q->host != NULL;
}

void
query_find_host(struct query *q, const struct hosts *hs)
{
	const char *id = q->f->instance;

	if (id != NULL)
		q->host = hosts_find(hs, (struct str){ id, strlen(id) });
	if (q->host != NULL) {
		q->how = "id";
		q->nsame = 1;
	} else if (!try_hosts(q, hs, "address", has_address) &&
	    !try_hosts(q, hs, "connections", has_source))
		try_hosts(q, hs, "name", has_name);
}

static bool
same_addr(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
known(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_UNSPECIFIED(a);
}

bool
query_is_host(const struct query *q, const struct in6_addr *addr)
{
	size_t i;

	for (i = 0; i < q->f->naddresses; i++)
		if (same_addr(&q->f->address[i], addr))
			return true;
	return false;
}

bool
query_about(const struct query *q, const struct in6_addr *addr)
{
	struct in6_addr dst = prefix_judged(addr);
	size_t i;

	for (i = 0; i < q->f->ntuples; i++)
		if (known(&q->f->tuple[i].remote) &&
		    (same_addr(&q->f->tuple[i].remote, &dst) ||
		    same_addr(&q->f->tuple[i].remote, addr)))
			return true;
	return false;
}

static bool
other_proto(const struct query *q, const struct message *m)
{
	return q->f->proto != NULL && m->proto.s != NULL &&
	    (strlen(q->f->proto) != m->proto.n ||
	    strncasecmp(q->f->proto, m->proto.s, m->proto.n) != 0);
}

/* Ports that are not known match any, but are no proof; those of another
   protocol are others. */
static enum match
match_tuple(const struct query *q, const struct finding_tuple *t,
    const struct message *m)
{
	struct in6_addr dst = prefix_judged(&m->dst);

	if (!known(&t->remote) || (!same_addr(&t->remote, &dst) &&
	    !same_addr(&t->remote, &m->dst)))
		return MATCH_NONE;
	if (q->own != NULL && (other_proto(q, m) ||
	    (t->rport != NUM_NONE && t->rport != m->dpt) ||
	    (t->lport != NUM_NONE && t->lport != m->spt) ||
	    (known(&t->local) && !same_addr(&t->local, &m->src))))
		return MATCH_NONE;
	if (t->rport == NUM_NONE || t->rport != m->dpt || other_proto(q, m))
		return MATCH_ADDRESS;
	return t->lport != NUM_NONE && t->lport == m->spt ? MATCH_EXACT :
	    MATCH_PORT;
}

static bool
is_text(struct str s, const char *want)
{
	return s.s != NULL && s.n == strlen(want) &&
	    memcmp(s.s, want, s.n) == 0;
}

static bool
mentions(struct str s, const char *what)
{
	return s.s != NULL && memmem(s.s, s.n, what, strlen(what)) != NULL;
}

/* A domain in a command line; the file of a finding's process. */
static bool
match_name(const struct query *q, const struct message *m)
{
	const char *exe = q->f->nprocesses > 0 &&
	    q->f->kind == FINDING_RUNTIME ? q->f->process[0].exe : NULL;
	size_t i;

	for (i = 0; i < m->ngen; i++)
		if ((q->f->domain != NULL &&
		    mentions(m->gen[i].cmd, q->f->domain)) ||
		    (exe != NULL && is_text(m->gen[i].exe, exe)))
			return true;
	return false;
}

/* What options ask beyond a finding. */
static bool
fits_options(const struct query *q, const struct message *m)
{
	bool user = q->user == NULL, exe = q->exe == NULL;
	size_t i;

	if (q->own != NULL && !q->asking && q->f->domain != NULL &&
	    !name_is(q, m->dhost) && !match_name(q, m))
		return false;

	for (i = 0; i < m->ngen; i++) {
		user |= q->user != NULL && is_text(m->gen[i].user, q->user);
		exe |= q->exe != NULL && is_text(m->gen[i].exe, q->exe);
	}
	return user && exe && (q->where == NULL || expr_match(q->where, m));
}

/* Options without an address: what they do ask is all there is to fit. */
static enum match
match_options(const struct query *q, const struct message *m)
{
	const struct finding_tuple *t = q->f->tuple;

	if (known(&t->remote) || other_proto(q, m) ||
	    (t->rport != NUM_NONE && t->rport != m->dpt) ||
	    (t->lport != NUM_NONE && t->lport != m->spt) ||
	    (known(&t->local) && !same_addr(&t->local, &m->src)))
		return MATCH_NONE;
	return MATCH_NAME;
}

/* The name that was asked for is better than one that is in an argument. */
static enum match
match_asking(const struct query *q, const struct message *m)
{
	return name_is(q, m->dhost) ? MATCH_DHOST :
	    match_name(q, m) ? MATCH_NAME : MATCH_NONE;
}

enum match
query_match(const struct query *q, const struct message *m)
{
	enum match best = MATCH_NONE, one;
	size_t i;

	if (q->until != NUM_NONE && m->time > q->until)
		return MATCH_NONE;
	for (i = 0; i < q->f->ntuples; i++) {
		one = match_tuple(q, q->f->tuple + i, m);
		if (one > best)
			best = one;
	}
	if (q->asking)
		best = match_asking(q, m);
	else if (best == MATCH_NONE && q->own != NULL)
		best = match_options(q, m);
	else if (best == MATCH_NONE && match_name(q, m))
		best = MATCH_NAME;
	if (best == MATCH_NONE || !fits_options(q, m))
		return MATCH_NONE;
	if (q->from != NUM_NONE && m->time < q->from)
		return best == MATCH_EXACT ? MATCH_BEFORE : MATCH_NONE;
	return best;
}

enum match
query_asks(const struct query *q, const struct message *m)
{
	enum match match = name_match(q, m);

	return match == MATCH_NONE || !fits_options(q, m) ? MATCH_NONE : match;
}

enum match
query_listens(const struct query *q, const struct message *m)
{
	const struct finding_tuple *t;
	enum match best = MATCH_NONE;

	if (other_proto(q, m) || (q->until != NUM_NONE && m->time > q->until))
		return MATCH_NONE;
	for (t = q->f->tuple; t < q->f->tuple + q->f->ntuples; t++) {
		if (t->lport == NUM_NONE || t->lport != m->spt)
			continue;
		if (!known(&m->src) || !known(&t->local))
			best = best > MATCH_PORT ? best : MATCH_PORT;
		else if (same_addr(&t->local, &m->src))
			best = MATCH_EXACT;
	}
	return best != MATCH_NONE && q->from != NUM_NONE && m->time < q->from ?
	    MATCH_BEFORE : best;
}

/* From the finding's remote side to its local port; what the finding does not
   have may be anything. */
static enum match
match_accepted(const struct finding_tuple *t, const struct message *m)
{
	if (!known(&t->remote) || !same_addr(&t->remote, &m->src) ||
	    (known(&t->local) && !same_addr(&t->local, &m->dst)))
		return MATCH_NONE;
	if (t->lport == NUM_NONE)
		return MATCH_ADDRESS;
	if (t->lport != m->dpt)
		return MATCH_NONE;
	return t->rport == m->spt ? MATCH_EXACT : MATCH_PORT;
}

enum match
query_accepts(const struct query *q, const struct message *m)
{
	enum match best = MATCH_NONE, one;
	size_t i;

	if (other_proto(q, m) || (q->from != NUM_NONE && m->time < q->from) ||
	    (q->until != NUM_NONE && m->time > q->until))
		return MATCH_NONE;
	for (i = 0; i < q->f->ntuples; i++) {
		one = match_accepted(q->f->tuple + i, m);
		if (one > best)
			best = one;
	}
	return best;
}

void
query_free(struct query *q)
{
	size_t i;

	for (i = 0; i < q->ngroups; i++)
		group_free(q->group + i);
	free(q->group);
	free(q->name);
	seen_free(&q->dest);
	once_free(&q->counted);
	cover_free(&q->cover);
}
