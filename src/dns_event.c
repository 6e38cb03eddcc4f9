/* SPDX-License-Identifier: BSD-2-Clause */
/* A question of DNS and its answer, as an event; see dns_event.h. */
#include "dns_event.h"

#include <string.h>

#include "buf.h"
#include "dns.h"
#include "text.h"

/* What a message points to. */
static struct dns question, answer;
static char type[16], rcode[16], addresses[DNS_ADDRESSES * 46];

static struct str
constant(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static struct str
kept(char *to, size_t size, const char *s)
{
	struct buf b;

	buf_init(&b, to, size);
	buf_adds(&b, s);
	return (struct str){ b.p, b.len };
}

static void
fill_answer(const struct dns_exchange *x, struct message *m)
{
	struct buf b;

	if (x->answer_len == 0 ||
	    dns_parse(x->answer, x->answer_len, &answer) == -1 ||
	    !answer.response) {
		m->outcome = constant("unanswered");
		return;
	}
	m->outcome = constant("answered");
	m->rcode = kept(rcode, sizeof(rcode), dns_rcode_name(answer.rcode));
	buf_init(&b, addresses, sizeof(addresses));
	for (size_t i = 0; i < answer.n; i++) {
		if (i > 0)
			buf_addc(&b, ' ');
		text_addr(&b, &answer.address[i].addr);
	}
	if (b.len > 0)
		m->answers = (struct str){ b.p, b.len };
	if (answer.truncated || answer.more ||
	    x->answer_whole > x->answer_len)
		m->answerscut = 1;
}

void
dns_event_fill(const struct attempt *a, const struct dns_exchange *x,
    struct message *m)
{
	m->act = constant("ask");
	m->net = (struct str){ NULL, 0 };
	m->outcome = m->reason = m->net;
	if (a->flags & ATTEMPT_RESOLVER)
		m->resolver = 1;
	if (x == NULL)
		return;
	if (!x->many &&
	    dns_parse(x->question, x->question_len, &question) == 0) {
		m->query = (struct str){ question.name, question.len };
		m->qtype = kept(type, sizeof(type),
		    dns_type_name(question.type));
	}
	if (m->id == MSG_DNS)
		fill_answer(x, m);
}
