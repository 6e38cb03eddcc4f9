/* SPDX-License-Identifier: BSD-2-Clause */
/* What an earlier collector left: maps to go on with, links to detach. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keep.h"
#include "log.h"
#include "pidtreed.skel.h"

/* The maps that are kept, under the number of their layout; which rules the
   kernel decides, and which opens it looks for, ends with the collector that
   has read them, and who finds an attempt that counts checks may as well find
   another. */
static bool
kept_map(const struct bpf_map *map)
{
	return !bpf_map__is_internal(map) &&
	    strncmp(bpf_map__name(map), "leave_", 6) != 0 &&
	    strncmp(bpf_map__name(map), "check", 5) != 0 &&
	    strncmp(bpf_map__name(map), "open_", 5) != 0;
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

/* A set that is not whole is of no use and in the way. */
static void
drop_map(void *arg, const char *name)
{
	struct kernel *k = arg;
	int abi;

	if (sscanf(name, "abi%d-", &abi) == 1 && abi == PIDTREE_ABI)
		keep_drop(k->keep, name);
}

void
kernel_drop_maps(struct kernel *k)
{
	keep_each(k->keep, drop_map, k);
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

static bool
foreign_map(const char *name, int *abi)
{
	return sscanf(name, "abi%d-", abi) == 1 && *abi != PIDTREE_ABI;
}

static void
look_at(void *arg, const char *name)
{
	struct kernel *k = arg;
	unsigned long long generation;
	int abi;

	if (sscanf(name, "link%llu-", &generation) == 1 &&
	    generation > k->generation)
		k->generation = generation;
	if (foreign_map(name, &abi))
		k->foreign = abi;
}

void
kernel_look_around(struct kernel *k)
{
	keep_each(k->keep, look_at, k);
}

/* What every layout begins with: the number that its programs obey. */
static void
close_gate(void *arg, const char *name)
{
	struct kernel *k = arg;
	struct bpf_map_info info = { .type = 0 };
	uint32_t len = sizeof(info), zero = 0;
	uint64_t value[512];
	int abi, fd;

	if (!foreign_map(name, &abi) || strstr(name, "-control") == NULL ||
	    (fd = keep_get(k->keep, name)) == -1)
		return;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) == 0 &&
	    info.value_size >= sizeof(value[0]) &&
	    info.value_size <= sizeof(value) &&
	    bpf_map_lookup_elem(fd, &zero, value) == 0) {
		value[0] = 0;
		bpf_map_update_elem(fd, &zero, value, BPF_ANY);
	}
	close(fd);
}

/* Every attempt that is still in the old map is one without a message, or
   one whose OUTCOME will not come. */
static void
count_foreign(void *arg, const char *name)
{
	struct kernel *k = arg;
	char key[64], next[64];
	bool first = true;
	int abi, fd;

	if (!foreign_map(name, &abi) || strstr(name, "-attempts") == NULL ||
	    (fd = keep_get(k->keep, name)) == -1)
		return;
	for (size_t n = 0; n < 1000000 && bpf_map_get_next_key(fd,
	    first ? NULL : key, next) == 0; n++) {
		memcpy(key, next, sizeof(key));
		first = false;
		k->not_adopted++;
	}
	close(fd);
}

static void
drop_other(void *arg, const char *name)
{
	struct kernel *k = arg;
	unsigned long long generation;
	int abi;

	if (foreign_map(name, &abi) ||
	    (sscanf(name, "link%llu-", &generation) == 1 &&
	    generation != k->generation))
		keep_drop(k->keep, name);
}

void
kernel_drop_others(struct kernel *k)
{
	/* No program runs as long as this. */
	static const struct timespec moment = { 0, 10000000 };

	if (k->foreign != 0) {
		keep_each(k->keep, close_gate, k);
		nanosleep(&moment, NULL);
		keep_each(k->keep, count_foreign, k);
		snprintf(k->cost, sizeof(k->cost), "family tree of layout %d "
		    "read anew, %zu attempts of it not taken over",
		    k->foreign, k->not_adopted);
	}
	keep_each(k->keep, drop_other, k);
}
