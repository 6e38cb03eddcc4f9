/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads and attaches the programs; takes over from an earlier collector. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cgroup2.h"
#include "conf.h"
#include "keep.h"
#include "log.h"
#include "pidtreed.skel.h"

/* An attempt's id must not come again in this boot, whatever was kept. */
static void
number_from_now(struct kernel *k)
{
	struct timespec now;
	uint64_t *seq = calloc(k->ncpus, sizeof(*seq));
	uint32_t zero = 0;

	if (seq == NULL)
		return;
	clock_gettime(CLOCK_BOOTTIME, &now);
	for (int i = 0; i < k->ncpus; i++)
		seq[i] = now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
	bpf_map_update_elem(bpf_map__fd(k->skel->maps.attempt_seq), &zero, seq,
	    BPF_ANY);
	free(seq);
}

/*
 * Outcomes come by sock_ops, to those sockets alone that are logged; the
 * tracepoint runs at every change of state of every socket (500 ns for a
 * connection over loopback).  It is for when sock_ops was refused, or when
 * another program may clear our flag on a socket.
 */
static bool
outcome_spare(struct kernel *k)
{
	if (k->probes[PROBE_CONNECT].error != NULL ||
	    cgroup2_foreign_sockops(kernel_table[PROBE_CONNECT].prog))
		return false;
	/* Only then may it go when nobody is followed any more. */
	k->following = kernel_follows(k);
	return !k->following;
}

void
kernel_link(struct kernel *k, size_t i, struct bpf_link *link)
{
	char name[48];

	k->link[i] = dup(bpf_link__fd(link));
	kernel_link_name(name, k->generation, kernel_table[i].name);
	keep_put(k->keep, name, k->link[i]);
	bpf_link__destroy(link);	/* its own descriptor alone */
}

int
kernel_attach(struct kernel *k, enum probe_id i, int cgroup)
{
	struct bpf_program *p = bpf_object__find_program_by_name(k->skel->obj,
	    kernel_table[i].prog);
	struct bpf_link *link;

	if (i == PROBE_LISTEN || i == PROBE_ACCEPT)	/* nothing stands in */
		k->probes[i].error = k->probes[PROBE_CONNECT].error;
	if (k->probes[i].error != NULL || k->probes[i].spare ||
	    kernel_table[i].within || kernel_table[i].demand)
		return 0;
	if (bpf_program__type(p) == BPF_PROG_TYPE_RAW_TRACEPOINT)
		return 0;
	kernel_reason_clear();
	if (i == PROBE_TASKS) {
		k->task_link = bpf_program__attach_iter(p, NULL);
		if (k->task_link != NULL)
			return 0;
	} else if (i == PROBE_SNAPSHOT) {
		k->file_link = bpf_program__attach_iter(p, NULL);
		if (k->file_link != NULL)
			return 0;
	} else {
		link = bpf_program__type(p) == BPF_PROG_TYPE_TRACING ?
		    bpf_program__attach(p) :
		    bpf_program__attach_cgroup(p, cgroup);
		if (link != NULL) {
			kernel_link(k, i, link);
			return 0;
		}
	}
	snprintf(k->errors[i], sizeof(k->errors[i]), "%s",
	    kernel_reason(errno));
	k->probes[i].error = k->errors[i];
	if (!kernel_table[i].required)
		return 0;
	log_error("%s: %s", kernel_table[i].hook, k->errors[i]);
	return -1;
}

static int
attach_all(struct kernel *k, bool early, int cgroup)
{
	for (size_t i = 0; i < NPROBES; i++) {
		if (kernel_table[i].early != early)
			continue;
		if (i == PROBE_OUTCOME)
			k->probes[i].spare = outcome_spare(k);
		else if (i >= PROBE_FORK_AGAIN && i <= PROBE_EXEC_LOG_AGAIN)
			k->probes[i].spare = kernel_again_spare();
		if (kernel_attach(k, i, cgroup) == -1)
			return -1;
	}
	return 0;
}

/* Ends UDP sessions that are silent, or whose socket was closed. */
static void
sweep(struct kernel *k)
{
	struct timespec t;
	uint64_t now;

	if (k->fd_sweep < 0 ||
	    __atomic_load_n(&k->control->sessions, __ATOMIC_RELAXED) <= 0)
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	now = t.tv_sec * 1000000000ULL + t.tv_nsec;
	kernel_run(k->fd_sweep, &now, 1);
}

void
kernel_tick(struct kernel *k)
{
	struct kernel_probe *outcome = &k->probes[PROBE_OUTCOME];
	uint64_t none = 0;

	sweep(k);
	if (k->following && !kernel_follows(k))
		kernel_unfollow(k);
	if (__atomic_load_n(&k->control->pending, __ATOMIC_RELAXED) <= 0 &&
	    __atomic_load_n(&k->control->endings, __ATOMIC_RELAXED) <= 0 &&
	    __atomic_load_n(&k->control->storms, __ATOMIC_RELAXED) <= 0 &&
	    __atomic_load_n(&k->control->deferred, __ATOMIC_RELAXED) <= 0)
		return;
	/* An attempt without end: somebody came later who clears our flag? */
	if (kernel_run(k->fd_tick, &none, 1) != 1)
		return;
	k->following = false;		/* it stays */
	if (!outcome->spare)
		return;
	outcome->spare = false;
	kernel_attach(k, PROBE_OUTCOME, -1);
	if (outcome->error == NULL)
		log_info("%s: attached, an outcome did not come by sock_ops",
		    outcome->hook);
	else
		log_warn("%s: %s", outcome->hook, outcome->error);
}

static int
on_ring(void *arg, void *data, size_t size)
{
	struct kernel *k = arg;
	struct ring_item item;

	if (size < sizeof(item))
		return 0;
	memcpy(&item, data, sizeof(item));
	k->items++;
	return k->item(k->arg, item.id) < 0 ? -EAGAIN : 0;
}

static int
on_answer(void *arg, void *data, size_t size)
{
	struct kernel *k = arg;
	const struct dns_answer *a = data;

	if (k->answer != NULL && size >= sizeof(*a) &&
	    a->len <= size - sizeof(*a))
		k->answer(k->arg, a);
	return 0;
}

static int
map_everything(struct kernel *k)
{
	struct pidtreed_bpf *s = k->skel;

	k->fd_control = bpf_map__fd(s->maps.control);
	k->fd_counters = bpf_map__fd(s->maps.counters);
	k->fd_procs = bpf_map__fd(s->maps.procs);
	k->fd_dead_procs = bpf_map__fd(s->maps.dead_procs);
	k->fd_images = bpf_map__fd(s->maps.images);
	k->fd_dead_images = bpf_map__fd(s->maps.dead_images);
	k->fd_cgroups = bpf_map__fd(s->maps.cgroups);
	k->fd_attempts = bpf_map__fd(s->maps.attempts);
	k->fd_attempts_more = bpf_map__fd(s->maps.attempts_more);
	k->fd_endings = bpf_map__fd(s->maps.endings);
	k->fd_endings_more = bpf_map__fd(s->maps.endings_more);
	k->fd_exchanges = bpf_map__fd(s->maps.dns_exchanges);
	k->fd_doings = bpf_map__fd(s->maps.doings);
	k->fd_doings_more = bpf_map__fd(s->maps.doings_more);
	k->fd_leave = -1;
	k->fd_tick = bpf_program__fd(s->progs.do_tick);
	k->fd_sweep = bpf_program__fd(s->progs.do_sweep);
	k->fd_release = bpf_program__fd(s->progs.do_release);
	k->fd_bury = bpf_program__fd(s->progs.do_bury);
	k->fd_splice = bpf_program__fd(s->progs.do_splice);
	k->max_procs = bpf_map__max_entries(s->maps.procs);
	k->control = mmap(NULL, sizeof(*k->control), PROT_READ | PROT_WRITE,
	    MAP_SHARED, k->fd_control, 0);
	if (k->control == MAP_FAILED) {
		k->control = NULL;
		return -1;
	}
	k->control->dns_seed = s->rodata->dns_seed;
	k->percpu = calloc(k->ncpus, NCOUNTERS * sizeof(uint64_t));
	k->rb = ring_buffer__new(bpf_map__fd(s->maps.ring), on_ring, k, NULL);
	k->dns = ring_buffer__new(bpf_map__fd(s->maps.dns_ring), on_answer, k,
	    NULL);
	return k->percpu == NULL || k->rb == NULL || k->dns == NULL ? -1 : 0;
}

/*
 * Fresh: the tree's probes run first, then the tasks that were there before
 * are added, then connections begin.  Adopted: the new set is attached while
 * the old one works, and one number hands over.
 */
static int
start(struct kernel *k, const struct conf *conf, int cgroup, bool adopted)
{
	if (attach_all(k, true, cgroup) == -1)
		return -1;
	if (adopted && attach_all(k, false, cgroup) == -1)
		return -1;
	k->begun = adopted;
	if (!adopted || k->control->hold_ns == 0) {
		number_from_now(k);
		if (kernel_set_filter(k, conf) == -1) {
			log_error("filter: %s", strerror(errno));
			return -1;
		}
	}
	kernel_set_conf(k, conf);
	__atomic_store_n(&k->control->active, k->generation, __ATOMIC_SEQ_CST);
	if (kernel_pass(k) == -1) {
		log_error("iter/task: %s", strerror(errno));
		return -1;
	}
	if (!adopted) {
		kernel_keep_maps(k);
		if (attach_all(k, false, cgroup) == -1)
			return -1;
		k->begun = true;
		kernel_demand(k, conf);
	}
	kernel_drop_others(k);
	if (adopted && kernel_set_filter(k, conf) == -1) {
		log_error("filter: %s", strerror(errno));
		return -1;
	}
	if (k->link[PROBE_CONNECT] == -1 && k->link[PROBE_OUTCOME] == -1) {
		log_error("connect: %s; %s", k->errors[PROBE_CONNECT],
		    k->errors[PROBE_OUTCOME]);
		return -1;
	}
	return 0;
}

struct kernel *
kernel_open(const struct conf *conf, struct keep *keep, kernel_item *item,
    kernel_answer *answer, void *arg)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->keep = keep;
	k->item = item;
	k->answer = answer;
	k->arg = arg;
	k->ncpus = libbpf_num_possible_cpus();
	for (size_t i = 0; i < NPROBES; i++)
		k->link[i] = -1;
	k->cgroup = cgroup2_open();
	if (k->cgroup == -1) {
		log_error("cgroup2: %s: no cgroup2 hierarchy is mounted and "
		    "none can be", strerror(errno));
		goto fail;
	}
	if (kernel_load(k, conf, k->cgroup) == -1)
		goto fail;
	if (map_everything(k) == -1) {
		log_error("bpf: %s", strerror(errno));
		goto fail;
	}
	if (start(k, conf, k->cgroup, strcmp(k->how, "adopted") == 0) == -1)
		goto fail;
	return k;
fail:
	kernel_close(k, true);
	return NULL;
}

const char *
kernel_how(const struct kernel *k)
{
	return k->how;
}

const char *
kernel_cost(const struct kernel *k)
{
	return k->cost[0] ? k->cost : NULL;
}

size_t
kernel_not_adopted(const struct kernel *k)
{
	return k->not_adopted;
}

const struct kernel_probe *
kernel_probes(const struct kernel *k, size_t *n)
{
	*n = NPROBES;
	return k->probes;
}

void
kernel_close(struct kernel *k, bool stay)
{
	if (k == NULL)
		return;
	if (k->control != NULL)
		kernel_flush(k);
	if (!stay)
		keep_release(k->keep);
	for (size_t i = 0; i < NPROBES; i++)
		if (k->link[i] != -1)
			close(k->link[i]);
	kernel_readline_end(&k->readlines);
	if (k->cgroup != -1)
		close(k->cgroup);
	bpf_link__destroy(k->task_link);
	bpf_link__destroy(k->file_link);
	ring_buffer__free(k->rb);
	ring_buffer__free(k->dns);
	if (k->control != NULL)
		munmap(k->control, sizeof(*k->control));
	pidtreed_bpf__destroy(k->skel);
	free(k->percpu);
	free(k);
}
