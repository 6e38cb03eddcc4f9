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

/* One row per probe; the order is that of the names in the messages. */
static const struct probe {
	const char *name, *prog, *hook;
	bool required;
	bool early;		/* attached before the tree is seeded */
} table[NPROBES] = {
	{ "fork", "on_fork", "tp_btf/sched_process_fork", true, true },
	{ "exec", "on_exec", "tp_btf/sched_process_exec", true, true },
	{ "exit", "on_exit", "tp_btf/sched_process_exit", true, true },
	{ "tasks", "on_task", "iter.s/task", true, true },
	{ "connect", "on_sockops", "sock_ops TCP_CONNECT_CB", false, false },
	{ "outcome", "on_tcp_state", "tp_btf/inet_sock_set_state", false,
	    false },
};

/* The last complaint of libbpf: the reason why something was refused. */
static char complaint[192];

static int
remember(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[sizeof(complaint)];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "libbpf: ", 8) == 0)
		memmove(line, line + 8, strlen(line + 8) + 1);
	/* Keep the first: what follows only says what did not happen then. */
	if (complaint[0] == '\0' && line[0] != '\0')
		snprintf(complaint, sizeof(complaint), "%s", line);
	return 0;
}

static const char *
reason(int err)
{
	if (complaint[0] == '\0')
		snprintf(complaint, sizeof(complaint), "%s", strerror(err));
	return complaint;
}

const char *
kernel_missing(void)
{
	static char line[128];

	if (access("/sys/kernel/btf/vmlinux", R_OK) == -1) {
		snprintf(line, sizeof(line), "/sys/kernel/btf/vmlinux: %s: "
		    "a kernel with BTF (CONFIG_DEBUG_INFO_BTF) is needed",
		    strerror(errno));
		return line;
	}
	return NULL;
}

static unsigned
limit_of(const char *path)
{
	unsigned n = 0;
	FILE *f = fopen(path, "re");

	if (f != NULL) {
		if (fscanf(f, "%u", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n != 0 ? n : 32768;
}

/* As many as there can be, exited ancestors of the living included. */
static unsigned
processes_of(const struct conf *conf)
{
	unsigned pids = limit_of("/proc/sys/kernel/pid_max");
	unsigned threads = limit_of("/proc/sys/kernel/threads-max");
	unsigned n = pids < threads ? pids : threads;

	if (conf->processes != 0)
		return conf->processes;
	return n < 65536 ? n : 65536;
}

static struct pidtreed_bpf *
skel_open(const struct conf *conf)
{
	struct pidtreed_bpf *s;

	libbpf_set_print(remember);
	complaint[0] = '\0';
	s = pidtreed_bpf__open();
	if (s == NULL)
		return NULL;
	bpf_map__set_max_entries(s->maps.procs, processes_of(conf));
	bpf_map__set_max_entries(s->maps.images, conf->image_bytes / 2048);
	bpf_map__set_max_entries(s->maps.dead_procs, conf->dead_processes);
	bpf_map__set_max_entries(s->maps.dead_images, conf->dead_images);
	bpf_map__set_max_entries(s->maps.attempts_more, conf->attempts >
	    ATTEMPTS_READY ? conf->attempts - ATTEMPTS_READY : 1);
	bpf_map__set_max_entries(s->maps.ring, conf->ring_bytes);
	return s;
}

/* Loads the programs for which want[] is set; NULL with *err. */
static struct pidtreed_bpf *
try_load(const struct conf *conf, const bool want[NPROBES], int *err)
{
	struct pidtreed_bpf *s = skel_open(conf);
	struct bpf_program *p;

	if (s == NULL) {
		*err = errno;
		return NULL;
	}
	for (size_t i = 0; i < NPROBES; i++) {
		p = bpf_object__find_program_by_name(s->obj, table[i].prog);
		bpf_program__set_autoload(p, want[i]);
	}
	*err = -pidtreed_bpf__load(s);
	if (*err == 0)
		return s;
	pidtreed_bpf__destroy(s);
	return NULL;
}

const struct kernel_probe *
kernel_check(const struct conf *conf, size_t *n)
{
	static struct kernel_probe rows[NPROBES];
	static char errors[NPROBES][192];
	struct pidtreed_bpf *s;
	int err;

	for (size_t i = 0; i < NPROBES; i++) {
		bool want[NPROBES] = { [0] = false };

		want[i] = true;
		s = try_load(conf, want, &err);
		rows[i] = (struct kernel_probe){ table[i].name,
		    table[i].hook, NULL };
		if (s == NULL) {
			snprintf(errors[i], sizeof(errors[i]), "%s",
			    reason(err));
			rows[i].error = errors[i];
		}
		pidtreed_bpf__destroy(s);
	}
	*n = NPROBES;
	return rows;
}

/* The maps that are kept, under the number of their layout. */
static bool
kept_map(const struct bpf_map *map)
{
	return !bpf_map__is_internal(map);
}

static void
map_name(char name[48], const struct bpf_map *map)
{
	snprintf(name, 48, "abi%d-%s", PIDTREE_ABI, bpf_map__name(map));
}

/* All of them or none: a tree without its images is worth nothing. */
static bool
adopt_maps(struct kernel *k)
{
	struct bpf_map *map;
	char name[48];
	int fd;

	bpf_object__for_each_map(map, k->skel->obj) {
		if (!kept_map(map))
			continue;
		map_name(name, map);
		fd = keep_get(k->keep, name);
		if (fd == -1 || bpf_map__reuse_fd(map, fd) != 0) {
			if (fd != -1)
				close(fd);
			return false;
		}
		close(fd);
	}
	return true;
}

static int
keep_maps(struct kernel *k)
{
	struct bpf_map *map;
	char name[48];

	bpf_object__for_each_map(map, k->skel->obj) {
		if (!kept_map(map))
			continue;
		map_name(name, map);
		if (keep_put(k->keep, name, bpf_map__fd(map)) == -1) {
			log_warn("%s: %s: %s: a crash will lose the tree",
			    keep_where(k->keep), name, strerror(errno));
			return -1;
		}
	}
	return 0;
}

static uint64_t
active_of(int control_fd)
{
	struct control c;
	uint32_t zero = 0;

	return bpf_map_lookup_elem(control_fd, &zero, &c) == 0 ? c.active : 0;
}

static void
link_name(char name[48], uint64_t generation, const char *probe)
{
	snprintf(name, 48, "link%llu-%s", (unsigned long long)generation,
	    probe);
}

/* Everything that is kept and not of this layout and generation goes. */
struct others {
	struct kernel *k;
	int maps, links;
};

static void
drop_other(void *arg, const char *name)
{
	struct others *o = arg;
	unsigned long long generation;
	int abi;

	if (sscanf(name, "link%llu-", &generation) == 1 &&
	    generation != o->k->generation) {
		keep_drop(o->k->keep, name);
		o->links++;
	} else if (sscanf(name, "abi%d-", &abi) == 1 && abi != PIDTREE_ABI) {
		keep_drop(o->k->keep, name);
		o->maps++;
	}
}

/* Attempts of a layout that this version does not know: counted, so that
   START can say what the take-over cost. */
static void
count_foreign(void *arg, const char *name)
{
	struct kernel *k = arg;
	char key[64], next[64];
	int abi, fd, n = 0;
	bool first = true;

	if (sscanf(name, "abi%d-", &abi) != 1 || abi == PIDTREE_ABI ||
	    strstr(name, "-attempts") == NULL)
		return;
	if ((fd = keep_get(k->keep, name)) == -1)
		return;
	while (n < 1000000 && bpf_map_get_next_key(fd, first ? NULL : key,
	    next) == 0) {
		memcpy(key, next, sizeof(key));
		first = false;
		n++;
	}
	close(fd);
	k->not_adopted += n;
	snprintf(k->cost, sizeof(k->cost), "family tree of layout %d read "
	    "anew, %d attempts of it not taken over", abi, n);
}

static int
load_all(struct kernel *k, const struct conf *conf, int cgroup)
{
	bool adopted;
	const char *refused = cgroup2_refuses_sockops(cgroup);
	int err;

	k->skel = skel_open(conf);
	if (k->skel == NULL) {
		log_error("bpf: %s", reason(errno));
		return -1;
	}
	adopted = adopt_maps(k);
	if (!adopted) {
		pidtreed_bpf__destroy(k->skel);
		k->skel = skel_open(conf);
		keep_each(k->keep, count_foreign, k);
	} else
		k->generation = active_of(bpf_map__fd(k->skel->maps.control));
	k->generation++;
	k->how = adopted ? "adopted" : k->cost[0] ? "reseeded" : "fresh";
	k->skel->rodata->generation = k->generation;
	k->skel->rodata->no_sockops = refused != NULL;
	for (size_t i = 0; i < NPROBES; i++)
		k->probes[i] = (struct kernel_probe){ table[i].name,
		    table[i].hook, NULL };
	if (refused != NULL) {
		snprintf(k->errors[4], sizeof(k->errors[4]), "%s", refused);
		k->probes[4].error = k->errors[4];
		bpf_program__set_autoload(k->skel->progs.on_sockops, false);
	}
	err = -pidtreed_bpf__load(k->skel);
	if (err == 0)
		return 0;
	log_error("bpf: %s", reason(err));
	return -1;
}

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

static int
attach(struct kernel *k, size_t i, int cgroup)
{
	struct bpf_program *p = bpf_object__find_program_by_name(k->skel->obj,
	    table[i].prog);
	struct bpf_link *link;
	char name[48];

	if (k->probes[i].error != NULL)
		return 0;
	complaint[0] = '\0';
	if (i == 3) {
		k->task_link = bpf_program__attach_iter(p, NULL);
		if (k->task_link != NULL)
			return 0;
	} else {
		link = i == 4 ? bpf_program__attach_cgroup(p, cgroup) :
		    bpf_program__attach(p);
		if (link != NULL) {
			k->link[i] = dup(bpf_link__fd(link));
			link_name(name, k->generation, table[i].name);
			keep_put(k->keep, name, k->link[i]);
			bpf_link__disconnect(link);
			bpf_link__destroy(link);
			return 0;
		}
	}
	snprintf(k->errors[i], sizeof(k->errors[i]), "%s", reason(errno));
	k->probes[i].error = k->errors[i];
	if (!table[i].required)
		return 0;
	log_error("%s: %s", table[i].hook, k->errors[i]);
	return -1;
}

static int
attach_all(struct kernel *k, bool early, int cgroup)
{
	for (size_t i = 0; i < NPROBES; i++)
		if (table[i].early == early && attach(k, i, cgroup) == -1)
			return -1;
	return 0;
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
	k->fd_tick = bpf_program__fd(s->progs.do_tick);
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
	k->percpu = calloc(k->ncpus, NCOUNTERS * sizeof(uint64_t));
	k->rb = ring_buffer__new(bpf_map__fd(s->maps.ring), on_ring, k, NULL);
	return k->percpu == NULL || k->rb == NULL ? -1 : 0;
}

/*
 * Fresh: the tree's probes run first, then the tasks that were there before
 * are added, then connections begin.  Adopted: the new set is attached while
 * the old one works, and one number hands over.
 */
static int
start(struct kernel *k, const struct conf *conf, int cgroup, bool adopted)
{
	struct others o = { .k = k };

	if (attach_all(k, true, cgroup) == -1)
		return -1;
	if (adopted && attach_all(k, false, cgroup) == -1)
		return -1;
	if (!adopted || k->control->hold_ns == 0) {
		number_from_now(k);
		if (kernel_set_filter(k, conf->filter) == -1) {
			log_error("filter: %s", strerror(errno));
			return -1;
		}
	}
	k->control->hold_ns = conf->hold_ms * 1000000ULL;
	__atomic_store_n(&k->control->active, k->generation, __ATOMIC_SEQ_CST);
	if (kernel_pass(k) == -1) {
		log_error("iter/task: %s", strerror(errno));
		return -1;
	}
	if (!adopted && (keep_maps(k), attach_all(k, false, cgroup)) == -1)
		return -1;
	keep_each(k->keep, drop_other, &o);
	if (adopted && kernel_set_filter(k, conf->filter) == -1) {
		log_error("filter: %s", strerror(errno));
		return -1;
	}
	if (k->link[4] == -1 && k->link[5] == -1) {
		log_error("connect: %s; %s", k->errors[4], k->errors[5]);
		return -1;
	}
	return 0;
}

struct kernel *
kernel_open(const struct conf *conf, struct keep *keep, kernel_item *item,
    void *arg)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int cgroup;

	if (k == NULL)
		return NULL;
	k->keep = keep;
	k->item = item;
	k->arg = arg;
	k->ncpus = libbpf_num_possible_cpus();
	for (size_t i = 0; i < NPROBES; i++)
		k->link[i] = -1;
	cgroup = cgroup2_open();
	if (cgroup == -1) {
		log_error("cgroup2: %s: no cgroup2 hierarchy is mounted and "
		    "none can be", strerror(errno));
		goto fail;
	}
	if (load_all(k, conf, cgroup) == -1)
		goto fail;
	if (map_everything(k) == -1) {
		log_error("bpf: %s", strerror(errno));
		goto fail;
	}
	if (start(k, conf, cgroup, strcmp(k->how, "adopted") == 0) == -1)
		goto fail;
	close(cgroup);
	return k;
fail:
	if (cgroup != -1)
		close(cgroup);
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
	bpf_link__destroy(k->task_link);
	ring_buffer__free(k->rb);
	if (k->control != NULL)
		munmap(k->control, sizeof(*k->control));
	pidtreed_bpf__destroy(k->skel);
	free(k->percpu);
	free(k);
}
