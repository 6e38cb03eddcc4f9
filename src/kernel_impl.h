/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files kernel*.c share; nobody else includes it. */
#ifndef PIDTREED_KERNEL_IMPL_H
#define PIDTREED_KERNEL_IMPL_H

#include "kernel.h"

enum probe_id {
	PROBE_FORK, PROBE_EXEC, PROBE_EXIT, PROBE_TASKS, PROBE_CONNECT,
	PROBE_OUTCOME, PROBE_CLOSE, PROBE_UDP, PROBE_UDP4, PROBE_UDP6,
	PROBE_UDP_CLOSE, PROBE_UDP_IDLE, PROBE_LISTEN, PROBE_ACCEPT,
	PROBE_SNAPSHOT,
	PROBE_DNS, PROBE_DNS_IN, PROBE_DNS_CONNECT4, PROBE_DNS_CONNECT6,
	PROBE_DNS_BIND4, PROBE_DNS_BIND6,
	PROBE_FORK_AGAIN, PROBE_EXEC_AGAIN, PROBE_EXIT_AGAIN,
	PROBE_EXEC_LOG_AGAIN, PROBE_EXEC_LOG, PROBE_EXEC_FAILED,
	PROBE_READLINE,
	PROBE_BIND4, PROBE_BIND6, PROBE_BIND_PORT4, PROBE_BIND_PORT6,
	PROBE_CAPABLE, PROBE_CAPABLE_EXIT,
	PROBE_OPEN, PROBE_OPEN_URING, PROBE_ESCAPE, PROBE_ESCAPE_EXEC,
	NPROBES
};

/* One row per probe; the order is that of the names in the messages. */
struct probe {
	const char *name, *prog, *hook;
	bool required;
	bool early;		/* attached before the tree is seeded */
	enum probe_id again;	/* does what this one missed; 0: none */
	unsigned want;		/* enum want: for one of these; 0: always */
	bool within;		/* no program of its own: in that of connect,
				   of outcome, or of udp */
	bool demand;		/* attached only while it is wanted */
};
extern const struct probe kernel_table[NPROBES];

#define RELEASE_BATCH	11	/* ids that do_release takes at once */

struct pidtreed_bpf;
struct ring_buffer;
struct bpf_link;

/* Ids on their way to do_release: gone for good, or told once. */
struct release {
	uint64_t n;
	uint64_t id[RELEASE_BATCH];
};

#define READLINE_FILES	32

/* The copies of readline() that are watched.  Their links end with us. */
struct readlines {
	size_t n;
	struct { uint64_t dev, ino; struct bpf_link *link; } v[READLINE_FILES];
};

struct kernel {
	struct pidtreed_bpf *skel;
	struct keep *keep;
	struct control *control;	/* mapped */
	struct ring_buffer *rb;
	struct ring_buffer *dns;	/* the ring of answers */
	kernel_item *item;
	kernel_answer *answer;
	void *arg;
	struct bpf_link *task_link;	/* of the pass */
	struct bpf_link *file_link;	/* of the snapshot */
	int64_t attempts_most;		/* in their maps */
	uint32_t snapshot;		/* enum snapshot: not all told yet */
	bool begun;			/* the tree is seeded */
	bool following;			/* outcome is attached for its sake */
	struct kernel_probe probes[NPROBES];
	char errors[NPROBES][192];
	char no_readline[192];
	int link[NPROBES];		/* -1: not attached */
	struct readlines readlines;
	int cgroup;			/* the root of all */
	uint64_t generation;
	const char *how;
	int foreign;			/* another layout that is kept, or 0 */
	char cost[256];
	size_t not_adopted;
	int fd_control, fd_counters, fd_procs, fd_dead_procs, fd_images,
	    fd_dead_images, fd_cgroups, fd_attempts,
	    fd_attempts_more, fd_endings, fd_endings_more, fd_exchanges,
	    fd_doings, fd_doings_more;
	int fd_tick, fd_sweep, fd_release, fd_bury, fd_splice;
	int fd_leave;		/* the set of rules; -1: none */
	unsigned max_procs;
	struct release done, told;
	uint64_t *percpu;		/* one struct counters per CPU */
	int ncpus;
	int items;			/* of the ring, in this reading */
};

/* kernel.c: i is attached by this link, which goes over to it. */
void kernel_link(struct kernel *, size_t i, struct bpf_link *);

/* kernel_demand.c: attaches what is wanted now, detaches what is not. */
void kernel_demand(struct kernel *, const struct conf *);

/* kernel_open.c: which opens are looked for. */
void kernel_set_watched(struct kernel *, const struct conf *);

/* kernel_escape.c: shows the programs of escapes what the host is. */
void kernel_show_host(struct kernel *);

/* kernel_readline.c: watches every copy that is found; none: why is one line,
   borrowed. */
void kernel_readline(struct kernel *, const struct conf *, const char **why);
void kernel_readline_end(struct readlines *);

/* kernel_capable.c: has this kernel the hook of i, if that is one of the two
   for checks of capabilities?  And the choice, before s is loaded. */
bool kernel_capable_here(enum probe_id i);
void kernel_capable_choose(struct pidtreed_bpf *s, const struct conf *);

/* kernel_ask.c: enum want, what the configuration asks for. */
uint32_t kernel_wants(const struct conf *);

/* kernel_load.c: 0, or -1 after one line to log_error. */
int kernel_load(struct kernel *, const struct conf *, int cgroup);
/* The object, sized as the configuration says, not loaded; NULL with errno. */
struct pidtreed_bpf *kernel_skel(const struct conf *);
/* kernel_late.c: another copy of it with this one program, which works on the
   same maps; NULL with errno.  What is attached outlives it. */
struct pidtreed_bpf *kernel_late(struct kernel *, const struct conf *,
    enum probe_id);
/* Since 7.0 the kernel skips a program on a tracepoint while another task was
   preempted in it; see bpf/kernel.h.  True: it does not. */
bool kernel_again_spare(void);
/* What libbpf complained of since the last clear, else the error's text. */
const char *kernel_reason(int err);
void kernel_reason_clear(void);

/* kernel_adopt.c */
bool kernel_adopt_maps(struct kernel *);
int kernel_keep_maps(struct kernel *);
void kernel_drop_maps(struct kernel *);		/* of this layout */
/* The highest generation in use, and whether another layout is kept. */
void kernel_look_around(struct kernel *);
/* Ends other layouts and generations; counts what that costs. */
void kernel_drop_others(struct kernel *);
uint64_t kernel_active_of(int control_fd);
void kernel_link_name(char name[48], uint64_t generation, const char *probe);

/* kernel.c: attaches a probe; -1 after one line to log_error if it is one that
   nothing can do without. */
int kernel_attach(struct kernel *, enum probe_id, int cgroup);

/* kernel_snapshot.c: the tracepoint is needed for what was there before, or
   not any more. */
bool kernel_follows(const struct kernel *);
void kernel_unfollow(struct kernel *);

/* kernel_ask.c: runs one of the raw_tp programs with n arguments; what it
   returned, or -1 with errno. */
int kernel_run(int prog_fd, const uint64_t *args, size_t n);

#endif
