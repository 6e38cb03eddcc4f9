/* SPDX-License-Identifier: BSD-2-Clause */
/* For people: the chain of names, and the sentence at the end of a line. */
#include <ctype.h>
#include <string.h>

#include "text.h"
#include "writer.h"

#define NEAREST		8	/* processes of a chain that are shown */
#define OUTERMOST	2
#define NAME_MOST	256	/* bytes of a name as written, so that a chain
				   is a value that fits; a comm has 60 */

static void
put_value(struct writer *w, const struct str *s, enum emit how, size_t most)
{
	writer_settle(w);
	if (s->n == 0)
		*w->p++ = '?';
	else
		writer_value(w, s, how, w->plan->rest < most ?
		    w->plan->rest : most);
	writer_settle(w);
}

static void
put_pid(struct writer *w, const struct generation *g)
{
	if (g->pid < 0)
		return;
	*w->p++ = '(';
	writer_number(w, g->pid);
	*w->p++ = ')';
}

/* Names from the caller outwards; "(+N)" stands for those not shown. */
static void
put_chain(struct writer *w, enum emit how, bool pids)
{
	const struct message *m = w->m;
	int64_t dist, last = 0;
	size_t i;

	for (i = 0; i < m->ngen; i++) {
		if (i == NEAREST && m->ngen > NEAREST + OUTERMOST)
			i = m->ngen - OUTERMOST;
		dist = m->gen[i].dist > 0 ? m->gen[i].dist : (int64_t)i;
		if (i > 0)
			*w->p++ = '<';
		if (dist > last + 1) {
			writer_text(w, "(+");
			writer_number(w, dist - last - 1);
			writer_text(w, ")<");
		}
		last = dist;
		put_value(w, &m->gen[i].comm, how, NAME_MOST);
		if (pids)
			put_pid(w, m->gen + i);
	}
}

void
sentence_chain(struct writer *w)
{
	put_chain(w, EMIT_COMM, true);
}

/* unknown: what stands for an address that is not there. */
static void
put_end(struct writer *w, const struct in6_addr *addr, int64_t port,
    char unknown)
{
	const struct message *m = w->m;
	bool v6 = !IN6_IS_ADDR_V4MAPPED(addr);
	size_t i;

	if (!writer_addr_known(m, addr))
		*w->p++ = unknown;
	else {
		if (v6)
			*w->p++ = '[';
		w->p += text_put_addr(w->p, addr);
		if (v6)
			*w->p++ = ']';
	}
	if (port >= 0) {
		*w->p++ = ':';
		writer_number(w, port);
	}
	if (m->proto.n == 0 || m->proto.n > 8)
		return;
	*w->p++ = '/';
	for (i = 0; i < m->proto.n; i++)
		*w->p++ = isalnum((unsigned char)m->proto.s[i]) ?
		    tolower((unsigned char)m->proto.s[i]) : '?';
}

/* In front of what is known, nothing of what is not. */
static void
put_known(struct writer *w, const char *before, const struct str *s)
{
	if (s->n == 0)
		return;
	writer_text(w, before);
	put_value(w, s, EMIT_MSG, RFC5424_VALUE);
}

static void
put_caller(struct writer *w)
{
	static const struct generation none = { .pid = NUM_NONE };
	const struct generation *g = w->m->ngen > 0 ? w->m->gen : &none;

	put_value(w, &g->comm, EMIT_MSG_COMM, NAME_MOST);
	put_pid(w, g);
}

static void
put_line(struct writer *w)
{
	if (w->m->ngen > 1 && w->plan->chain) {
		writer_text(w, "; ");
		put_chain(w, EMIT_MSG_COMM, false);
	}
}

static void
put_times(struct writer *w)
{
	if ((w->m->id != MSG_DIGEST && w->m->id != MSG_CAPABLE) ||
	    w->m->cnt < 0)
		return;
	writer_text(w, ", ");
	writer_number(w, w->m->cnt);
	writer_text(w, " times");
}

/* web-7 alice: curl(4242) -> 203.0.113.4:443/tcp established; curl<bash */
static void
put_connection(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, " -> ");
	put_end(w, &m->dst, m->dpt, '?');
	if (m->outcome.n > 0) {
		*w->p++ = ' ';
		put_value(w, &m->outcome, EMIT_MSG, RFC5424_VALUE);
	}
	if (m->snapshot == 1)
		writer_text(w, " before");
	put_times(w);
	if (m->id == MSG_DIGEST)
		put_known(w, " to ", &m->net);
	put_line(w);
}

/* web-7 root: nginx(812) listens on 203.0.113.4:443/tcp; nginx<systemd */
static void
put_listen(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, " listens on ");
	put_end(w, &m->src, m->spt, '*');
	if (m->snapshot == 1)
		writer_text(w, ", as before");
	put_times(w);
	put_line(w);
}

/* web-7 root: sshd(812) accepts 10.0.3.4:22/tcp from 203.0.113.9:40022 */
static void
put_accept(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, " accepts ");
	put_end(w, &m->dst, m->dpt, '?');
	writer_text(w, " from ");
	put_end(w, &m->src, m->spt, '?');
	put_times(w);
	put_line(w);
}

/* web-7 alice: curl(4242) asks 192.0.2.53:53/udp for example.net A: NOERROR
   203.0.113.4; curl<bash */
static void
put_dns(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, " asks ");
	put_end(w, &m->dst, m->dpt, '?');
	put_known(w, " for ", &m->query);
	put_known(w, " ", &m->qtype);
	if (m->id == MSG_DIGEST && m->cnt >= 0) {
		writer_text(w, ", ");
		writer_number(w, m->cnt);
		writer_text(w, m->query.n > 0 ? " times" :
		    " times for many names");
	} else if (m->rcode.n > 0) {
		put_known(w, ": ", &m->rcode);
		put_known(w, " ", &m->answers);
	} else
		put_known(w, ": ", &m->outcome);
	put_line(w);
}

/* What a DIGEST stands for. */
static bool
is(const struct str *s, const char *word)
{
	return s->n == strlen(word) && memcmp(s->s, word, s->n) == 0;
}

static bool
has_act(const struct message *m, const char *act)
{
	return is(&m->act, act);
}

/* web-7 root: bash(812) executed /usr/bin/id; bash<sshd<systemd */
static void
put_exec(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	if (m->reason.n > 0) {
		writer_text(w, " failed to execute");
		put_known(w, " ", &m->filepath);
		put_known(w, ": ", &m->reason);
	} else if (m->ngen > 0) {
		put_known(w, " executed ", &m->gen[0].exe);
		put_known(w, " for ", &m->gen[0].script);
	}
	put_times(w);
	put_line(w);
}

/* web-7 alice: bash(4200) on pts0 is told: ls -l; bash<sshd<systemd */
static void
put_typed(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	put_known(w, " on ", &m->tty);
	if (m->line.n > 0) {
		writer_text(w, " is told: ");
		put_value(w, &m->line, EMIT_MSG, NAME_MOST);
	}
	put_line(w);
}

/* web-7 alice: cat(4242) failed to open /etc/shadow: EACCES; cat<bash<sshd */
static void
put_open(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, m->reason.n > 0 ? " failed to open" : " opened");
	put_known(w, " ", &m->filepath);
	put_known(w, " for ", &m->access);
	put_known(w, ": ", &m->reason);
	put_times(w);
	put_line(w);
}

/* web-7 root: sh(4242) left its container and opened /etc/shadow of the host
   for read; sh<runc<systemd */
static void
put_escape(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, " left its container and");
	if (m->entered.s != NULL) {
		writer_text(w, " entered the host's");
		put_known(w, " ", &m->entered);
	} else {
		writer_text(w, is(&m->way, "exec") ? " executed" : " opened");
		put_known(w, " ", &m->filepath);
		writer_text(w, is(&m->place, "host") ? " of the host" :
		    is(&m->place, "other") ? " of another" :
		    " of a mount that was taken off");
		put_known(w, " for ", &m->access);
	}
	put_times(w);
	put_line(w);
}

/* web-7 alice: ping(4200) was denied CAP_NET_RAW, 3 times; ping<bash<systemd */
static void
put_capable(struct writer *w)
{
	const struct message *m = w->m;

	put_caller(w);
	writer_text(w, " was");
	put_known(w, " ", &m->outcome);
	put_known(w, " ", &m->capability);
	put_times(w);
	put_line(w);
}

/* web-7: closed by remote after 1200 ms; the message is to be short */
static void
put_close(struct writer *w)
{
	const struct message *m = w->m;

	put_known(w, "", &m->outcome);
	put_known(w, " by ", &m->closedby);
	if (m->duration >= 0) {
		writer_text(w, " after ");
		writer_number(w, m->duration);
		writer_text(w, " ms");
	}
}

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
	put_known(w, " ", &m->hostid);
	put_known(w, ", ", &m->fqdn);
	put_known(w, ", ", &m->os);
	put_known(w, ", kernel ", &m->kernelrelease);
	put_known(w, ", addresses ", &m->addresses);
}

static void
put_what(struct writer *w)
{
	const struct message *m = w->m;

	switch (m->id) {
	case MSG_DIGEST:
		if (has_act(m, "ask"))
			put_dns(w);
		else if (has_act(m, "listen"))
			put_listen(w);
		else if (has_act(m, "accept"))
			put_accept(w);
		else if (has_act(m, "exec"))
			put_exec(w);
		else if (has_act(m, "open"))
			put_open(w);
		else if (has_act(m, "escape"))
			put_escape(w);
		else
			put_connection(w);
		break;
	case MSG_CONNECT:
	case MSG_OUTCOME:
	case MSG_UDP:
		put_connection(w);
		break;
	case MSG_CLOSE:
		put_close(w);
		break;
	case MSG_DNS:
		put_dns(w);
		break;
	case MSG_LISTEN:
		put_listen(w);
		break;
	case MSG_ACCEPT:
		put_accept(w);
		break;
	case MSG_EXEC:
		put_exec(w);
		break;
	case MSG_READLINE:
		put_typed(w);
		break;
	case MSG_CAPABLE:
		put_capable(w);
		break;
	case MSG_OPEN:
		put_open(w);
		break;
	case MSG_ESCAPE:
		put_escape(w);
		break;
	case MSG_START:
		writer_text(w, "pidtreed started");
		put_known(w, ", version ", &m->version);
		put_known(w, ", messages to ", &m->target);
		put_known(w, ", refused probes: ", &m->refused);
		break;
	case MSG_STOP:
		writer_text(w, "pidtreed stopped");
		put_known(w, ": ", &m->cause);
		break;
	case MSG_RELOAD:
		writer_text(w, "configuration read again");
		put_known(w, ", filter ", &m->filterhash);
		break;
	case MSG_STATS:
		put_stats(w);
		break;
	case MSG_LOST:
		writer_text(w, "events lost:");
		if (put_losses(w, true) == 0)
			put_known(w, " ", &m->cause);
		break;
	case MSG_CLOCK:
		put_clock(w);
		break;
	case MSG_HOST:
		put_host(w);
		break;
	case MSG_TEST:
		writer_text(w, "a test of forwarding");
		put_known(w, ": ", &m->externalid);
		break;
	case NMSGIDS:
		break;
	}
}

/* "web-7 alice: " */
static void
put_where(struct writer *w)
{
	const struct message *m = w->m;
	bool user = m->ngen > 0 && m->gen[0].user.n > 0;
	bool uid = m->ngen > 0 && !user && m->gen[0].uid >= 0;

	if (m->hostname.n > 0)
		put_value(w, &m->hostname, EMIT_MSG_COMM, NAME_MOST);
	if (m->hostname.n > 0 && (user || uid))
		*w->p++ = ' ';
	if (user)
		put_value(w, &m->gen[0].user, EMIT_MSG_COMM,
		    NAME_MOST);
	else if (uid)
		writer_number(w, m->gen[0].uid);
	if (m->hostname.n > 0 || user || uid)
		writer_text(w, ": ");
}

void
sentence(struct writer *w)
{
	static const char mark[] = "\xef\xbb\xbf";
	const struct str *text = &w->m->text;

	if (text->n > 0) {
		/* A text that begins like the mark would lose its own. */
		if (text->n >= 3 && memcmp(text->s, mark, 3) == 0)
			writer_text(w, mark);
		put_value(w, text, EMIT_MSG, RFC5424_VALUE);
	} else {
		put_where(w);
		put_what(w);
	}
}
