/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The entry in `attempts`: made at the SYN with everything that is true at
 * that moment, decided once, deleted by the collector when its message was
 * taken.  The ring carries only the id of an attempt that is decided.
 */
#ifndef PIDTREED_ATTEMPT_H
#define PIDTREED_ATTEMPT_H

#include "filter.bpf.h"
#include "caller.h"
#include "ring.h"

static const struct attempt attempt_empty;

__weak __noinline int
attempt_unmarked(__u64 id)
{
	struct attempt *a = attempt_find(&id);

	if (!a)
		return 0;
	count(COUNTER_nomark);
	a->state = ATTEMPT_NOMARK;
	attempt_ring(a, id);
	return 0;
}

/* The outcome, whoever brings it first. */
__weak __noinline int
attempt_decided(__u64 id, int established, int err, __u32 sport)
{
	struct attempt *a = attempt_find(&id);

	if (!a || a->id != id || a->state != ATTEMPT_SYN)
		return 0;
	if (!a->sport)
		a->sport = sport;
	if (established)
		__sync_fetch_and_or(&a->flags, ATTEMPT_EST);
	a->err = err;
	a->decided = bpf_ktime_get_boot_ns();
	barrier();
	/* From here on the collector may delete it. */
	if (__sync_val_compare_and_swap(&a->state, ATTEMPT_SYN,
	    ATTEMPT_DECIDED) == ATTEMPT_SYN)
		attempt_ring(a, id);
	return 0;
}

/* What the tuple does not have of a socket. */
static __always_inline void
tuple_more(struct tuple *t, struct tcp_sock *tp)
{
	struct mptcp_subflow_context *subflow;
	struct mptcp_sock *msk;

	t->netns = tp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net->ns.inum;
	t->repair = BPF_CORE_READ_BITFIELD_PROBED(tp, repair);
	if (!bpf_core_field_exists(tp->is_mptcp) || !tp->is_mptcp)
		return;
	subflow = BPF_CORE_READ(tp, inet_conn.icsk_ulp_data);
	msk = (void *)BPF_CORE_READ(subflow, conn);
	t->msk = (__u64)msk;
	t->msk_token = BPF_CORE_READ(msk, token);
}

/* Of a process that is not the caller nothing is known but its record; 0 would
   be root. */
static __always_inline void
attempt_nobody(struct attempt *a)
{
	a->uid = a->euid = a->gid = a->egid = a->auid = a->ses = NO_ID;
}

/* A further MPTCP subflow is opened by a kernel thread for the process that
   opened the first; that one leaves its name under the msk.  Out of line, as
   the caller's frame is below all that attempt_new calls (512 bytes). */
static __noinline bool
mptcp_owner(struct attempt *a, const struct tuple *t, bool kernel)
{
	struct msk_owner *known, mine = { .token = t->msk_token };
	__u64 at = t->msk;

	if (!at)
		return false;
	a->flags |= ATTEMPT_MPTCP;
	if (!kernel) {
		mine.key = a->key;
		bpf_map_update_elem(&msk_owners, &at, &mine, BPF_ANY);
		return false;
	}
	known = bpf_map_lookup_elem(&msk_owners, &at);
	if (!known || known->token != mine.token)
		return false;
	a->key = known->key;
	a->flags |= ATTEMPT_SUBFLOW;
	attempt_nobody(a);
	return true;
}

/* The record of the process: its birth, its image, and a reference so that
   they stay until the message was taken. */
static __always_inline void
attempt_record(struct attempt *a)
{
	struct proc_key key = a->key;
	struct proc *r = bpf_map_lookup_elem(&procs, &key);

	if (!r || !proc_get(&key)) {
		count(COUNTER_norecord);
		return;
	}
	a->flags |= ATTEMPT_REF;
	a->image = r->image;
	a->parent = r->parent;
	a->cut = r->cut;
	if (!(a->flags & (ATTEMPT_SUBFLOW | ATTEMPT_OWNER)))
		return;
	a->uid = r->uid;
	a->euid = r->euid;
	a->gid = r->gid;
	a->egid = r->egid;
	a->auid = r->auid;
	a->ses = r->ses;
	a->cgroup = r->cgroup;
	__builtin_memcpy(a->comm, r->comm, sizeof(a->comm));
}

static __always_inline void
attempt_drop(struct control *c, __u64 id)
{
	struct attempt *a = attempt_find(&id);
	struct proc_key key;
	bool ref, dns;

	if (!a)
		return;
	key = a->key;
	ref = a->flags & ATTEMPT_REF;
	dns = a->kind == KIND_DNS;
	if (bpf_map_delete_elem(&attempts, &id) &&
	    bpf_map_delete_elem(&attempts_more, &id))
		return;
	__sync_fetch_and_add(&c->pending, -1);
	if (dns) {
		bpf_map_delete_elem(&dns_exchanges, &id);
		__sync_fetch_and_add(&c->dns_pending, -1);
	}
	if (ref)
		proc_drop(&key);
}

/* Its memory; the id, or 0. */
static __always_inline __u64
attempt_room(struct control *c)
{
	__u32 zero = 0;
	__u64 *seq = bpf_map_lookup_elem(&attempt_seq, &zero), id;

	if (!seq)
		return 0;
	id = (__u64)bpf_get_smp_processor_id() << 48 |
	    (__sync_fetch_and_add(seq, 1) & 0xffffffffffffULL);
	if (bpf_map_update_elem(&attempts, &id, &attempt_empty, BPF_NOEXIST) &&
	    bpf_map_update_elem(&attempts_more, &id, &attempt_empty,
	    BPF_NOEXIST)) {
		count(COUNTER_attempts_full);
		return 0;
	}
	__sync_fetch_and_add(&c->pending, 1);
	return id;
}

/* What is known of it before it is known whose it is. */
static __always_inline void
attempt_tuple(struct attempt *a, __u64 id, const struct tuple *tuple)
{
	a->id = id;
	a->time = tuple->time;
	a->kind = tuple->kind;
	a->flags = tuple->flags;
	a->proto = tuple->proto;
	a->netns = tuple->netns;
	a->family = tuple->family;
	a->sport = tuple->sport;
	a->dport = tuple->dport;
	__builtin_memcpy(a->saddr, tuple->saddr, sizeof(a->saddr));
	__builtin_memcpy(a->daddr, tuple->daddr, sizeof(a->daddr));
}

/* A new attempt of task t, not announced yet; NULL: there is no room. */
static __always_inline struct attempt *
attempt_begin(struct tuple *tuple, struct task_struct *t)
{
	struct control *c = control_get();
	struct attempt *a;
	__u64 id;

	if (!c || !tuple || !(id = attempt_room(c)) ||
	    !(a = attempt_find(&id)))
		return NULL;
	tuple->time = bpf_ktime_get_boot_ns();
	attempt_tuple(a, id, tuple);
	key_of(&a->key, t);
	if (tuple->kind == KIND_ACCEPT || (tuple->kind == KIND_DNS &&
	    !key_equal(&a->key, &tuple->owner))) {
		a->key = tuple->owner;
		a->flags |= ATTEMPT_OWNER;
		attempt_nobody(a);
	} else if (tuple->kind == KIND_DNS ||
	    !mptcp_owner(a, tuple, t->flags & PF_KTHREAD)) {
		if (t->flags & PF_KTHREAD)
			a->flags |= ATTEMPT_KERNEL;
		attempt_caller(a);
	}
	attempt_record(a);
	return a;
}

/*
 * A new attempt of the current task; 0: there is no room.  Only a connection
 * that has sent its SYN waits for an outcome, and a digest for the end of its
 * time; all else is announced at once and may be gone when this returns.
 */
__weak __noinline __u64
attempt_new(struct tuple *tuple)
{
	struct attempt *a;
	__u64 id;

	a = attempt_begin(tuple, bpf_get_current_task_btf());
	if (!a || !tuple)
		return 0;
	id = a->id;
	if (tuple->digest) {
		a->flags |= ATTEMPT_DIGEST;
		barrier();
		a->state = ATTEMPT_COUNTING;
		return id;
	}
	if (tuple->repair) {
		a->flags |= ATTEMPT_REPAIR;
		count(COUNTER_repair);
	}
	if (tuple->kind == KIND_CONNECT)
		count(COUNTER_attempts);
	barrier();
	if (tuple->kind == KIND_DNS ||
	    (tuple->kind == KIND_CONNECT && !tuple->repair)) {
		a->state = ATTEMPT_SYN;
		return id;
	}
	if (tuple->quic)
		a->flags |= ATTEMPT_QUIC;
	a->state = ATTEMPT_NOMARK;
	attempt_ring(a, id);
	return id;
}

#endif
