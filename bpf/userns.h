/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who the caller is inside its user namespace: as a container sees its own. */
#ifndef PIDTREED_USERNS_H
#define PIDTREED_USERNS_H

#include "maps.h"

/*
 * The map of a namespace (kernel/user_namespace.c) has what its ids are in the
 * first one, however deep it is.  More than five ranges are elsewhere in the
 * kernel, and are not looked at.  The ranges are read to where the line comes
 * later: 6.1 said "combined stack size of 6 calls" is too large.
 */
static __always_inline void
attempt_userns(struct attempt *a, struct user_namespace *ns)
{
	struct uid_gid_extent *e = (void *)a->line;
	__u32 n;

	a->nsuid = NO_ID;
	if (BPF_CORE_READ(ns, level) == 0)
		return;
	a->userns = BPF_CORE_READ(ns, ns.inum);
	n = BPF_CORE_READ(ns, uid_map.nr_extents);
	if (n > UID_EXTENTS || bpf_core_read(e, UID_EXTENTS * sizeof(*e),
	    &ns->uid_map.extent))
		return;
	for (__u32 i = 0; i < UID_EXTENTS; i++)
		if (i < n && a->uid - e[i].lower_first < e[i].count)
			a->nsuid = e[i].first + (a->uid - e[i].lower_first);
}

#endif
