/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's side of a helper process (helper.h): asks it, waits a
 * bounded time, takes answers that come late, starts another when it died.
 */
#ifndef PIDTREED_ASKER_H
#define PIDTREED_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct asker;

/* Requests and answers begin with the uint32_t id that pairs them. */
struct asker_spec {
	const char *what;		/* that it is asked for, in a warning */
	void *arg;			/* of the following */
	pid_t (*start)(void *arg, int *fd);	/* -1 with errno */
	size_t answer;			/* bytes */
	/* answer NULL: there was none in time. */
	void (*learn)(void *arg, uint64_t key, const void *answer);
};

/* Starts the helper.  Copies the spec.  NULL with errno. */
struct asker *asker_open(const struct asker_spec *);
/* Takes what has come; is there a helper?  One that died is said (log_warn)
   and started again, at most once a minute: as whoever the collector is by
   then, without capabilities. */
bool asker_ready(struct asker *);
unsigned asker_waiting(const struct asker *);	/* requests without answer */
/*
 * Asks for key, unless that was done and has no answer yet, and waits for it,
 * at most *budget_us, from which it takes what it used.  learn is called in
 * any case, unless too much is being asked for or the helper died.  request:
 * size bytes, whose id is filled in.  After asker_ready alone.
 */
void asker_ask(struct asker *, uint64_t key, void *request, size_t size,
    int64_t *budget_us);
pid_t asker_pid(const struct asker *);		/* -1: none now */
void asker_close(struct asker *);

#endif
