/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that the kernel decides; bpf/leave.h reads them. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "leaveout.h"
#include "pidtreed.skel.h"

static int
renew(const struct kernel *k)
{
	uint32_t zero = 0;
	struct timespec now;
	uint64_t until;

	clock_gettime(CLOCK_BOOTTIME, &now);
	until = now.tv_sec * 1000000000ULL + now.tv_nsec + LEAVE_LEASE_NS;
	return bpf_map_update_elem(bpf_map__fd(k->skel->maps.leave_until),
	    &zero, &until, BPF_ANY);
}

static int
new_map(const struct leave_set *set)
{
	uint32_t zero = 0;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "leave_set", sizeof(zero),
	    sizeof(*set), 1, NULL);

	if (fd == -1 || bpf_map_update_elem(fd, &zero, set, BPF_ANY) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Either call returns when the programs that were running have ended: the
   kernel's maybe_wait_bpf_programs(), kernel/bpf/syscall.c. */
static int
put(int sets, int fd)
{
	uint32_t zero = 0;

	if (fd != -1)
		return bpf_map_update_elem(sets, &zero, &fd, BPF_ANY);
	return bpf_map_delete_elem(sets, &zero) == 0 || errno == ENOENT ? 0 :
	    -1;
}

static int
read_set(int fd, struct leave_set *set)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(fd, &zero, set);
}

int
kernel_set_leave(struct kernel *k, const struct leave_set *set,
    struct leave_set *last)
{
	int fd = set == NULL ? -1 : new_map(set);

	memset(last, 0, sizeof(*last));
	if (set != NULL && (fd == -1 || renew(k) == -1))
		goto fail;
	if (put(bpf_map__fd(k->skel->maps.leave_sets), fd) == -1)
		goto fail;
	if (k->fd_leave != -1) {
		read_set(k->fd_leave, last);
		close(k->fd_leave);
	}
	k->fd_leave = fd;
	return 0;
fail:
	if (fd != -1)
		close(fd);
	return -1;
}

int
kernel_leave(const struct kernel *k, struct leave_set *set)
{
	if (k->fd_leave == -1)
		return -1;
	renew(k);
	return read_set(k->fd_leave, set);
}
