/* SPDX-License-Identifier: BSD-2-Clause */
/* From an item of the ring to messages in the sink; see daemon.h. */
#include "daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "addrnames.h"
#include "boxfilter.h"
#include "cache.h"
#include "conf.h"
#include "config.h"
#include "connection.h"
#include "dns.h"
#include "dns_event.h"
#include "dns_names.h"
#include "host.h"
#include "inflight.h"
#include "kernel.h"
#include "lineage.h"
#include "log.h"
#include "report.h"
#include "rfc5424.h"
#include "sink.h"
#include "status.h"
#include "watch.h"

/* In a token: this was not the attempt's last message.  The top bit of an
   attempt's id is that of its CPU's number (event.h, ENDING_BIT). */
#define TOKEN_PENDING	(1ULL << 63)

/* Real time minus boot time, taken so that a preemption between the two
   readings does not count as a step of the clock. */
static int64_t
clock_offset(void)
{
	struct timespec a, r, b;
	int64_t around, best = INT64_MAX, offset = 0;

	for (int i = 0; i < 3; i++) {
		clock_gettime(CLOCK_BOOTTIME, &a);
		clock_gettime(CLOCK_REALTIME, &r);
		clock_gettime(CLOCK_BOOTTIME, &b);
		around = (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec -
		    a.tv_nsec;
		if (around >= best)
			continue;
		best = around;
		offset = (r.tv_sec - a.tv_sec) * 1000000LL +
		    (r.tv_nsec - a.tv_nsec) / 1000;
		if (best < 2000)
			break;
	}
	return offset;
}

void
daemon_clock(struct daemon *d)
{
	d->offset = report_offset(d->report, clock_offset());
}

void
daemon_stamp(struct daemon *d, struct message *m)
{
	host_stamp(d->host, m);
	addrnames_stamp(d->addrnames, m);
}

void
daemon_write(struct daemon *d, struct message *m, uint64_t token)
{
	char out[RFC5424_MAX];
	struct timespec now;
	size_t n;

	clock_gettime(CLOCK_BOOTTIME, &now);
	m->seq = ++d->seq;
	m->uptime = now.tv_sec * 100LL + now.tv_nsec / 10000000;
	m->facility = d->conf->facility;
	m->app = (struct str){ PACKAGE_NAME, sizeof(PACKAGE_NAME) - 1 };
	m->procid = d->pid;
	if (m->time == NUM_NONE)
		m->time = now.tv_sec * 1000000LL + now.tv_nsec / 1000 +
		    d->offset;
	daemon_stamp(d, m);
	n = rfc5424_write(m, out);
	status_wrote(d->status, m, n);
	watch_message(d->watch, m, out, n);
	sink_write(d->sink, out, n, token);
}

/* Is this container not logged, or what rules leave out?  An OUTCOME follows
   what its CONNECT was, and so does a CLOSE, as long as it is remembered. */
static bool
left_out(struct daemon *d, const struct attempt *a, struct message *m)
{
	bool box = m->id != MSG_OUTCOME &&
	    !boxfilter_logs(d->conf->box_filter, m);
	void *mark;

	if (!box && !daemon_rules_leave_out(d, m))
		return false;
	d->skipped_boxes += box;
	mark = malloc(1);
	if (mark != NULL && cache_put(d->skipped, a->id, 0, mark) == -1)
		free(mark);
	kernel_release(d->kernel, a->id);
	return true;
}

/* The answers that came before it are read first. */
static void
fill_names(struct daemon *d, const struct attempt *a, struct message *m)
{
	struct dns_exchange x;

	kernel_read_answers(d->kernel);
	if (a->kind != KIND_DNS)
		dns_names_stamp(d->dns_names, &a->key, a->time, m);
	else if (kernel_exchange(d->kernel, a->id, &x) == 0)
		dns_event_fill(a, &x, m);
	else
		dns_event_fill(a, NULL, m);
}

static void
write_attempt(struct daemon *d, const struct attempt *a, enum msgid msgid,
    bool final)
{
	struct message m;

	daemon_clock(d);
	message_init(&m, msgid);
	if (!lineage_fill(d->lineage, a, d->offset, &m)) {
		kernel_release(d->kernel, a->id);
		return;
	}
	fill_names(d, a, &m);
	if (left_out(d, a, &m))
		return;
	if (inflight_set(d->inflight, a->id, final ? INFLIGHT_FINAL :
	    INFLIGHT_PENDING) == -1)
		log_warn("attempts: %s", strerror(errno));
	d->inherited += a->time < d->started;
	daemon_write(d, &m, final ? a->id : a->id | TOKEN_PENDING);
}

/* Is there room for another message?  0, or -1. */
static int
go_on(struct daemon *d)
{
	if (sink_room(d->sink) || d->late)
		return 0;
	/* The kernel keeps what is not read; it counts what it cannot. */
	d->paused = true;
	return -1;
}

/* What the first message of an attempt is called. */
static const enum msgid begins[] = {
	[KIND_CONNECT] = MSG_CONNECT,
	[KIND_LISTEN] = MSG_LISTEN,
	[KIND_ACCEPT] = MSG_ACCEPT,
	[KIND_UDP] = MSG_UDP,
	[KIND_DNS] = MSG_DNS,
	[KIND_EXEC] = MSG_EXEC,
	[KIND_READLINE] = MSG_READLINE,
	[KIND_CAPABLE] = MSG_CAPABLE,
	[KIND_OPEN] = MSG_OPEN,
	[KIND_ESCAPE] = MSG_ESCAPE,
};

int
daemon_attempt(struct daemon *d, const struct attempt *a)
{
	bool final = a->state == ATTEMPT_DECIDED ||
	    a->state == ATTEMPT_NOMARK || (a->kind == KIND_DNS &&
	    (a->flags & ATTEMPT_HELD || d->stopping));

	if (a->state == ATTEMPT_COUNTING)
		return 0;
	if (!connection_wanted(a, d->conf, d->netns)) {
		d->unwanted++;
		kernel_release(d->kernel, a->id);
		return 0;
	}
	if (inflight_get(d->inflight, a->id) == INFLIGHT_PENDING ||
	    a->flags & ATTEMPT_TOLD) {
		if (final)
			write_attempt(d, a, MSG_OUTCOME, true);
	} else if (final || a->flags & ATTEMPT_HELD || d->stopping)
		write_attempt(d, a, a->flags & ATTEMPT_DIGEST ? MSG_DIGEST :
		    begins[a->kind], final);
	return go_on(d);
}

/* Its CONNECT goes first, even if the ring had no room for that. */
static int
ending(struct daemon *d, uint64_t id)
{
	uint64_t begun = id & ~ENDING_BIT;
	struct message m;
	struct attempt a;
	struct ending e;

	if (kernel_ending(d->kernel, begun, &e) == -1)
		return 0;
	if (inflight_get(d->inflight, begun) != INFLIGHT_FINAL &&
	    kernel_attempt(d->kernel, begun, &a) == 0)
		daemon_attempt(d, &a);
	if (cache_get(d->skipped, begun, 0) != NULL) {
		kernel_release(d->kernel, id);
		return 0;
	}
	if (inflight_set(d->inflight, id, INFLIGHT_FINAL) == -1)
		log_warn("endings: %s", strerror(errno));
	daemon_clock(d);
	message_init(&m, MSG_CLOSE);
	lineage_fill_ending(d->lineage, &e, d->offset, &m);
	daemon_rules_leave_out(d, &m);
	daemon_write(d, &m, id);
	return go_on(d);
}

int
daemon_item(void *arg, uint64_t id)
{
	struct daemon *d = arg;
	struct attempt a;

	if (inflight_get(d->inflight, id) == INFLIGHT_FINAL)
		return 0;
	if (id & ENDING_BIT)
		return ending(d, id);
	if (kernel_attempt(d->kernel, id, &a) == -1)
		return 0;
	return daemon_attempt(d, &a);
}

void
daemon_answer(void *arg, const struct dns_answer *a)
{
	struct daemon *d = arg;
	struct dns dns;

	if (dns_parse(a->packet, a->len, &dns) == 0 && dns.n > 0)
		dns_names_learn(d->dns_names, &dns, &a->owner, a->time);
}

void
daemon_done(void *arg, uint64_t token, bool kept)
{
	struct daemon *d = arg;
	uint64_t id = token & ~TOKEN_PENDING;

	if (!kept && d->leave)
		return;
	if (token & TOKEN_PENDING)
		kernel_told(d->kernel, id);
	else {
		kernel_release(d->kernel, id);
		inflight_set(d->inflight, id, INFLIGHT_NONE);
	}
	if (d->paused)
		event_active(d->resume, EV_TIMEOUT, 0);
}
