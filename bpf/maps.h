/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that is kept in the kernel.  Sizes are set by the collector
 * before it loads; the maps live over restarts and hold what event.h says.
 */
#ifndef PIDTREED_MAPS_H
#define PIDTREED_MAPS_H

#include "kernel.h"
#include "event.h"

/* Every probe includes this; the static linker keeps one of each. */
#define MAP(name, t, k, v, max, ...)					\
	struct {							\
		__uint(type, t);					\
		__type(key, k);						\
		__type(value, v);					\
		__uint(max_entries, max);				\
		__VA_ARGS__						\
	} name __weak SEC(".maps")
#define ON_DEMAND	__uint(map_flags, BPF_F_NO_PREALLOC);

struct counters { __u64 n[NCOUNTERS]; };

MAP(control, BPF_MAP_TYPE_ARRAY, __u32, struct control, 1,
    __uint(map_flags, BPF_F_MMAPABLE););
MAP(counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct counters, 1);

/* The family tree: who lives, or has a living descendant or an attempt. */
MAP(procs, BPF_MAP_TYPE_HASH, struct proc_key, struct proc, 65536, ON_DEMAND);
MAP(images, BPF_MAP_TYPE_HASH, __u64, struct image, 16384, ON_DEMAND);
/* The recently dead, bounded. */
MAP(dead_procs, BPF_MAP_TYPE_LRU_HASH, struct proc_key, struct proc, 8192);
MAP(dead_images, BPF_MAP_TYPE_LRU_HASH, __u64, struct image, 2560);
MAP(cgroups, BPF_MAP_TYPE_LRU_HASH, __u64, struct cgroup_name, 1024);
/* A buried record -> its parent, whose reference is still to be dropped.  Not
   a queue: 6.1's verifier said "Sleepable programs can only use array, hash,
   and ringbuf maps", and the pass is one. */
MAP(deferred, BPF_MAP_TYPE_HASH, struct proc_key, struct proc_key, 4096);

/*
 * Connections.  The first map has its memory from the start: allocating and
 * freeing on demand made a logged connect 3 us dearer, by an interrupt to the
 * own CPU for every sixth element of this size.  The second takes what a
 * collector that cannot deliver leaves there.
 */
MAP(attempts, BPF_MAP_TYPE_HASH, __u64, struct attempt, ATTEMPTS_READY);
MAP(attempts_more, BPF_MAP_TYPE_HASH, __u64, struct attempt, 28672, ON_DEMAND);
MAP(attempt_seq, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 1);
/* How they end; kept in the same two ways. */
MAP(endings, BPF_MAP_TYPE_HASH, __u64, struct ending, ATTEMPTS_READY);
MAP(endings_more, BPF_MAP_TYPE_HASH, __u64, struct ending, 28672, ON_DEMAND);
/* What attempts to execute have beside them, in the same two ways: on demand
   alone made a logged exec 6 us dearer. */
MAP(doings, BPF_MAP_TYPE_HASH, __u64, struct doing, DOINGS_READY);
MAP(doings_more, BPF_MAP_TYPE_HASH, __u64, struct doing, DOINGS_MORE,
    ON_DEMAND);
MAP(mark, BPF_MAP_TYPE_SK_STORAGE, int, struct mark, 0, ON_DEMAND);
/* While a snapshot is taken: which of its holders began first. */
MAP(holders, BPF_MAP_TYPE_SK_STORAGE, int, struct proc_key, 0, ON_DEMAND);
/* Who listens, with the socket; accepted ones are made with it. */
MAP(listeners, BPF_MAP_TYPE_SK_STORAGE, int, struct proc_key, 0,
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE););
/* A UDP socket, while it is bound: 1 if it was given no port. */
MAP(ports_chosen, BPF_MAP_TYPE_SK_STORAGE, int, __u32, 0, ON_DEMAND);
MAP(storms, BPF_MAP_TYPE_HASH, struct storm_key, struct storm, 8192);
struct msk_owner {
	__u64 token;		/* tells a reused address */
	struct proc_key key;
};
MAP(msk_owners, BPF_MAP_TYPE_LRU_HASH, __u64, struct msk_owner, 1024);
/* UDP; a session has a share of three. */
MAP(sessions, BPF_MAP_TYPE_HASH, struct session_key, struct session, SESSIONS,
    ON_DEMAND);
MAP(shares, BPF_MAP_TYPE_HASH, struct share_key, struct session_share,
    NSHARES * SESSIONS, ON_DEMAND);
MAP(addressed, BPF_MAP_TYPE_SK_STORAGE, int, __u64, 0, ON_DEMAND);
MAP(dns_exchanges, BPF_MAP_TYPE_HASH, __u64, struct dns_exchange, DNS_PENDING,
    ON_DEMAND);
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ring __weak SEC(".maps");

/* Two filters; control.filter says which holds. */
MAP(filter4_0, BPF_MAP_TYPE_LPM_TRIE, struct filter_key4, struct filter_value,
    FILTER_PREFIXES, ON_DEMAND);
MAP(filter4_1, BPF_MAP_TYPE_LPM_TRIE, struct filter_key4, struct filter_value,
    FILTER_PREFIXES, ON_DEMAND);
MAP(filter6_0, BPF_MAP_TYPE_LPM_TRIE, struct filter_key6, struct filter_value,
    FILTER_PREFIXES, ON_DEMAND);
MAP(filter6_1, BPF_MAP_TYPE_LPM_TRIE, struct filter_key6, struct filter_value,
    FILTER_PREFIXES, ON_DEMAND);
MAP(ports_0, BPF_MAP_TYPE_ARRAY, __u32, struct portset,
    PORTSET_ACCEPT + 1);
MAP(ports_1, BPF_MAP_TYPE_ARRAY, __u32, struct portset,
    PORTSET_ACCEPT + 1);

/* The generation that this set of programs was loaded as; set before load. */
const volatile __u64 generation __weak = 0;

static __always_inline struct control *
control_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline struct attempt *
attempt_find(const __u64 *id)
{
	struct attempt *a = bpf_map_lookup_elem(&attempts, id);

	return a ? a : bpf_map_lookup_elem(&attempts_more, id);
}

static __always_inline struct doing *
doing_find(const __u64 *id)
{
	struct doing *d = bpf_map_lookup_elem(&doings, id);

	return d ? d : bpf_map_lookup_elem(&doings_more, id);
}

static __always_inline struct ending *
ending_find(const __u64 *id)
{
	struct ending *e = bpf_map_lookup_elem(&endings, id);

	return e ? e : bpf_map_lookup_elem(&endings_more, id);
}

/* A set of programs that is not the active one does nothing: two versions
   can be attached at once, and one number decides. */
static __always_inline struct control *
gate(void)
{
	struct control *c = control_get();

	return c && c->active == generation ? c : NULL;
}

/* Atomic: a program can be interrupted by another on the same CPU. */
static __always_inline void
count(enum counter which)
{
	__u32 zero = 0;
	struct counters *c = bpf_map_lookup_elem(&counters, &zero);

	if (c)
		__sync_fetch_and_add(&c->n[which], 1);
}

#endif
