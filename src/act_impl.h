/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside pidtree act: a line comes in (act_input), is an event to act on or
 * not (act_event), its process is stopped or killed (act_process, act_spare),
 * a command is run (act_give, act_job, act_spawn).  What is done is said
 * (act_say).
 */
#ifndef PIDTREED_ACT_IMPL_H
#define PIDTREED_ACT_IMPL_H

#include <sys/types.h>

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr.h"
#include "message.h"
#include "reader.h"

#define ACT_LINE	(64 << 10)	/* bytes of a line, at most */
#define ACT_JOBS	64		/* commands at once, at most */
#define ACT_WAITING	1000		/* events that wait, at most */
#define ACT_RECENT	4096		/* connections that are remembered */
#define ACT_CLOSE_MS	4000		/* from the end of the input to ours;
					   omprog waits for 5 s */

/* What became of the lines, and of the actions. */
#define ACT_COUNTS(X) \
	X(lines,	"lines") \
	X(foreign,	"not of pidtreed") \
	X(malformed,	"malformed") \
	X(too_long,	"too long") \
	X(not_raised,	"not raised") \
	X(not_wanted,	"not what --where wants") \
	X(old,		"too old") \
	X(again,	"of a connection that was acted on before") \
	X(own,		"caused by an action") \
	X(acted,	"to act on") \
	X(overload,	"not acted on: too many at once") \
	X(done,		"commands done") \
	X(failed,	"commands failed") \
	X(late,		"commands ended: out of time") \
	X(signalled,	"processes stopped or killed") \
	X(left,		"processes left alone")

enum act_count {
#define X(name, doc) ACT_##name,
	ACT_COUNTS(X)
#undef X
	ACT_NCOUNTS
};

/* What a command gets on standard input. */
enum act_form { ACT_JSON, ACT_ECS, ACT_CHAT };

struct act_options {
	enum act_form form;
	int signal;		/* SIGSTOP, SIGKILL; 0: neither */
	bool all;		/* also what was not raised */
	char **argv;		/* NULL: no command */
	struct expr *where;	/* NULL: any */
	uint64_t max_age_s;	/* 0: any age */
	uint64_t timeout_s, jobs, waiting, output;
};

/* Lines on standard error: at most so many in a while. */
struct act_say {
	int64_t since;		/* ms */
	unsigned lines;
	uint64_t left_out;
};

/* What a command is given. */
struct act_gift {
	char *input;		/* its standard input */
	size_t input_len;
	char **env;		/* one allocation with what it points to */
};

struct act_seen {
	uint8_t id[ACT_RECENT][32];	/* SHA-256 */
	size_t next, n;
};

struct act_lines {
	char line[ACT_LINE];
	size_t have;
	bool skipping;		/* inside a line that is too long */
};

struct act_jobs;

struct act {
	struct act_options options;
	struct reader *reader;
	struct act_jobs *jobs;
	struct act_say say;
	struct act_seen seen;
	struct act_lines lines;
	char boot[17];		/* of this host, 16 hex digits; "" unknown */
	int64_t began;		/* us since 1970 */
	pid_t rsyslogd;		/* whose program this is; 0: nobody's */
	uint64_t count[ACT_NCOUNTS];
};

int64_t act_now_ms(void);	/* of a clock that is never set */
int64_t act_now_us(void);	/* since 1970 */

/*
 * Splits what comes and hands each line (without its newline) to take(), and
 * writes what omprog waits for to out, at once.  A line that is too long is
 * answered, too.  -1 with errno: out could not be written.
 */
int act_input(struct act *, const char *, size_t, int out,
    void (*take)(struct act *, const char *line, size_t n));

/* Is there something to do?  Then the event, borrowed until the next call;
   NULL: it was counted why not. */
const struct message *act_event(struct act *, const char *line, size_t n);

/* What a command is to be given; done: what became of the process, or NULL.
   -1: no memory, or it is too large. */
int act_give(const struct act_options *, const struct message *,
    const char *done, struct act_gift *);
void act_gift_free(struct act_gift *);

/* Stops or kills the process of the event, or says what it would do; *done is
   text about that, of `size` bytes at most. */
void act_process(struct act *, const struct message *, char *done, size_t size);
/* Why the process is to be left alone whatever it did; NULL: it is not.
   The collector is the one that runs as that process. */
const char *act_spare(pid_t, pid_t collector);
bool act_is_called(pid_t, const char *comm);

/* A living process in proc(5). */
struct act_stat {
	char state;
	pid_t ppid;
	unsigned flags;
	uint64_t start;		/* 1/sysconf(_SC_CLK_TCK) s since boot */
};
int act_stat(pid_t, struct act_stat *);

/*
 * Starts argv in a session of its own, and with *from to read what it writes,
 * which never blocks.  Its number; -1 with errno.
 */
pid_t act_spawn(char **argv, const struct act_gift *, int *from);

/* NULL: no memory. */
struct act_jobs *act_jobs_new(void);
/* Starts the command as soon as there is room; takes over the gift. */
void act_jobs_add(struct act *, struct act_gift *);
bool act_jobs_idle(const struct act_jobs *);
/* Adds what is to be waited for to p, which has room for 2 * ACT_JOBS; their
   number.  *until is when act_jobs_run wants to be called at the latest. */
size_t act_jobs_poll(struct act *, struct pollfd *p, int64_t *until);
/* Takes what they wrote and those that have ended; starts what waits. */
void act_jobs_run(struct act *);
/* Ends all at once: what waits is counted as not acted on. */
void act_jobs_end(struct act *);
void act_jobs_free(struct act_jobs *);

void act_tell(struct act *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* More are lost than acted on: said at once, then once in a while. */
void act_summary(struct act *);

#endif
