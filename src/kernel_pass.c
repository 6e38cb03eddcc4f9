/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pass: every living process gets its record, and records whose process
 * is gone are buried.  At the start it seeds the tree; later it mends what a
 * skipped probe or a full map left.
 */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pidtreed.skel.h"
#include "procfs.h"

#define LONG_RUN	64	/* exited ancestors in a row: RUN_MAX */
#define ROUNDS		64

struct keys {
	struct proc_key *key;
	size_t n, room;
};

static int
by_key(const void *a, const void *b)
{
	const struct proc_key *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->tgid < y->tgid ? -1 : x->tgid > y->tgid;
}

static int
add_keys(struct keys *keys, const struct proc_key *more, size_t n)
{
	struct proc_key *p;

	if (keys->n + n > keys->room) {
		keys->room = 2 * keys->room + n + 1024;
		p = realloc(keys->key, keys->room * sizeof(*p));
		if (p == NULL)
			return -1;
		keys->key = p;
	}
	memcpy(keys->key + keys->n, more, n * sizeof(*more));
	keys->n += n;
	return 0;
}

/* One round over all tasks; the number that wait for their parent's record,
   or -1 with errno. */
static int
round_over_tasks(struct kernel *k, struct keys *keys)
{
	struct proc_key some[256];
	int fd = bpf_iter_create(bpf_link__fd(k->task_link)), waiting = 0;
	ssize_t n;
	int err = 0;

	if (fd == -1)
		return -1;
	keys->n = 0;
	while ((n = read(fd, some, sizeof(some))) > 0 ||
	    (n == -1 && errno == EAGAIN)) {
		if (n == -1)
			continue;
		n /= sizeof(some[0]);
		for (ssize_t i = 0; i < n; i++) {
			waiting += some[i].pad;
			some[i].pad = 0;
		}
		if (add_keys(keys, some, n) == -1) {
			n = -1;
			break;
		}
	}
	if (n == -1)
		err = errno;
	close(fd);
	errno = err;
	return err != 0 ? -1 : waiting;
}

/* All records of the tree, sorted by key; the caller frees *out. */
static ssize_t
all_records(struct kernel *k, struct proc **out)
{
	uint32_t batch, count, room = kernel_records(k) + 4096;
	struct proc_key *keys = malloc(room * sizeof(*keys));
	struct proc *all = malloc(room * sizeof(*all));
	size_t n = 0;
	int err = 0;

	while (keys != NULL && all != NULL && err == 0 && n < room) {
		count = room - n < 1024 ? room - n : 1024;
		err = bpf_map_lookup_batch(k->fd_procs, n == 0 ? NULL : &batch,
		    &batch, keys, all + n, &count, NULL);
		if (err == 0 || errno == ENOENT)
			n += count;
		if (count == 0)
			break;
	}
	free(keys);
	if (all == NULL)
		return -1;
	*out = all;
	return n;
}

static int
by_record(const void *a, const void *b)
{
	return by_key(&((const struct proc *)a)->key,
	    &((const struct proc *)b)->key);
}

static int
key_record(const void *key, const void *r)
{
	return by_key(key, &((const struct proc *)r)->key);
}

/* How many exited ancestors stand in a row above this one, at most? */
static unsigned
longest_run(const struct proc *all, size_t n, const struct proc *r)
{
	unsigned run = 0, longest = 0;

	for (unsigned i = 0; i < 65536 && r->flags & PROC_PARENT_REF; i++) {
		r = bsearch(&r->parent, all, n, sizeof(*all), key_record);
		if (r == NULL)
			break;
		run = r->flags & PROC_EXITED ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest;
}

static void
sweep(struct kernel *k, const struct keys *living, uint64_t begun)
{
	struct proc *all;
	ssize_t n = all_records(k, &all);

	if (n == -1)
		return;
	qsort(all, n, sizeof(*all), by_record);
	for (ssize_t i = 0; i < n; i++) {
		struct proc *r = &all[i];
		uint64_t args[2] = { r->key.start, r->key.tgid };

		if (r->flags & PROC_EXITED || r->head != r->tail)
			continue;
		if (r->key.start < begun && bsearch(&r->key, living->key,
		    living->n, sizeof(r->key), by_key) == NULL &&
		    !procfs_same(&r->key))
			kernel_run(k->fd_bury, args, 2);
		else if (r->line > LONG_RUN && longest_run(all, n, r) >
		    LONG_RUN)
			kernel_run(k->fd_splice, args, 2);
	}
	free(all);
}

int
kernel_pass(struct kernel *k)
{
	struct keys keys = { NULL, 0, 0 };
	struct timespec now;
	int waiting = 1, before = 0;

	clock_gettime(CLOCK_BOOTTIME, &now);
	k->control->hidden = 0;
	for (int i = 0; i < ROUNDS && waiting > 0; i++) {
		waiting = round_over_tasks(k, &keys);
		k->control->hidden = waiting >= before && i > 0;
		before = waiting;
	}
	if (waiting != -1) {
		qsort(keys.key, keys.n, sizeof(*keys.key), by_key);
		sweep(k, &keys, now.tv_sec * 1000000000ULL + now.tv_nsec);
	}
	free(keys.key);
	return waiting == -1 ? -1 : 0;
}
