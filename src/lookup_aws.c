/* SPDX-License-Identifier: BSD-2-Clause */
/* AWS's line of processes beside ours; see lookup_aws.h. */
#include "lookup_aws.h"

#include <inttypes.h>
#include <string.h>

#include "headline.h"

#define INDENT	2	/* columns */
#define SHOWN	6	/* processes */

static bool
is(struct str s, const char *want)
{
	return s.s != NULL && s.n == strlen(want) &&
	    memcmp(s.s, want, s.n) == 0;
}

static bool
same_file(const struct finding_process *p, const struct generation *g)
{
	if (p->exe != NULL && g->exe.s != NULL)
		return is(g->exe, p->exe);
	return p->name == NULL || g->comm.s == NULL || is(g->comm, p->name);
}

static const struct generation *
of_pid(const struct message *m, int64_t pid)
{
	size_t i;

	for (i = 0; pid != NUM_NONE && i < m->ngen; i++)
		if (m->gen[i].pid == pid)
			return m->gen + i;
	return NULL;
}

struct compared
lookup_aws_compare(const struct finding *f, const struct message *ours)
{
	struct compared c = { 0 };
	const struct finding_process *p;
	const struct generation *g;

	for (p = f->process; p < f->process + f->nprocesses; p++) {
		g = of_pid(ours, p->pid);
		if (g != NULL && same_file(p, g)) {
			c.same++;
			continue;
		}
		if (g != NULL)
			c.other_file++;
		else
			c.absent++;
		if (c.aws == NULL) {
			c.aws = p;
			c.ours = g;
		}
	}
	c.same_file = c.same == 0 && f->nprocesses > 0 && ours->ngen > 0 &&
	    (f->process->exe != NULL || f->process->name != NULL) &&
	    same_file(f->process, ours->gen);
	return c;
}

static void
word(struct term *t, const char *s)
{
	term_word(t, (struct str){ s, s == NULL ? 0 : strlen(s) });
}

static void
process(struct term *t, const struct finding_process *p)
{
	word(t, p->exe != NULL ? p->exe : p->name);
	if (p->pid != NUM_NONE)
		term_printf(t, "(%" PRId64 ")", p->pid);
}

static void
user(struct term *t, const struct finding_process *p)
{
	if (p->user == NULL && p->uid == NUM_NONE)
		return;
	term_puts(t, " ");
	headline_user(t, (struct str){ p->user,
	    p->user == NULL ? 0 : strlen(p->user) }, p->uid);
}

static void
difference(struct term *t, const struct compared *c)
{
	process(t, c->aws);
	if (c->ours == NULL) {
		term_puts(t, " is not in ours");
		return;
	}
	term_puts(t, " is ");
	term_word(t, c->ours->exe.s != NULL ? c->ours->exe : c->ours->comm);
	term_puts(t, " in ours");
}

static void
verdict(struct term *t, const struct finding *f, const struct message *ours)
{
	struct compared c = lookup_aws_compare(f, ours);

	term_style(t, c.aws == NULL ? STYLE_PLAIN : STYLE_NOTE);
	if (c.aws == NULL)
		term_puts(t, "ours has the same");
	else if (c.same_file)
		term_puts(t, "ours is another process of the same file");
	else if (c.same == 0)
		term_puts(t, "nothing of it is in ours");
	else {
		term_printf(t, "%zu of these %zu in ours: ", c.same,
		    f->nprocesses);
		difference(t, &c);
	}
	term_style(t, STYLE_PLAIN);
}

void
lookup_aws(struct term *t, const struct finding *f, const struct message *ours)
{
	size_t n = f->nprocesses < SHOWN ? f->nprocesses : SHOWN;
	const struct finding_process *p;

	if (n == 0)
		return;
	term_pad(t, INDENT);
	t->indent = 2 * INDENT;
	term_puts(t, "AWS's agent saw: ");
	for (p = f->process; p < f->process + n; p++) {
		term_puts(t, p == f->process ? "" : " < ");
		process(t, p);
		if (p == f->process)
			user(t, p);
	}
	if (f->nprocesses > n)
		term_printf(t, " < %zu more", f->nprocesses - n);
	if (ours != NULL) {
		term_puts(t, "; ");
		verdict(t, f, ours);
	}
	term_newline(t);
}
