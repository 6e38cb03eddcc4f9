/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of a container is compared with; bpf/apart.h reads it. */
#include "kernel_impl.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "pidtreed.skel.h"

/* Without it the probes are not attached.  By the kernel, as a collector in a
   sandbox may not look at process 1. */
void
kernel_show_host(struct kernel *k)
{
	const uint64_t none = 0;
	int n = kernel_run(bpf_program__fd(k->skel->progs.do_host), &none, 0);

	if (n == 1)
		return;
	for (enum probe_id i = PROBE_ESCAPE; i <= PROBE_ESCAPE_EXEC; i++) {
		snprintf(k->errors[i], sizeof(k->errors[i]),
		    "process 1 was not found: %s", n == -1 ? strerror(errno) :
		    "it is not in the collector's line");
		k->probes[i].error = k->errors[i];
	}
	log_warn("escape: %s", k->errors[PROBE_ESCAPE]);
}
