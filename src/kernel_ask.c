/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to the maps, the filter, and letting go of attempts. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "filter.h"
#include "pidtreed.skel.h"

int
kernel_run(int prog_fd, const uint64_t *args, size_t n)
{
	uint64_t ctx[12] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = ctx,
	    .ctx_size_in = sizeof(ctx));

	memcpy(ctx, args, n * sizeof(*args));
	return bpf_prog_test_run_opts(prog_fd, &opts) == 0 ?
	    (int)opts.retval : -1;
}

int
kernel_fd(const struct kernel *k)
{
	return ring_buffer__epoll_fd(k->rb);
}

int
kernel_read(struct kernel *k)
{
	k->items = 0;
	ring_buffer__consume(k->rb);
	return k->items;
}

void
kernel_read_answers(struct kernel *k)
{
	ring_buffer__consume(k->dns);
}

int
kernel_answers_fd(const struct kernel *k)
{
	return ring_buffer__epoll_fd(k->dns);
}

void
kernel_sleep(struct kernel *k)
{
	__atomic_store_n(&k->control->asleep, 1, __ATOMIC_SEQ_CST);
}

/* First all ids, then the calls: they may take elements away. */
static size_t
collect(int fd, uint64_t *ids, size_t n, size_t room)
{
	size_t from = n;

	while (n < room && bpf_map_get_next_key(fd, n == from ? NULL :
	    &ids[n - 1], &ids[n]) == 0)
		n++;
	return n;
}

static size_t
endings(const struct kernel *k)
{
	return __atomic_load_n(&k->control->endings, __ATOMIC_RELAXED);
}

int
kernel_read_left(struct kernel *k)
{
	size_t i, n, ends, room = kernel_pending(k) + endings(k) + 1024;
	uint64_t *ids = malloc(room * sizeof(*ids));

	if (ids == NULL)
		return 0;
	n = collect(k->fd_attempts, ids, 0, room);
	ends = n = collect(k->fd_attempts_more, ids, n, room);
	n = collect(k->fd_endings, ids, n, room);
	n = collect(k->fd_endings_more, ids, n, room);
	for (i = ends; i < n; i++)
		ids[i] |= ENDING_BIT;
	for (i = 0; i < n; i++)
		if (k->item(k->arg, ids[i]) == -1)
			break;
	free(ids);
	return i < n;
}

static bool
released(const struct kernel *k, uint64_t id)
{
	for (size_t i = 0; i < k->done.n; i++)
		if (k->done.id[i] == id) {
			errno = ENOENT;
			return true;
		}
	return false;
}

int
kernel_attempt(const struct kernel *k, uint64_t id, struct attempt *a)
{
	return !released(k, id) &&
	    (bpf_map_lookup_elem(k->fd_attempts, &id, a) == 0 ||
	    bpf_map_lookup_elem(k->fd_attempts_more, &id, a) == 0) ? 0 : -1;
}

int
kernel_ending(const struct kernel *k, uint64_t id, struct ending *e)
{
	return !released(k, id | ENDING_BIT) &&
	    (bpf_map_lookup_elem(k->fd_endings, &id, e) == 0 ||
	    bpf_map_lookup_elem(k->fd_endings_more, &id, e) == 0) ? 0 : -1;
}

int
kernel_exchange(const struct kernel *k, uint64_t id, struct dns_exchange *x)
{
	return !released(k, id) &&
	    bpf_map_lookup_elem(k->fd_exchanges, &id, x) == 0 &&
	    x->question_len <= DNS_QUESTION && x->answer_len <= DNS_ANSWER ?
	    0 : -1;
}

int
kernel_doing(const struct kernel *k, uint64_t id, struct doing *d)
{
	return bpf_map_lookup_elem(k->fd_doings, &id, d) == 0 ||
	    bpf_map_lookup_elem(k->fd_doings_more, &id, d) == 0 ? 0 : -1;
}

static bool
same_key(const struct proc_key *a, const struct proc_key *b)
{
	return a->start == b->start && a->tgid == b->tgid;
}

int
kernel_proc(const struct kernel *k, const struct proc_key *key,
    struct proc *r)
{
	struct proc_key bare = { key->start, key->tgid, 0 };

	/* A record that was written to, or moved, meanwhile: try again. */
	for (int i = 0; i < 3; i++) {
		if (bpf_map_lookup_elem(k->fd_procs, &bare, r) != 0 &&
		    bpf_map_lookup_elem(k->fd_dead_procs, &bare, r) != 0)
			continue;
		if (same_key(&r->key, &bare) && r->head == r->tail &&
		    r->head % 2 == 0)
			return 0;
	}
	errno = ENOENT;
	return -1;
}

int
kernel_image(const struct kernel *k, uint64_t id, struct image *image)
{
	for (int i = 0; i < 3; i++) {
		if (bpf_map_lookup_elem(k->fd_images, &id, image) != 0 &&
		    bpf_map_lookup_elem(k->fd_dead_images, &id, image) != 0)
			continue;
		if (image->id == id && image->id_tail == id)
			return 0;
	}
	errno = ENOENT;
	return -1;
}

int
kernel_cgroup(const struct kernel *k, uint64_t id, struct cgroup_name *name)
{
	return bpf_map_lookup_elem(k->fd_cgroups, &id, name) == 0 &&
	    name->len != 0 ? 0 : -1;
}

static void
hand_over(struct kernel *k, struct release *r, uint64_t flag)
{
	uint64_t args[1 + RELEASE_BATCH];

	if (r->n == 0)
		return;
	args[0] = r->n | flag;
	memcpy(args + 1, r->id, r->n * sizeof(*r->id));
	kernel_run(k->fd_release, args, 1 + r->n);
	r->n = 0;
}

void
kernel_release(struct kernel *k, uint64_t id)
{
	k->done.id[k->done.n++] = id;
	if (k->done.n == RELEASE_BATCH)
		hand_over(k, &k->done, 0);
}

void
kernel_told(struct kernel *k, uint64_t id)
{
	k->told.id[k->told.n++] = id;
	if (k->told.n == RELEASE_BATCH)
		hand_over(k, &k->told, RELEASE_TOLD);
}

void
kernel_flush(struct kernel *k)
{
	hand_over(k, &k->told, RELEASE_TOLD);
	hand_over(k, &k->done, 0);
}

static int
empty_trie(int fd, void *key)
{
	while (bpf_map_get_next_key(fd, NULL, key) == 0)
		if (bpf_map_delete_elem(fd, key) != 0)
			return -1;
	return 0;
}

int
kernel_set_filter(struct kernel *k, const struct conf *conf)
{
	const struct filter *f = conf->filter;
	uint32_t accept = PORTSET_ACCEPT;
	struct pidtreed_bpf *s = k->skel;
	uint32_t idle = !k->control->filter;
	int v4 = bpf_map__fd(idle ? s->maps.filter4_1 : s->maps.filter4_0);
	int v6 = bpf_map__fd(idle ? s->maps.filter6_1 : s->maps.filter6_0);
	int sets = bpf_map__fd(idle ? s->maps.ports_1 : s->maps.ports_0);
	struct filter_key4 key4;
	struct filter_key6 key6;

	if (empty_trie(v4, &key4) == -1 || empty_trie(v6, &key6) == -1)
		return -1;
	for (size_t i = 0; i < f->n4; i++)
		if (bpf_map_update_elem(v4, &f->v4[i].key, &f->v4[i].value,
		    BPF_ANY) != 0)
			return -1;
	for (size_t i = 0; i < f->n6; i++)
		if (bpf_map_update_elem(v6, &f->v6[i].key, &f->v6[i].value,
		    BPF_ANY) != 0)
			return -1;
	for (uint32_t i = 0; i < f->nsets; i++)
		if (bpf_map_update_elem(sets, &i, &f->sets[i], BPF_ANY) != 0)
			return -1;
	if (bpf_map_update_elem(sets, &accept, conf->accept_filter->sets,
	    BPF_ANY) != 0)
		return -1;
	__atomic_store_n(&k->control->filter, idle, __ATOMIC_SEQ_CST);
	return 0;
}

uint32_t
kernel_wants(const struct conf *conf)
{
	return (conf->close ? WANT_CLOSE : 0) |
	    (conf->listen ? WANT_LISTEN : 0) |
	    (conf->accept ? WANT_ACCEPT : 0) | (conf->udp ? WANT_UDP : 0) |
	    (conf->dns ? WANT_DNS : 0) |
	    (conf->exec != EXEC_OFF ? WANT_EXEC : 0) |
	    (conf->exec == EXEC_ON ? WANT_EXEC_FAILED : 0) |
	    (conf->listen_random ? WANT_RANDOM : 0) |
	    (conf->listen && conf->listen_udp != BIND_OFF ? WANT_BIND : 0) |
	    (conf->listen_udp == BIND_RANDOM ? WANT_BIND_RANDOM : 0) |
	    (conf->readline ? WANT_READLINE : 0) |
	    (conf->capable & CAPABLE_DENIED ? WANT_DENIED : 0) |
	    (conf->capable & CAPABLE_GRANTED ? WANT_GRANTED : 0) |
	    (conf->capable_each ? WANT_CAPABLE_EACH : 0) |
	    (conf->open ? WANT_OPEN : 0) |
	    (conf->escape ? WANT_ESCAPE : 0);
}

void
kernel_set_conf(struct kernel *k, const struct conf *conf)
{
	uint32_t wants = kernel_wants(conf);

	__atomic_store_n(&k->control->hold_ns, conf->hold_ms * 1000000ULL,
	    __ATOMIC_RELAXED);
	__atomic_store_n(&k->control->idle_ns, conf->udp_idle_ms * 1000000ULL,
	    __ATOMIC_RELAXED);
	__atomic_store_n(&k->control->checks_ns, conf->capable_s *
	    1000000000ULL, __ATOMIC_RELAXED);
	__atomic_store_n(&k->control->caps, conf->caps, __ATOMIC_RELAXED);
	__atomic_store_n(&k->control->wants, wants, __ATOMIC_RELAXED);
	__atomic_store_n(&k->control->storm, conf->storm, __ATOMIC_RELAXED);
	for (size_t i = 0; i < NPROBES; i++)
		k->probes[i].off = kernel_table[i].want != 0 &&
		    (kernel_table[i].want & wants) == 0;
	kernel_set_watched(k, conf);
	if (conf->escape)
		kernel_show_host(k);
	kernel_demand(k, conf);
}

void
kernel_end_storms(struct kernel *k)
{
	__atomic_store_n(&k->control->storms_end, 1, __ATOMIC_SEQ_CST);
	kernel_tick(k);
	__atomic_store_n(&k->control->storms_end, 0, __ATOMIC_SEQ_CST);
}

void
kernel_counters(const struct kernel *k, uint64_t n[NCOUNTERS])
{
	uint32_t zero = 0;

	memset(n, 0, NCOUNTERS * sizeof(*n));
	if (bpf_map_lookup_elem(k->fd_counters, &zero, k->percpu) != 0)
		return;
	for (int cpu = 0; cpu < k->ncpus; cpu++)
		for (size_t i = 0; i < NCOUNTERS; i++)
			n[i] += k->percpu[cpu * NCOUNTERS + i];
}

/* What has a second program is counted by that one: at most so much was missed,
   since the first may have done it.  What exec-failed missed is some system
   call, and next to never an exec; the same of open and escape. */
uint64_t
kernel_skipped(const struct kernel *k)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < NPROBES; i++) {
		enum probe_id again = kernel_table[i].again;
		struct bpf_program *p = bpf_object__find_program_by_name(
		    k->skel->obj, kernel_table[i].prog);
		struct bpf_prog_info info = { .type = 0 };
		uint32_t len = sizeof(info);

		if (bpf_program__fd(p) >= 0 && i != PROBE_EXEC_FAILED &&
		    i != PROBE_OPEN && i != PROBE_ESCAPE &&
		    (again == 0 || k->link[again] == -1) &&
		    bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len)
		    == 0)
			sum += info.recursion_misses;
	}
	return sum;
}

size_t
kernel_records(const struct kernel *k)
{
	return __atomic_load_n(&k->control->procs, __ATOMIC_RELAXED);
}

bool
kernel_crowded(const struct kernel *k)
{
	return kernel_records(k) > k->max_procs / 2;
}

size_t
kernel_pending(const struct kernel *k)
{
	return __atomic_load_n(&k->control->pending, __ATOMIC_RELAXED);
}

static size_t
room(const struct bpf_map *map)
{
	return bpf_map__max_entries(map);
}

static size_t
counted(const int64_t *n)
{
	int64_t now = __atomic_load_n(n, __ATOMIC_RELAXED);

	return now > 0 ? now : 0;
}

bool
kernel_fill(const struct kernel *k, size_t i, struct kernel_fill *f)
{
	const struct control *c = k->control;
	const struct pidtreed_bpf *s = k->skel;
	const struct kernel_fill rows[] = {
		{ "procs", counted((const int64_t *)&c->procs),
		    room(s->maps.procs) },
		{ "attempts", counted((const int64_t *)&c->pending),
		    room(s->maps.attempts) + room(s->maps.attempts_more) },
		{ "endings", counted((const int64_t *)&c->endings),
		    room(s->maps.endings) + room(s->maps.endings_more) },
		{ "storms", counted((const int64_t *)&c->storms),
		    room(s->maps.storms) },
		{ "sessions", counted((const int64_t *)&c->sessions),
		    room(s->maps.sessions) },
		{ "dns_names", counted((const int64_t *)&c->dns_names),
		    room(s->maps.dns_names) },
		{ "deferred", counted((const int64_t *)&c->deferred),
		    room(s->maps.deferred) },
	};

	if (i >= sizeof(rows) / sizeof(rows[0]))
		return false;
	*f = rows[i];
	return true;
}

/* What the kernel itself says of a map; proc(5), fdinfo. */
static size_t
memlock_of(int fd)
{
	char path[64], line[128];
	unsigned long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "memlock: %lu", &n) == 1)
			break;
	fclose(f);
	return n;
}

size_t
kernel_memory(const struct kernel *k)
{
	struct bpf_map *map;
	size_t sum = 0;

	bpf_object__for_each_map(map, k->skel->obj)
		if (bpf_map__fd(map) >= 0)
			sum += memlock_of(bpf_map__fd(map));
	return sum;
}
