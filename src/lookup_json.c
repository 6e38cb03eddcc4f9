/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer to one question as a JSON object in a line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libfastjson/json.h>

#include "ecs.h"
#include "lookup_aws.h"
#include "lookup_group.h"
#include "lookup_impl.h"
#include "text.h"

struct json {
	struct term *t;
	bool first;		/* nothing before it: no comma */
};

static void
key(struct json *j, const char *name)
{
	term_puts(j->t, j->first ? "" : ",");
	j->first = false;
	if (name == NULL)
		return;
	term_puts(j->t, "\"");
	term_puts(j->t, name);
	term_puts(j->t, "\":");
}

static void
open_with(struct json *j, const char *name, const char *bracket)
{
	key(j, name);
	term_puts(j->t, bracket);
	j->first = true;
}

static void
close_with(struct json *j, const char *bracket)
{
	term_puts(j->t, bracket);
	j->first = false;
}

static void
text(struct json *j, const char *name, const char *s)
{
	if (s == NULL)
		return;
	key(j, name);
	term_json(j->t, (struct str){ s, strlen(s) }, false);
}

static void
number(struct json *j, const char *name, int64_t n)
{
	if (n == NUM_NONE)
		return;
	key(j, name);
	term_printf(j->t, "%" PRId64, n);
}

static void
truth(struct json *j, const char *name, bool is)
{
	key(j, name);
	term_puts(j->t, is ? "true" : "false");
}

static void
moment(struct json *j, const char *name, int64_t us)
{
	char mem[TEXT_TIME + 1];

	if (us == NUM_NONE)
		return;
	mem[text_put_time(mem, us, 6)] = '\0';
	text(j, name, mem);
}

static void
address(struct json *j, const char *name, const struct in6_addr *a)
{
	char mem[TEXT_ADDR + 1];

	if (IN6_IS_ADDR_UNSPECIFIED(a))
		return;
	mem[text_put_addr(mem, a)] = '\0';
	text(j, name, mem);
}

/* Runtime Monitoring's own line, the caller first. */
static void
processes(struct json *j, const struct finding *f)
{
	const struct finding_process *p;

	if (f->nprocesses == 0)
		return;
	open_with(j, "processes", "[");
	for (p = f->process; p < f->process + f->nprocesses; p++) {
		open_with(j, NULL, "{");
		text(j, "name", p->name);
		text(j, "executable", p->exe);
		text(j, "command_line", p->cmd);
		text(j, "sha256", p->sha256);
		text(j, "user", p->user);
		number(j, "uid", p->uid);
		number(j, "euid", p->euid);
		number(j, "pid", p->pid);
		number(j, "namespace_pid", p->nspid);
		moment(j, "started", p->started);
		close_with(j, "}");
	}
	close_with(j, "]");
}

static void
finding(struct json *j, const struct query *q)
{
	const struct finding *f = q->f;
	size_t i;

	if (q->own != NULL)
		open_with(j, "question", "{");
	else
		open_with(j, "finding", "{");
	text(j, "id", f->id);
	text(j, "type", f->type);
	if (f->severity >= 0) {
		key(j, "severity");
		term_printf(j->t, "%g", f->severity);
	}
	if (q->own == NULL) {
		text(j, "file", f->file);
		number(j, "number", f->number);
		truth(j, "sample", f->sample);
	}
	text(j, "instance", f->instance);
	text(j, "proto", f->proto);
	text(j, "domain", f->domain);
	text(j, "user", q->user);
	text(j, "exe", q->exe);
	text(j, "where", q->where_text);
	open_with(j, "remote", "[");
	for (i = 0; i < f->ntuples; i++) {
		open_with(j, NULL, "{");
		address(j, "address", &f->tuple[i].remote);
		number(j, "port", f->tuple[i].rport);
		address(j, "local_address", &f->tuple[i].local);
		number(j, "local_port", f->tuple[i].lport);
		close_with(j, "}");
	}
	close_with(j, "]");
	moment(j, "first", f->first);
	moment(j, "last", f->last);
	processes(j, f);
	close_with(j, "}");
}

static void
seen(struct json *j, const char *name, const struct seen *s)
{
	open_with(j, name, "{");
	number(j, "count", s->n);
	if (s->n > 0) {
		moment(j, "since", s->first);
		moment(j, "last", s->last);
		number(j, "hosts", s->nhosts);
		number(j, "count_on_host", s->here);
		if (s->here > 0)
			moment(j, "since_on_host", s->here_first);
	}
	close_with(j, "}");
}

/* What fjson wrote, with nothing in it that drives a terminal. */
static void
document(struct json *j, const char *name, const struct group *g)
{
	struct fjson_object *o = NULL;
	struct message m;
	char *mem;

	if (group_read(g, &m, &mem))
		o = ecs_document(&m);
	if (o != NULL) {
		const char *s = fjson_object_to_json_string_ext(o,
		    FJSON_TO_STRING_PLAIN);

		key(j, name);
		term_json_text(j->t, (struct str){ s, strlen(s) });
	}
	fjson_object_put(o);
	free(mem);
}

static void
clients(struct json *j, const struct group *g)
{
	size_t i;

	text(j, "forwarder", g->forwarder);
	open_with(j, "clients", "[");
	for (i = 0; i < g->nclients; i++) {
		open_with(j, NULL, "{");
		text(j, "host", g->client[i].host->id);
		number(j, "count", g->client[i].n);
		document(j, "event", g->client + i);
		close_with(j, "}");
	}
	close_with(j, "]");
}

/* How many of the finding's own processes are in this line. */
static void
compared(struct json *j, const struct finding *f, const struct group *g)
{
	struct compared c;
	struct message m;
	char *mem;

	if (f->nprocesses == 0)
		return;
	if (group_read(g, &m, &mem)) {
		c = lookup_aws_compare(f, &m);
		open_with(j, "finding_processes", "{");
		number(j, "same", c.same);
		number(j, "other_executable", c.other_file);
		number(j, "absent", c.absent);
		close_with(j, "}");
	}
	free(mem);
}

/* Of the newest connection that fits best, which is `event`. */
static void
end_of(struct json *j, const struct end *end)
{
	if (end->time == NUM_NONE)
		return;
	open_with(j, "closed", "{");
	moment(j, "at", end->time);
	if (end->duration != NUM_NONE)
		number(j, "duration_ms", end->duration);
	if (end->in != NUM_NONE)
		number(j, "bytes_in", end->in);
	if (end->out != NUM_NONE)
		number(j, "bytes_out", end->out);
	close_with(j, "}");
}

static void
places(struct json *j, const char *name, const struct other *o, size_t n)
{
	size_t i;

	open_with(j, name, "[");
	for (i = 0; i < n; i++) {
		open_with(j, NULL, "{");
		address(j, "address", &o[i].dst);
		number(j, "port", o[i].dpt);
		number(j, "count", o[i].n);
		close_with(j, "}");
	}
	close_with(j, "]");
}

static void
lineage(struct json *j, const struct query *q, const struct group *g)
{
	open_with(j, NULL, "{");
	text(j, "match", match_names[g->best]);
	if (g->kind == GROUP_LISTENS)
		truth(j, "listens", true);
	if (g->kind == GROUP_ACCEPTS)
		truth(j, "accepts", true);
	if (g->kind == GROUP_ASKS)
		truth(j, "asks", true);
	if (g->resolver)
		truth(j, "resolver", true);
	text(j, "host", g->host->id);
	number(j, "count", g->n);
	if (g->kind != GROUP_ASKS) {
		number(j, "established", g->outcome[OUT_ESTABLISHED]);
		number(j, "pending", g->outcome[OUT_PENDING]);
	}
	moment(j, "first", g->first);
	moment(j, "last", g->last);
	end_of(j, &g->end);
	truth(j, "new_in_logs", g->any.n == 0);
	truth(j, "new_on_host", g->any.here == 0);
	open_with(j, "before", "{");
	if (g->kind == GROUP_ASKS) {
		seen(j, "name", &g->dest);
		seen(j, "any_name", &g->any);
	} else {
		seen(j, "destination", &g->dest);
		seen(j, "network", &g->net);
		seen(j, "anywhere", &g->any);
	}
	close_with(j, "}");
	if (g->best == MATCH_DHOST) {
		places(j, "to", g->to, g->nto);
		number(j, "more_to", g->more_to);
	}
	places(j, "others", g->other, g->nothers);
	number(j, "more_others", g->more_others);
	if (g->forwarder != NULL)
		clients(j, g);
	compared(j, q->f, g);
	document(j, "event", g);
	close_with(j, "}");
}

static void
coverage(struct json *j, const struct cover *c)
{
	size_t i;

	open_with(j, "coverage", "{");
	truth(j, "complete", c->proven);
	if (c->from != 0)
		moment(j, "from", c->from);
	if (c->until != 0)
		moment(j, "until", c->until);
	number(j, "messages", c->messages);
	open_with(j, "reasons", "[");
	for (i = 0; i < c->nwhy; i++)
		text(j, NULL, c->why[i]);
	close_with(j, "]");
	close_with(j, "}");
}

static void
host(struct json *j, const struct query *q)
{
	open_with(j, "host", "{");
	text(j, "id", q->host->id);
	text(j, "name", q->host->name);
	text(j, "found_by", q->how);
	number(j, "candidates", q->nsame);
	moment(j, "since", q->host->first);
	close_with(j, "}");
}

void
lookup_json(struct lookup *l, const struct query *q)
{
	struct json j = { &l->term, true };
	uint64_t n[2] = { q->more, 0 };
	size_t i;

	open_with(&j, NULL, "{");
	finding(&j, q);
	if (q->f->kind == FINDING_SKIPPED) {
		text(&j, "skipped", q->f->skipped);
		goto out;
	}
	text(&j, "match", match_names[q->match]);
	if (q->host != NULL)
		host(&j, q);
	open_with(&j, "window", "{");
	moment(&j, "from", q->from);
	moment(&j, "until", q->until);
	close_with(&j, "}");
	for (i = 0; i < q->ngroups; i++)
		n[q->group[i].kind == GROUP_ASKS] += q->group[i].n;
	number(&j, "connections", n[0]);
	if (q->asking)
		number(&j, "questions", n[1]);
	open_with(&j, "lineages", "[");
	for (i = 0; i < q->ngroups; i++)
		lineage(&j, q, q->group + i);
	close_with(&j, "]");
	seen(&j, q->asking ? "name_at_any_time" : "address_at_any_time",
	    &q->dest);
	coverage(&j, &q->cover);
out:
	close_with(&j, "}");
	term_newline(j.t);
}
