/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of a container is compared with; bpf/apart.h reads it. */
#include "kernel_impl.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "log.h"
#include "pidtreed.skel.h"

/* By the kernel, as a collector in a sandbox may not look at process 1. */
void
kernel_show_host(struct kernel *k)
{
	int n = kernel_run(bpf_program__fd(k->skel->progs.do_host), NULL, 0);

	if (n == 1)
		return;
	log_warn("escape: process 1 was not found: %s",
	    n == -1 ? strerror(errno) : "it is not in the line of birth");
}
