/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector at work: one loop that reads the ring, writes messages, and
 * keeps its promises about time (hold, STATS, LOST at once, watchdog).
 */
#ifndef PIDTREED_DAEMON_H
#define PIDTREED_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"

struct addrnames;
struct boxes;
struct cache;
struct conf;
struct watch;
struct daemon;
struct digests;
struct dns_answer;
struct dns_names;
struct event_base;
struct host;
struct inflight;
struct keep;
struct kernel;
struct leave;
struct lineage;
struct names;
struct notify;
struct rules;
struct sink;
struct status;

#define DAEMON_SKIPPED	32768	/* ids remembered of what is left out */

/* Everything that main opened; a reload replaces conf and frees what it
   replaces unless that is `opened`. */
struct daemon {
	const char *conf_path;
	bool conf_must;
	struct conf *conf;
	const struct conf *opened;	/* what the sink was opened with */
	struct names *names;
	struct addrnames *addrnames;
	struct dns_names *dns_names;
	struct boxes *boxes;
	struct rules *rules;
	struct leave *early;		/* what the kernel does of them */
	struct digests *digests;	/* what rules count */
	struct notify *notify;
	struct keep *keep;
	struct host *host;
	struct event_base *base;
	struct sink *sink;
	struct kernel *kernel;
	struct lineage *lineage;
	struct inflight *inflight;
	struct report *report;
	struct status *status;
	struct watch *watch;	/* NULL: it is done without */

	pid_t pid;
	struct event *ring;		/* armed while the ring is quiet */
	struct event *poll;		/* armed while it is not */
	struct event *answers;		/* when their ring is half full */
	struct event *resume;
	bool paused;			/* the queue is full: not reading */
	bool left;			/* an earlier one's: not all read */
	int64_t seq;
	int64_t offset;			/* real time minus boot time, us */
	uint64_t started;		/* ns since boot */
	uint64_t inherited;		/* attempts from before that */
	uint64_t skipped_boxes;		/* by conf->box_filter */
	uint64_t dropped, digested;	/* by rules */
	struct cache *skipped;		/* their ids, for their ends */
	uint64_t unwanted;		/* sockets that listen, not logged */
	uint32_t netns;			/* our own */
	bool stopping;			/* nothing waits any longer */
	bool late;			/* no time left: full or not */
	bool leave;			/* over: what was not taken, the next
					   collector finds */
};

/* kernel.h and sink.h call back here; arg is the struct daemon. */
int daemon_item(void *arg, uint64_t id);
void daemon_answer(void *arg, const struct dns_answer *);
void daemon_done(void *arg, uint64_t token, bool kept);
/* What there is to say of this attempt now, if it was not said before.  -1:
   the queue is full, paused is set. */
int daemon_attempt(struct daemon *, const struct attempt *);
/* Gives m its number, its host and its time of sending; writes it. */
void daemon_write(struct daemon *, struct message *, uint64_t token);
/* Takes the difference of real time and boot time again, for what is written
   next; a step of the clock is told. */
void daemon_clock(struct daemon *);
/* Host and names, which rules may ask for too. */
void daemon_stamp(struct daemon *, struct message *);
/* What the rules say goes into m.  True: they leave it out, and it is
   counted. */
bool daemon_rules_leave_out(struct daemon *, struct message *);
/* Twice a second: what rules have counted, when an hour is over; at the end
   all of it. */
void daemon_rules_tick(struct daemon *);
void daemon_rules_end(struct daemon *);
/* Takes the new set.  -1: no memory, the old one stays. */
int daemon_rules_set(struct daemon *, struct rules *);
/* After a change of d->rules at run time: the log says what is in force. */
void daemon_rules_changed(struct daemon *);
/* What was there before: the kernel makes an attempt of each. */
void daemon_snapshot(struct daemon *);
/* Runs until SIGTERM or SIGINT, or until nobody reads standard output.  -1:
   one line has gone to log_error. */
int daemon_run(struct daemon *);

#endif
