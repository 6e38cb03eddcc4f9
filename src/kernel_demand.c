/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes that cost something by being attached: only while the configuration
 * wants them.  Those of a cgroup stay until the collector ends, as some of them
 * take CAP_NET_ADMIN to come back, which only the start has.
 */
#include "kernel_impl.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "keep.h"
#include "log.h"
#include "pidtreed.skel.h"

static bool
tracing(const struct kernel *k, size_t i)
{
	return bpf_program__type(bpf_object__find_program_by_name(
	    k->skel->obj, kernel_table[i].prog)) == BPF_PROG_TYPE_TRACING;
}

/* Questions are seen by these, too. */
static enum want
also(size_t i)
{
	return i == PROBE_UDP || i == PROBE_UDP4 || i == PROBE_UDP6 ?
	    WANT_DNS : 0;
}

static void
complain(struct kernel *k, size_t i)
{
	if (errno == EPERM && k->begun && !tracing(k, i))
		snprintf(k->errors[i], sizeof(k->errors[i]), "CAP_NET_ADMIN "
		    "is needed, which only the start has: restart pidtreed");
	else
		snprintf(k->errors[i], sizeof(k->errors[i]), "%s",
		    kernel_reason(errno));
	k->probes[i].error = k->errors[i];
	log_warn("%s: %s", kernel_table[i].hook, k->errors[i]);
}

static void
attach(struct kernel *k, size_t i, struct pidtreed_bpf *s)
{
	struct bpf_program *p = bpf_object__find_program_by_name(s->obj,
	    kernel_table[i].prog);
	struct bpf_link *link;

	kernel_reason_clear();
	link = tracing(k, i) ? bpf_program__attach(p) :
	    bpf_program__attach_cgroup(p, k->cgroup);
	if (link != NULL)
		kernel_link(k, i, link);
	else
		complain(k, i);
}

/* What was loaded for this alone ends with its link. */
static void
attach_late(struct kernel *k, const struct conf *conf, size_t i)
{
	struct pidtreed_bpf *s;

	k->probes[i].spare = !kernel_capable_here(i);
	if (k->probes[i].spare)
		return;
	kernel_reason_clear();
	s = kernel_late(k, conf, i);
	if (s == NULL) {
		complain(k, i);
		return;
	}
	attach(k, i, s);
	pidtreed_bpf__destroy(s);
}

static bool
loaded(const struct kernel *k, size_t i)
{
	return bpf_program__fd(bpf_object__find_program_by_name(k->skel->obj,
	    kernel_table[i].prog)) >= 0;
}

static void
detach(struct kernel *k, size_t i)
{
	char name[48];

	kernel_link_name(name, k->generation, kernel_table[i].name);
	keep_drop(k->keep, name);
	close(k->link[i]);
	k->link[i] = -1;
}

/* What was not found may be there now.  To be attached takes CAP_SYS_ADMIN, so
   what is attached stays: the program sees that it is not wanted. */
static void
readlines(struct kernel *k, const struct conf *conf, bool wanted)
{
	struct kernel_probe *p = &k->probes[PROBE_READLINE];
	const char *why;

	if (p->error != NULL && p->error != k->no_readline)
		return;
	p->error = NULL;
	if (!wanted)
		return;
	kernel_readline(k, conf, &why);
	if (why == NULL)
		return;
	snprintf(k->no_readline, sizeof(k->no_readline), "%s", why);
	p->error = k->no_readline;
	log_warn("%s: %s", kernel_table[PROBE_READLINE].hook, why);
}

/* Questions without their answers would be told as unanswered. */
static void
dns_whole(struct kernel *k)
{
	const char *error = k->probes[PROBE_UDP].error;

	if (error == NULL)
		error = k->probes[PROBE_DNS_IN].error;
	k->probes[PROBE_DNS].error = error;
	if (error != NULL)
		__atomic_and_fetch(&k->control->wants, ~WANT_DNS,
		    __ATOMIC_RELAXED);
}

void
kernel_demand(struct kernel *k, const struct conf *conf)
{
	for (size_t i = 0; i < NPROBES; i++) {
		bool wanted = !k->probes[i].spare && (!k->probes[i].off ||
		    also(i) & k->control->wants);

		if (!kernel_table[i].demand ||
		    (!kernel_table[i].early && !k->begun))
			continue;
		if (i == PROBE_READLINE) {
			readlines(k, conf, wanted);
			continue;
		}
		if (!wanted && k->link[i] != -1 && tracing(k, i))
			detach(k, i);
		if (!wanted || k->link[i] != -1 || k->probes[i].error != NULL)
			continue;
		if (loaded(k, i))
			attach(k, i, k->skel);
		else
			attach_late(k, conf, i);
	}
	dns_whole(k);
}
