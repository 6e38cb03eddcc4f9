/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is true about the process that calls, written down as one JSON line
 * per fact into a file that truth.py joins with the log.
 */
#ifndef PIDTREED_TEST_KNOW_H
#define PIDTREED_TEST_KNOW_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define ANCESTRY_MAX 256

/* A process by its pid in the initial namespace and its start in ticks. */
struct who {
	long pid;
	unsigned long long start;	/* /proc/PID/stat field 22, USER_HZ */
};

/* What a process was told by its creator and knows of itself. */
struct know {
	struct who self;
	struct who by;			/* who created it */
	uint64_t after, before;		/* born between, ns of boot */
	long kuid, kgid;		/* ids outside; -1: the same */
	char root[256];			/* chroot's path, from outside */
	char label[64];			/* the case */
	int unlinked;			/* our executable, since the exec */
	char asked[256];		/* what exec was given; empty: exe */
};

/* A socket's own end and state, as far as the kernel has chosen them. */
struct end {
	char src[64];			/* empty: not known */
	int spt, tcp;			/* TCP_ESTABLISHED...; 0: not known */
};

/* Opens the file of facts and /proc under fixed numbers; survives exec. */
void know_open(struct know *, const char *path);
/* The state to and from the environment, around an exec. */
void know_export(const struct know *);
int know_import(struct know *);

uint64_t know_now(void);		/* ns since boot */
struct who know_who(long pid);		/* start 0 if there is none */
struct who know_self(void);
/* The thread group that is the parent now, in the initial namespace. */
long know_parent(void);
int know_leader_lives(void);		/* of this thread's group */
/* In a new child: it is created by what know->self still says. */
void know_born(struct know *, uint64_t after);

void know_proc(const struct know *);	/* this process, as it is now */
void know_exit(const struct know *, struct who gone);
struct end know_end(int fd);
/* "t":"conn" before the connect, "t":"done" after it. */
void know_conn(const struct know *, const char *mode, const char *dst,
    int dport, int fd);
void know_done(const struct know *, const char *dst, int dport,
    const struct end *, int error);

/* The end of the test's own trouble: one line on standard error, exit 3. */
void fail(const char *what) __attribute__((noreturn));

#endif
