/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator: one process that does one word of its program after
 * the other, in LOAD of its environment.  birth.c has the words that make
 * processes, place.c those that change where and who they are, image.c those
 * around exec, attempt.c the one that connects, datagram.c those that send.
 */
#ifndef PIDTREED_TEST_LOAD_H
#define PIDTREED_TEST_LOAD_H

#include "know.h"

#define LOAD_ARGS 4096

struct load {
	struct know know;
	char *next;			/* the words that are left */
	char *argv[LOAD_ARGS + 1];	/* for the next exec */
	int argc;
	int fd;				/* a socket that was kept, or -1 */
	struct who up[ANCESTRY_MAX];	/* the line of birth, nearest first */
	int nup;
};

/* Does a word; what follows = is arg, "" if nothing does. */
struct word {
	const char *name;
	void (*run)(struct load *, char *arg);
};

extern const struct word birth_words[], place_words[], image_words[],
    attempt_words[], datagram_words[];

char *load_word(struct load *);		/* the next one, or NULL */
void load_run(struct load *);		/* all that are left */
void load_unescape(char *);		/* %HH in place */

/* io_uring's connect, by hand: flags are enum uring_how; 0 or an errno. */
enum uring_how { URING_INLINE, URING_ASYNC, URING_SQPOLL };
struct sockaddr;
int uring_connect(enum uring_how, int fd, const struct sockaddr *,
    unsigned len);

#endif
