/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding as a line, and what a file should give. */
#ifndef TESTS_UNIT_FINDING_TEST_H
#define TESTS_UNIT_FINDING_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "finding.h"
#include "text.h"

static inline void
show_end(struct buf *b, const struct in6_addr *a, int64_t port)
{
	if (!IN6_IS_ADDR_UNSPECIFIED(a))
		text_addr(b, a);
	if (port != NUM_NONE)
		buf_addf(b, ":%" PRId64, port);
}

static inline void
show_what(struct buf *b, const struct finding *f)
{
	static const char *const kinds[] = {
		[FINDING_NETWORK] = "network", [FINDING_PORT_PROBE] = "probe",
		[FINDING_DNS] = "dns", [FINDING_RUNTIME] = "runtime",
	};
	static const char *const directions[] = {
		[FINDING_UNKNOWN] = "", [FINDING_OUT] = " out",
		[FINDING_IN] = " in",
	};
	const struct finding_tuple *t;

	buf_adds(b, kinds[f->kind]);
	buf_adds(b, directions[f->direction]);
	if (f->proto != NULL)
		buf_addf(b, " %s", f->proto);
	if (f->domain != NULL)
		buf_addf(b, " %s", f->domain);
	for (t = f->tuple; t < f->tuple + f->ntuples; t++) {
		bool in = f->direction == FINDING_IN;

		buf_addc(b, ' ');
		show_end(b, in ? &t->remote : &t->local,
		    in ? t->rport : t->lport);
		buf_addc(b, '>');
		show_end(b, in ? &t->local : &t->remote,
		    in ? t->lport : t->rport);
	}
}

static inline void
show_process(struct buf *b, const struct finding_process *p)
{
	buf_addf(b, " %s", p->name != NULL ? p->name : "?");
	if (p->pid != NUM_NONE)
		buf_addf(b, "(%" PRId64 ")", p->pid);
	if (p->exe != NULL)
		buf_addf(b, "=%s", p->exe);
	if (p->user != NULL)
		buf_addf(b, ",%s", p->user);
	if (p->uid != NUM_NONE)
		buf_addf(b, ",%" PRId64, p->uid);
	if (p->euid != NUM_NONE)
		buf_addf(b, ",e%" PRId64, p->euid);
	if (p->started != NUM_NONE) {
		buf_addc(b, '@');
		text_time(b, p->started, 3);
	}
}

static inline void
show_container(struct buf *b, const struct finding *f)
{
	const char *parts[] = { f->orchestrator, f->cluster, f->task,
	    f->namespace, f->workload_type, f->workload };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i] != NULL)
			buf_addf(b, "%s%s", i == 0 ? "; " : " ", parts[i]);
	for (i = 0; i < f->ncontainers; i++)
		buf_addf(b, " [%s %s %s]",
		    f->container[i].id == NULL ? "-" : f->container[i].id,
		    f->container[i].name == NULL ? "-" : f->container[i].name,
		    f->container[i].image == NULL ? "-" :
		    f->container[i].image);
}

static inline void
show_window(struct buf *b, const struct finding *f)
{
	buf_adds(b, "; ");
	text_time(b, f->first, 3);
	buf_addc(b, ' ');
	text_time(b, f->last, 3);
	if (f->count != NUM_NONE)
		buf_addf(b, " x%" PRId64, f->count);
}

static inline void
show_finding(struct buf *b, const struct finding *f)
{
	size_t i;

	if (f->kind == FINDING_SKIPPED) {
		buf_addf(b, "skipped: %s", f->skipped);
		return;
	}
	if (f->sample)
		buf_adds(b, "SAMPLE ");
	show_what(b, f);
	buf_addf(b, "; %s", f->instance == NULL ? "-" : f->instance);
	for (i = 0; i < f->naddresses; i++) {
		buf_addc(b, ' ');
		text_addr(b, &f->address[i]);
	}
	show_container(b, f);
	for (i = 0; i < f->nprocesses; i++) {
		buf_adds(b, i == 0 ? ";" : " <");
		show_process(b, &f->process[i]);
	}
	show_window(b, f);
}

/* All findings of the file, a line each, and the errors behind "! ". */
static inline void
expect_findings(const char *path, const char *want)
{
	struct findings *all = findings_new();
	char mem[65536];
	struct buf b;
	size_t i;

	assert_non_null(all);
	buf_init(&b, mem, sizeof(mem));
	assert_int_equal(findings_read(all, path),
	    strstr(want, "! ") == NULL ? 0 : -1);
	for (i = 0; i < all->n; i++) {
		assert_int_equal(all->finding[i]->kind == FINDING_SKIPPED,
		    all->finding[i]->skipped != NULL);
		if (b.len > 0)
			buf_addc(&b, '\n');
		show_finding(&b, all->finding[i]);
	}
	for (i = 0; i < all->nerrors; i++) {
		if (b.len > 0)
			buf_addc(&b, '\n');
		buf_addf(&b, "! %s", all->error[i]);
	}
	assert_non_null(buf_cstr(&b));
	assert_string_equal(mem, want);
	findings_free(all);
}

#endif
