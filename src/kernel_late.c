/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that the start had no use for, loaded when a reload wants it: out
 * of another copy of the object, with the maps of the first.
 */
#include "kernel_impl.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "pidtreed.skel.h"

/* All that both have to write to.  Checks are found by one program alone,
   whose maps have no room in the first copy. */
static int
share(struct bpf_object *with, struct bpf_object *obj)
{
	struct bpf_map *map, *mine;
	const char *name;

	bpf_object__for_each_map(map, obj) {
		name = bpf_map__name(map);
		if (strstr(name, ".rodata") != NULL ||
		    strncmp(name, "check", 5) == 0)
			continue;
		mine = bpf_object__find_map_by_name(with, name);
		if (mine == NULL ||
		    bpf_map__reuse_fd(map, bpf_map__fd(mine)) != 0)
			return -1;
	}
	return 0;
}

struct pidtreed_bpf *
kernel_late(struct kernel *k, const struct conf *conf, enum probe_id i)
{
	struct pidtreed_bpf *s;
	struct bpf_program *p;
	int err;

	s = kernel_skel(conf);
	if (s == NULL)
		return NULL;
	*s->rodata = *k->skel->rodata;
	bpf_object__for_each_program(p, s->obj)
		bpf_program__set_autoload(p, strcmp(bpf_program__name(p),
		    kernel_table[i].prog) == 0);
	if (share(k->skel->obj, s->obj) == 0 && pidtreed_bpf__load(s) == 0)
		return s;
	err = errno;
	pidtreed_bpf__destroy(s);
	errno = err;
	return NULL;
}
