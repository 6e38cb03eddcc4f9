/* SPDX-License-Identifier: BSD-2-Clause */
/* What an earlier collector left: maps to go on with, links to detach. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keep.h"
#include "log.h"
#include "pidtreed.skel.h"

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
bool
kernel_adopt_maps(struct kernel *k)
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

int
kernel_keep_maps(struct kernel *k)
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

uint64_t
kernel_active_of(int control_fd)
{
	struct control c;
	uint32_t zero = 0;

	return bpf_map_lookup_elem(control_fd, &zero, &c) == 0 ? c.active : 0;
}

void
kernel_link_name(char name[48], uint64_t generation, const char *probe)
{
	snprintf(name, 48, "link%llu-%s", (unsigned long long)generation,
	    probe);
}

/* Everything that is kept and not of this layout and generation goes. */
static void
drop_other(void *arg, const char *name)
{
	struct kernel *k = arg;
	unsigned long long generation;
	int abi;

	if ((sscanf(name, "link%llu-", &generation) == 1 &&
	    generation != k->generation) ||
	    (sscanf(name, "abi%d-", &abi) == 1 && abi != PIDTREE_ABI))
		keep_drop(k->keep, name);
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

void
kernel_count_foreign(struct kernel *k)
{
	keep_each(k->keep, count_foreign, k);
}

void
kernel_drop_others(struct kernel *k)
{
	keep_each(k->keep, drop_other, k);
}
