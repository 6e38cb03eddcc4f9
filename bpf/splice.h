/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines of exited ancestors are kept short: `for (;;) if (fork()) _exit(0);`
 * would otherwise hold a record for every generation.
 */
#ifndef PIDTREED_SPLICE_H
#define PIDTREED_SPLICE_H

#include "tree.h"

#define RUN_MAX		64	/* exited ancestors in a row */
#define RUN_NEAR	48	/* of these, how many of the nearest stay */
#define LINE_CHECK	80	/* from here on a fork looks at its line */

struct splice {
	struct proc_key at;	/* record looked at */
	struct proc_key below;	/* the RUN_NEAR-th of the current run */
	__u32 run, line, removed;
};

static long
measure_step(__u32 i, struct splice *s)
{
	struct proc *r = bpf_map_lookup_elem(&procs, &s->at);

	if (!r)
		return 1;
	s->line++;
	if (r->flags & PROC_EXITED)
		s->run++;
	else if (s->run > RUN_MAX)
		return 1;
	else
		s->run = 0;
	if (s->run == RUN_NEAR)
		s->below = s->at;
	s->at = r->parent;
	return !(r->flags & PROC_PARENT_REF);
}

/* Takes the exited parent of `below` out of the line. */
static long
splice_step(__u32 i, struct splice *s)
{
	struct proc *below = bpf_map_lookup_elem(&procs, &s->below);
	struct proc_key mid, top;
	struct proc *m, *t;

	if (!below || s->run <= RUN_MAX)
		return 1;
	mid = below->parent;
	m = bpf_map_lookup_elem(&procs, &mid);
	if (!m || !(m->flags & PROC_EXITED) || !(m->flags & PROC_PARENT_REF))
		return 1;
	top = m->parent;
	t = bpf_map_lookup_elem(&procs, &top);
	if (!t)
		return 1;
	__sync_fetch_and_add(&t->refs, 1);	/* m still holds one */
	proc_write_begin(below);
	below->parent = top;
	below->cut += m->cut + 1;
	proc_write_end(below);
	proc_drop(&mid);
	count(COUNTER_spliced);
	s->removed++;
	s->run--;
	return 0;
}

/* r: the record of a living process that the caller keeps alive.  Every
   record of its line is held by the one below; only one CPU splices. */
__weak __noinline int
proc_splice(const struct proc_key *which)
{
	struct control *c = control_get();
	struct splice s = { .run = always_zero };
	struct proc *r;

	if (!c || !which)
		return 0;
	s.at = *which;
	r = bpf_map_lookup_elem(&procs, &s.at);
	if (!r || !(r->flags & PROC_PARENT_REF))
		return 0;
	if (__sync_val_compare_and_swap(&c->splicing, 0, 1) != 0)
		return 0;
	s.at = r->parent;
	bpf_loop(4096, measure_step, &s, 0);
	if (s.run > RUN_MAX)
		bpf_loop(4096, splice_step, &s, 0);
	r->line = s.line - s.removed;
	c->splicing = 0;
	return 0;
}

#endif
