/* SPDX-License-Identifier: BSD-2-Clause */
/* The same question, as a search to run in a SIEM. */
#include <inttypes.h>
#include <string.h>

#include "lookup_impl.h"
#include "text.h"

/* One condition, in the words of each. */
enum term_name { T_DST, T_DPT, T_SRC, T_SPT, T_USER, T_EXE, T_HOST, T_TEXT };

static const struct {
	const char *sd;		/* as in the message: Splunk */
	const char *ecs;	/* as in `pidtree export --ecs` */
} names[] = {
	[T_DST] = { "dst", "destination.ip" },
	[T_DPT] = { "dpt", "destination.port" },
	[T_SRC] = { "src", "source.ip" },
	[T_SPT] = { "spt", "source.port" },
	[T_USER] = { "suser", "user.name" },
	[T_EXE] = { "exe", "process.executable" },
	[T_HOST] = { "id", "host.id" },
	[T_TEXT] = { "cmd", "process.command_line" },
};

struct out {
	struct term *t;
	enum siem siem;
	bool first;
};

static void
condition(struct out *o, enum term_name name, const char *value, bool any)
{
	struct str s = { value, strlen(value) };

	switch (o->siem) {
	case SIEM_SPLUNK:
		term_puts(o->t, " ");
		if (!any) {
			term_puts(o->t, names[name].sd);
			term_puts(o->t, "=");
		}
		term_json(o->t, s, false);
		break;
	case SIEM_KQL:
		term_puts(o->t, o->first ? "" : " and ");
		term_puts(o->t, names[name].ecs);
		term_puts(o->t, " : ");
		term_json(o->t, s, false);
		break;
	case SIEM_ELASTIC:
		term_puts(o->t, o->first ? "" : ",");
		term_puts(o->t, any ? "{\"match_phrase\":{\"" :
		    "{\"term\":{\"");
		term_puts(o->t, names[name].ecs);
		term_puts(o->t, "\":");
		term_json(o->t, s, false);
		term_puts(o->t, "}}");
		break;
	case SIEM_NONE:
		break;
	}
	o->first = false;
}

static void
number(struct out *o, enum term_name name, int64_t n)
{
	char text[24];

	if (n == NUM_NONE)
		return;
	*text_put_uint(text, n) = '\0';
	condition(o, name, text, false);
}

static void
address(struct out *o, enum term_name name, const struct in6_addr *a)
{
	char text[TEXT_ADDR + 1];

	if (IN6_IS_ADDR_UNSPECIFIED(a))
		return;
	text[text_put_addr(text, a)] = '\0';
	condition(o, name, text, false);
}

static void
bound(struct out *o, const char *before, int64_t us, const char *after)
{
	char text[TEXT_TIME + 1];

	if (us == NUM_NONE)
		return;
	text[text_put_time(text, us, 3)] = '\0';
	term_puts(o->t, before);
	term_puts(o->t, text);
	term_puts(o->t, after);
}

static void
window(struct out *o, const struct query *q)
{
	const char *and = o->first ? "" : " and ";

	switch (o->siem) {
	case SIEM_SPLUNK:	/* its times are seconds since 1970 */
		if (q->from != NUM_NONE)
			term_printf(o->t, " earliest=%" PRId64,
			    q->from / 1000000);
		if (q->until != NUM_NONE)
			term_printf(o->t, " latest=%" PRId64,
			    q->until / 1000000 + 1);
		break;
	case SIEM_KQL:
		if (q->from != NUM_NONE)
			term_puts(o->t, and);
		bound(o, "@timestamp >= \"", q->from, "\"");
		if (q->until != NUM_NONE)
			term_puts(o->t, q->from != NUM_NONE ? " and " : and);
		bound(o, "@timestamp <= \"", q->until, "\"");
		break;
	case SIEM_ELASTIC:
		if (q->from == NUM_NONE && q->until == NUM_NONE)
			break;
		term_puts(o->t, o->first ? "{\"range\":{\"@timestamp\":{" :
		    ",{\"range\":{\"@timestamp\":{");
		bound(o, "\"gte\":\"", q->from, "\"");
		bound(o, q->from != NUM_NONE ? ",\"lte\":\"" : "\"lte\":\"",
		    q->until, "\"");
		term_puts(o->t, "}}}");
		break;
	case SIEM_NONE:
		break;
	}
}

/* Asked for, behind a destination, or in a command line. */
static void
name(struct out *o, const char *value)
{
	static const char *const of[] = { "dns.question.name",
	    "destination.domain", "process.command_line" };
	struct str s = { value, strlen(value) };
	size_t i;

	if (o->siem == SIEM_SPLUNK) {
		condition(o, T_TEXT, value, true);
		return;
	}
	term_puts(o->t, o->first ? "" : o->siem == SIEM_KQL ? " and " : ",");
	term_puts(o->t, o->siem == SIEM_KQL ? "(" : "{\"multi_match\":{"
	    "\"type\":\"phrase\",\"fields\":[");
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		if (o->siem == SIEM_KQL) {
			term_puts(o->t, i == 0 ? "" : " or ");
			term_puts(o->t, of[i]);
			term_puts(o->t, " : ");
			term_json(o->t, s, false);
			continue;
		}
		term_puts(o->t, i == 0 ? "\"" : ",\"");
		term_puts(o->t, of[i]);
		term_puts(o->t, "\"");
	}
	if (o->siem == SIEM_ELASTIC) {
		term_puts(o->t, "],\"query\":");
		term_json(o->t, s, false);
		term_puts(o->t, "}");
	}
	term_puts(o->t, o->siem == SIEM_KQL ? ")" : "}");
	o->first = false;
}

/* The host only by what every message carries. */
static void
conditions(struct out *o, const struct query *q)
{
	const struct finding *f = q->f;
	const struct finding_tuple *t = f->ntuples > 0 ? f->tuple : NULL;

	if (f->instance != NULL)
		condition(o, T_HOST, f->instance, o->siem == SIEM_SPLUNK);
	if (t != NULL) {
		address(o, T_DST, &t->remote);
		number(o, T_DPT, t->rport);
	}
	if (t != NULL && q->own != NULL) {
		address(o, T_SRC, &t->local);
		number(o, T_SPT, t->lport);
	}
	if (q->user != NULL)
		condition(o, T_USER, q->user, false);
	if (q->exe != NULL)
		condition(o, T_EXE, q->exe, false);
	if (q->name != NULL)
		name(o, q->name);
}

void
lookup_siem(struct lookup *l, const struct query *q)
{
	struct out o = { &l->term, l->siem, true };

	if (q->f->kind == FINDING_SKIPPED) {
		term_newline(o.t);
		return;
	}
	if (l->siem == SIEM_SPLUNK)
		term_puts(o.t, q->asking ? "search pidtreed" :
		    q->f->proto != NULL && strcmp(q->f->proto,
		    "UDP") == 0 ? "search pidtreed UDP" :
		    "search pidtreed CONNECT");
	else if (l->siem == SIEM_ELASTIC)
		term_puts(o.t, "{\"query\":{\"bool\":{\"filter\":[");
	conditions(&o, q);
	window(&o, q);
	if (l->siem == SIEM_ELASTIC)
		term_puts(o.t, "]}},\"sort\":[{\"@timestamp\":\"asc\"}]}");
	term_newline(o.t);
}
