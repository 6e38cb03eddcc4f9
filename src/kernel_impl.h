/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel.c (load, attach, take over), kernel_ask.c (questions) and
   kernel_pass.c (passes over the tasks) share; nobody else includes it. */
#ifndef PIDTREED_KERNEL_IMPL_H
#define PIDTREED_KERNEL_IMPL_H

#include "kernel.h"

#define NPROBES		6	/* rows of the probe table in kernel.c */
#define RELEASE_BATCH	11	/* ids that do_release takes at once */

struct pidtreed_bpf;
struct ring_buffer;
struct bpf_link;

/* Ids on their way to do_release: gone for good, or told once. */
struct release {
	uint64_t n;
	uint64_t id[RELEASE_BATCH];
};

struct kernel {
	struct pidtreed_bpf *skel;
	struct keep *keep;
	struct control *control;	/* mapped */
	struct ring_buffer *rb;
	kernel_item *item;
	void *arg;
	struct bpf_link *task_link;	/* of the pass */
	struct kernel_probe probes[NPROBES];
	char errors[NPROBES][192];
	int link[NPROBES];		/* -1: not attached */
	uint64_t generation;
	const char *how;
	char cost[256];
	size_t not_adopted;
	int fd_control, fd_counters, fd_procs, fd_dead_procs, fd_images,
	    fd_dead_images, fd_cgroups, fd_attempts,
	    fd_attempts_more;
	int fd_tick, fd_release, fd_bury, fd_splice;
	unsigned max_procs;
	struct release done, told;
	uint64_t *percpu;		/* one struct counters per CPU */
	int ncpus;
	int items;			/* of the ring, in this reading */
};

/* Runs one of the raw_tp programs with n arguments.  -1 with errno. */
int kernel_run(int prog_fd, const uint64_t *args, size_t n);

#endif
