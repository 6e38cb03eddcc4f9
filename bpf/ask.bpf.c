/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the collector runs for its attempts: the tick over those that wait, and
   letting go of those whose message was taken. */
#include "storm.h"
#include "doing.h"
#include "dns.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* No SYN is repeated for so long: the socket is gone and nobody told. */
#define STALE_NS	(3600 * 1000000000ULL)
/* The collector comes every half second; none is told later than promised. */
#define TICK_NS		500000000ULL

/* Longer than the SYNs of a connection are repeated by default (127 s). */
#define SILENT_NS	(180 * 1000000000ULL)

struct tick {
	__u64 now, hold;
	__u64 silent;		/* an outcome is overdue */
	__u64 checks;		/* how long they are counted */
	__u32 limit, end;	/* of the storm guard; and of checks */
	__s64 gone;		/* storms that are forgotten */
};

static long
tick_step(struct bpf_map *map, __u64 *id, struct attempt *a, struct tick *t)
{
	bool syn = a->state == ATTEMPT_SYN;
	/* One that began after the tick did has no age. */
	__u64 age = a->time < t->now ? t->now - a->time : 0;

	if (syn && age > SILENT_NS && a->kind == KIND_CONNECT)
		t->silent = 1;
	if (syn && age > STALE_NS && __sync_val_compare_and_swap(&a->state,
	    ATTEMPT_SYN, ATTEMPT_NOMARK) == ATTEMPT_SYN)
		count(COUNTER_stale);
	else if (a->state == ATTEMPT_COUNTING && a->kind == KIND_CAPABLE &&
	    (age >= t->checks || t->end))
		a->state = ATTEMPT_NOMARK;
	else if (syn && !(a->flags & ATTEMPT_HELD) && age + TICK_NS >= t->hold)
		__sync_fetch_and_or(&a->flags, ATTEMPT_HELD);
	else if (!(a->flags & ATTEMPT_UNRUNG))
		return 0;
	__sync_fetch_and_and(&a->flags, ~ATTEMPT_UNRUNG);
	attempt_ring(a, *id);
	return 0;
}

static long
ending_step(struct bpf_map *map, __u64 *id, struct ending *e, void *unused)
{
	if (e->flags & ENDING_UNRUNG && ring_id(*id | ENDING_BIT))
		__sync_fetch_and_and(&e->flags, ~ENDING_UNRUNG);
	return 0;
}

/*
 * The time of a storm is over: what was counted in it is told.  Where it went
 * on until then it is taken to go on, and nothing is logged one by one.
 */
static long
storm_step(struct bpf_map *map, struct storm_key *key, struct storm *s,
    struct tick *t)
{
	bool always = key->flags & STORM_ALWAYS;
	__u64 time = key->flags & (STORM_ALWAYS | STORM_FREE) ?
	    STORM_ALWAYS_NS : STORM_NS, id;
	__u32 more, count;
	struct attempt *a;

	if (t->now - s->since < time && !t->end)
		return 0;
	id = __sync_lock_test_and_set(&s->digest, 0);
	more = __sync_lock_test_and_set(&s->more, 0);
	count = __sync_lock_test_and_set(&s->count, more ?
	    (always ? 1 : t->limit) : 0);
	s->since = t->now;
	a = id ? attempt_find(&id) : NULL;
	if (a) {
		a->cnt = more;
		a->decided = s->last;
		barrier();
		a->state = ATTEMPT_NOMARK;
		attempt_ring(a, id);
	} else if (more)	/* its attempt is still made, or had no room */
		__sync_fetch_and_add(&s->more, more);
	else if (!count && !bpf_map_delete_elem(&storms, key))
		t->gone++;
	return 0;
}

/* The same of names that somebody asks for; the next question for one is
   logged again. */
static long
dns_step(struct bpf_map *map, struct dns_key *key, struct dns_name *e,
    struct tick *t)
{
	__u64 time = key->name ? STORM_ALWAYS_NS : STORM_NS, id;
	struct storm *s = &e->storm;
	struct attempt *a;
	__u32 more;

	if (t->now - s->since < time && !t->end)
		return 0;
	id = __sync_lock_test_and_set(&s->digest, 0);
	more = __sync_lock_test_and_set(&s->more, 0);
	a = id ? attempt_find(&id) : NULL;
	if (a) {
		a->cnt = more;
		a->decided = s->last;
		barrier();
		a->state = ATTEMPT_NOMARK;
		attempt_ring(a, id);
	} else if (more) {
		__sync_fetch_and_add(&s->more, more);
		return 0;
	}
	if (!bpf_map_delete_elem(&dns_names, key))
		t->gone++;
	return 0;
}

/* Attempts whose hold time is over, and what the ring had no room for.
   Returns 1 if an outcome is overdue. */
SEC("raw_tp")
int do_tick(struct bpf_raw_tracepoint_args *ctx)
{
	struct control *c = control_get();
	struct tick t = { .now = bpf_ktime_get_boot_ns() };

	if (!c)
		return 0;
	t.hold = c->hold_ns;
	t.checks = c->checks_ns;
	t.end = c->storms_end;
	if (c->pending > 0) {
		bpf_for_each_map_elem(&attempts, tick_step, &t, 0);
		bpf_for_each_map_elem(&attempts_more, tick_step, &t, 0);
	}
	if (c->endings > 0) {
		bpf_for_each_map_elem(&endings, ending_step, NULL, 0);
		bpf_for_each_map_elem(&endings_more, ending_step, NULL, 0);
	}
	if (c->storms > 0) {
		t.limit = c->storm;
		bpf_for_each_map_elem(&storms, storm_step, &t, 0);
		__sync_fetch_and_add(&c->storms, -t.gone);
	}
	if (c->dns_names > 0) {
		t.gone = 0;
		bpf_for_each_map_elem(&dns_names, dns_step, &t, 0);
		__sync_fetch_and_add(&c->dns_names, -t.gone);
	}
	drop_deferred(c, 64);
	return t.silent;
}

static __always_inline void
ending_release(struct control *c, __u64 id)
{
	if (!bpf_map_delete_elem(&endings, &id) ||
	    !bpf_map_delete_elem(&endings_more, &id))
		__sync_fetch_and_add(&c->endings, -1);
}

/* args: how many ids (and RELEASE_TOLD), then the ids, at most 11. */
SEC("raw_tp")
int do_release(struct bpf_raw_tracepoint_args *ctx)
{
	struct control *c = control_get();
	__u64 n = (__u32)ctx->args[0], ids[11];
	bool told = ctx->args[0] & RELEASE_TOLD;

	if (!c)
		return 0;
	for (int i = 0; i < 11; i++)
		ids[i] = ctx->args[i + 1];
	for (int i = 0; i < 11; i++) {
		struct attempt *a;

		if ((__u64)i >= n)
			break;
		if (ids[i] & ENDING_BIT) {
			ending_release(c, ids[i] & ~ENDING_BIT);
			continue;
		}
		if (!told) {
			doing_release(c, ids[i]);
			attempt_drop(c, ids[i]);
			continue;
		}
		a = attempt_find(&ids[i]);
		if (a)
			__sync_fetch_and_or(&a->flags, ATTEMPT_TOLD);
	}
	return 0;
}
