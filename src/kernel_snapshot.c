/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The snapshot: sockets that were there before.  An iterator over all open
 * files finds who holds each socket, and then tells each once.
 */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "keep.h"

bool
kernel_follows(const struct kernel *k)
{
	return __atomic_load_n(&k->control->followed, __ATOMIC_RELAXED) > 0;
}

/*
 * No program can set sock_ops' flag on a socket that it did not see coming
 * (bpf_setsockopt, since 6.13), so the ends of these come by the tracepoint,
 * as long as there are any.
 */
static void
follow(struct kernel *k)
{
	struct kernel_probe *outcome = &k->probes[PROBE_OUTCOME];

	if (!outcome->spare)
		return;
	outcome->spare = false;
	k->following = true;
	kernel_attach(k, PROBE_OUTCOME, -1);
}

void
kernel_unfollow(struct kernel *k)
{
	char name[48];

	k->following = false;
	if (k->link[PROBE_OUTCOME] == -1)
		return;
	kernel_link_name(name, k->generation, kernel_table[PROBE_OUTCOME].name);
	keep_drop(k->keep, name);
	close(k->link[PROBE_OUTCOME]);
	k->link[PROBE_OUTCOME] = -1;
	k->probes[PROBE_OUTCOME].spare = true;
}

/* Over every open file; the program writes nothing. */
static int
round_over_files(struct kernel *k, uint32_t what)
{
	int fd = bpf_iter_create(bpf_link__fd(k->file_link)), err = 0;
	char none[64];
	ssize_t n;

	if (fd == -1)
		return -1;
	__atomic_store_n(&k->control->snapshot, what, __ATOMIC_SEQ_CST);
	do
		n = read(fd, none, sizeof(none));
	while (n > 0 || (n == -1 && errno == EAGAIN));
	if (n == -1)
		err = errno;
	__atomic_store_n(&k->control->snapshot, 0, __ATOMIC_SEQ_CST);
	close(fd);
	errno = err;
	return err != 0 ? -1 : 0;
}

/* Tells what was found and not told yet, as far as there is room. */
static int
tell(struct kernel *k)
{
	uint32_t *left = &k->control->snapshot_left;

	__atomic_store_n(left, 0, __ATOMIC_SEQ_CST);
	if (round_over_files(k, k->snapshot) == -1 ||
	    round_over_files(k, k->snapshot | SNAP_ANY) == -1) {
		k->snapshot = 0;
		return -1;
	}
	if (__atomic_load_n(left, __ATOMIC_SEQ_CST) != 0)
		return 0;
	if (k->snapshot & SNAP_CONNECT)
		__atomic_store_n(&k->control->snapped, 1, __ATOMIC_SEQ_CST);
	k->snapshot = 0;
	return 0;
}

int
kernel_snapshot_more(struct kernel *k)
{
	if (k->snapshot == 0 || __atomic_load_n(&k->control->pending,
	    __ATOMIC_RELAXED) > k->attempts_most / 4)
		return 0;
	return tell(k);
}

int
kernel_snapshot(struct kernel *k, bool listening, bool accepting)
{
	bool connections = !k->control->snapped;
	uint32_t what = (connections ? SNAP_CONNECT : 0) |
	    (listening ? SNAP_LISTEN : 0) | (accepting ? SNAP_ACCEPT : 0);

	if (what == 0 || k->file_link == NULL || k->snapshot != 0)
		return 0;
	if (connections)
		follow(k);
	if (round_over_files(k, what | SNAP_FIND) == -1)
		return -1;
	k->snapshot = what;
	return tell(k);
}
