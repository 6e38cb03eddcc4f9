/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel side, seen from the collector: loads and attaches the probes,
 * takes over what an earlier collector left, and answers questions.
 */
#ifndef PIDTREED_KERNEL_H
#define PIDTREED_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct conf;
struct leave_set;
struct filter;
struct keep;
struct kernel;

/* A probe as START, --check and STATS show it. */
struct kernel_probe {
	const char *name, *hook;
	const char *error;	/* NULL: works; else the reason, borrowed */
	bool spare;		/* works, but is not needed: not attached */
	bool off;		/* the configuration does not want it */
};

/* An attempt to look at, or with ENDING_BIT its ending.  Less than 0: read no
   more of the ring now. */
typedef int kernel_item(void *arg, uint64_t id);

/* An answer to a question of DNS; borrowed. */
typedef void kernel_answer(void *arg, const struct dns_answer *);

/*
 * Is everything there that no probe can do without?  NULL, or one line that
 * says what is missing.  Borrowed until the next call.
 */
const char *kernel_missing(void);
/* Loads each probe alone, attaches none; *n rows, in the order of the table.
   Borrowed until the next call of any kernel_ function. */
const struct kernel_probe *kernel_check(const struct conf *, size_t *n);

/*
 * Loads, adopts what keep holds, attaches, seeds.  NULL after one line to
 * log_error.  Needs CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN (cgroup programs);
 * after it only CAP_BPF and CAP_PERFMON are needed.
 */
struct kernel *kernel_open(const struct conf *, struct keep *, kernel_item *,
    kernel_answer *, void *arg);
/* What kernel_open did: "fresh", "adopted", "reseeded"; and what it could
   not take over, or NULL. */
const char *kernel_how(const struct kernel *);
const char *kernel_cost(const struct kernel *);
size_t kernel_not_adopted(const struct kernel *);	/* attempts */
const struct kernel_probe *kernel_probes(const struct kernel *, size_t *n);

/* Readable when the ring holds something. */
int kernel_fd(const struct kernel *);
/* Gives what is in the ring to the item function; how many that were. */
int kernel_read(struct kernel *);
/* Gives the answers that came to the answer function; readable when there is
   little room left for others. */
void kernel_read_answers(struct kernel *);
int kernel_answers_fd(const struct kernel *);
/* From now on the next attempt makes kernel_fd readable; until this is called
   again, others do not (bpf/ring.h says why).  Read once more after it. */
void kernel_sleep(struct kernel *);
/* Gives every attempt that an earlier collector left to the item function,
   decided or not, then every ending.  1: the item function stopped it, there
   are more; 0. */
int kernel_read_left(struct kernel *);

/* 0, or -1 with errno (ENOENT: not, or no longer, there; what was given to
   kernel_release is no longer there). */
int kernel_attempt(const struct kernel *, uint64_t id, struct attempt *);
/* The ending of that attempt; the same. */
int kernel_ending(const struct kernel *, uint64_t id, struct ending *);
/* Question and answer of that attempt; the same. */
int kernel_exchange(const struct kernel *, uint64_t id, struct dns_exchange *);
/* What an attempt of KIND_EXEC has beside it; the same. */
int kernel_doing(const struct kernel *, uint64_t id, struct doing *);
int kernel_proc(const struct kernel *, const struct proc_key *, struct proc *);
int kernel_image(const struct kernel *, uint64_t id, struct image *);
int kernel_cgroup(const struct kernel *, uint64_t id, struct cgroup_name *);

/* The message of this attempt, or with ENDING_BIT of its ending, was taken: it
   may go.  Collected; kernel_flush hands over what was collected. */
void kernel_release(struct kernel *, uint64_t id);
/* Its CONNECT was taken, its OUTCOME is to come. */
void kernel_told(struct kernel *, uint64_t id);
void kernel_flush(struct kernel *);

/* Fills the idle filter and flips to it; -1 with errno keeps the old one. */
int kernel_set_filter(struct kernel *, const struct conf *);
/* Which rules the kernel decides from now on; NULL: none.  -1 with errno: as
   before.  No program looks at the set of before any more: *last is what it
   has counted in the end; empty if there was none. */
int kernel_set_leave(struct kernel *, const struct leave_set *,
    struct leave_set *last);
/* What was counted so far; this also says that there is still somebody to be
   told.  -1: there is no set. */
int kernel_leave(const struct kernel *, struct leave_set *);
/* The hold time, which kinds are wanted, when counting begins. */
void kernel_set_conf(struct kernel *, const struct conf *);
/* What was counted so far is told at once, by the ring. */
void kernel_end_storms(struct kernel *);
/* Every half second: the hold time, and what was put off. */
void kernel_tick(struct kernel *);
/*
 * What was there before the collector: one attempt for each outbound
 * connection that the filter admits, if that has not been done for these
 * maps, and where listening is set, one for each socket that listens; with
 * accepting these are noted for ACCEPT.  0, or -1 with errno, and nothing or a
 * part was told.
 */
int kernel_snapshot(struct kernel *, bool listening, bool accepting);
/* Goes on with it where there was no room for all: now and then, until it is
   done.  The same results. */
int kernel_snapshot_more(struct kernel *);
/* Compares the family tree with the tasks; mends it.  -1 with errno. */
int kernel_pass(struct kernel *);
/* Sums over the CPUs; recursion misses of the probes beside them. */
void kernel_counters(const struct kernel *, uint64_t n[NCOUNTERS]);
uint64_t kernel_skipped(const struct kernel *);
size_t kernel_records(const struct kernel *);	/* in the family tree */
bool kernel_crowded(const struct kernel *);	/* half of its room taken */
size_t kernel_pending(const struct kernel *);	/* attempts held */
size_t kernel_memory(const struct kernel *);	/* bytes, all maps */
/* How full the maps are that lose something when they are full; false: i is
   beyond. */
struct kernel_fill {
	const char *name;
	size_t used, most;
};
bool kernel_fill(const struct kernel *, size_t i, struct kernel_fill *);

/* stay: programs go on and are found again by the next collector. */
void kernel_close(struct kernel *, bool stay);

#endif
