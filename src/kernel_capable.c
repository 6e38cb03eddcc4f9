/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of capabilities: which of its two programs this kernel has, and that
 * none is loaded where nobody asked for them.
 */
#include "kernel_impl.h"

#include <bpf/libbpf.h>

#include "conf.h"
#include "pidtreed.skel.h"

bool
kernel_capable_here(enum probe_id i)
{
	bool tracepoint;

	if (i != PROBE_CAPABLE && i != PROBE_CAPABLE_EXIT)
		return true;
	tracepoint = libbpf_find_vmlinux_btf_id("cap_capable",
	    BPF_TRACE_RAW_TP) > 0;
	kernel_reason_clear();		/* it complains if there is none */
	return tracepoint == (i == PROBE_CAPABLE);
}

void
kernel_capable_choose(struct pidtreed_bpf *s, const struct conf *conf)
{
	bool wanted = conf->capable != CAPABLE_OFF;
	bool tracepoint = wanted && kernel_capable_here(PROBE_CAPABLE);

	bpf_program__set_autoload(s->progs.on_capable, tracepoint);
	bpf_program__set_autoload(s->progs.on_cap_capable,
	    wanted && !tracepoint);
	if (wanted)
		return;
	bpf_map__set_max_entries(s->maps.checks, 1);
	bpf_map__set_max_entries(s->maps.check_lines, 1);
}
