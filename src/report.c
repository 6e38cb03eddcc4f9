/* SPDX-License-Identifier: BSD-2-Clause */
/* The collector's own messages; see report.h. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "config.h"
#include "daemon.h"
#include "digests.h"
#include "host.h"
#include "keep.h"
#include "kernel.h"
#include "leave.h"
#include "lineage.h"
#include "log.h"
#include "notify.h"
#include "rules.h"
#include "sink.h"

#define STEP_US		100000		/* more is a step of the clock */
#define PASS_MS		(10 * 60 * 1000)
#define HOST_MS		(24 * 60 * 60 * 1000)
#define SKIPPED_MS	5000		/* asking for it costs system calls */
#define RULES_TOLD	1500		/* bytes of their names and counts */
#define NALL		(NCOUNTERS + NUCOUNTERS)

/* Every counter, the kernel's and ours, by name and class. */
static const struct {
	const char *name;
	enum counter_class class;
} all[NALL] = {
#define X(name, cls, doc) { #name, COUNTER_##cls },
	COUNTERS(X) UCOUNTERS(X)
#undef X
};

struct report {
	struct daemon *d;
	int64_t offset;			/* last seen */
	bool has_offset;
	int64_t next_stats, next_listens, next_pass, next_host, next_skipped,
	    next_dog;
	int64_t stats_ms, listens_ms, dog_ms;
	int64_t since;			/* us: begin of this interval */
	uint64_t logged;		/* attempts at that time */
	uint64_t now[NALL], told[NALL];	/* totals; what LOST has said */
	uint64_t skipped;
	char text[8192];
	struct buf b;
};

static void
read_counters(struct report *r)
{
	const int64_t *u = lineage_counters(r->d->lineage);

	kernel_counters(r->d->kernel, r->now);
	for (size_t i = 0; i < NUCOUNTERS; i++)
		r->now[NCOUNTERS + i] = u[i];
	r->now[NCOUNTERS + UCOUNTER_sink_dropped] = sink_dropped(r->d->sink);
	r->now[NCOUNTERS + UCOUNTER_recursion_misses] = r->skipped;
	r->now[NCOUNTERS + UCOUNTER_inherited] = r->d->inherited;
	r->now[NCOUNTERS + UCOUNTER_container_skipped] = r->d->skipped_boxes;
	r->now[NCOUNTERS + UCOUNTER_listens_filtered] = r->d->unwanted;
	r->now[NCOUNTERS + UCOUNTER_rule_dropped] = r->d->dropped;
	r->now[NCOUNTERS + UCOUNTER_rule_dropped_early] =
	    leave_total(r->d->early);
	r->now[NCOUNTERS + UCOUNTER_rule_digested] = r->d->digested;
	r->now[NCOUNTERS + UCOUNTER_digests_full] =
	    digests_refused(r->d->digests);
	r->now[NCOUNTERS + UCOUNTER_not_adopted] =
	    kernel_not_adopted(r->d->kernel);
}

struct report *
report_new(struct daemon *d)
{
	struct report *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->d = d;
	r->next_pass = clock_ms() + PASS_MS;
	r->next_host = clock_ms() + HOST_MS;
	r->dog_ms = notify_watchdog_us(d->notify) / 1000;
	r->stats_ms = d->conf->stats_s * 1000LL;
	r->next_stats = clock_ms() + r->stats_ms;
	r->listens_ms = d->conf->listen_repeat_s * 1000LL;
	r->next_listens = clock_ms() + r->listens_ms;
	r->skipped = kernel_skipped(d->kernel);
	read_counters(r);
	/* What an earlier collector counted, it has told. */
	if (strcmp(kernel_how(d->kernel), "adopted") == 0)
		memcpy(r->told, r->now, sizeof(r->told));
	r->logged = r->now[COUNTER_attempts];
	return r;
}

bool
report_count(const struct report *r, size_t i, struct report_count *c)
{
	if (i >= NALL)
		return false;
	*c = (struct report_count){ all[i].name, all[i].class, r->now[i] };
	return true;
}

void
report_free(struct report *r)
{
	free(r);
}

static struct str
put_string(struct report *r, const char *s)
{
	struct str str = { r->b.p + r->b.len, strlen(s) };

	buf_adds(&r->b, s);
	return r->b.full || str.n == 0 ? (struct str){ NULL, 0 } : str;
}

/* "fork,exec", and "connect: why; ...": which run, which were refused. */
static void
put_probes(struct report *r, struct message *m)
{
	size_t n, from = r->b.len;
	const struct kernel_probe *p = kernel_probes(r->d->kernel, &n);

	for (size_t i = 0; i < n; i++)
		if (p[i].error == NULL && !p[i].spare && !p[i].off)
			buf_addf(&r->b, "%s%s", r->b.len > from ? "," : "",
			    p[i].name);
	m->probes = (struct str){ r->b.p + from, r->b.len - from };
	from = r->b.len;
	for (size_t i = 0; i < n; i++)
		if (p[i].error != NULL && !p[i].off)
			buf_addf(&r->b, "%s%s: %s", r->b.len > from ? "; " :
			    "", p[i].name, p[i].error);
	if (r->b.len > from)
		m->refused = (struct str){ r->b.p + from, r->b.len - from };
}

/* RFC 5424, 7.1 and 7.2; the kernel's word for the clock (adjtimex(2)). */
static void
put_clock(struct report *r, struct message *m)
{
	struct timex t = { .modes = 0 };

	m->software = put_string(r, PACKAGE_NAME);
	m->swversion = put_string(r, PACKAGE_VERSION);
	m->tzknown = 1;
	if (adjtimex(&t) == -1)
		return;
	m->synced = !(t.status & STA_UNSYNC);
	if (m->synced)
		m->syncaccuracy = t.maxerror;
}

static void
put_counters(struct report *r, struct message *m)
{
	for (size_t i = 0; i < NCOUNTERS; i++)
		m->counter[i] = r->now[i];
	for (size_t i = 0; i < NUCOUNTERS; i++)
		m->ucounter[i] = r->now[NCOUNTERS + i];
	m->queued = sink_queued(r->d->sink);
}

static int64_t
real_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

int64_t
report_rss(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return NUM_NONE;
	if (fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

/* What is in force: enough to tell what this log would contain. */
static void
put_state(struct report *r, struct message *m)
{
	const struct conf *c = r->d->conf;

	m->config = put_string(r, c->hash);
	m->filter = (struct str){ c->filter->text, strlen(c->filter->text) };
	if (c->accept)
		m->acceptfilter = (struct str){ c->accept_filter->text,
		    strlen(c->accept_filter->text) };
	if (c->listen)
		m->listenfilter = (struct str){ c->listen_filter->text,
		    strlen(c->listen_filter->text) };
	m->filterhash = put_string(r, c->filter->hash);
	m->target = put_string(r, sink_target(r->d->sink));
	m->nrules = rules_count(r->d->rules);
	m->ruleshash = put_string(r, rules_hash(r->d->rules));
	put_probes(r, m);
}

/* What rules left out, by their names. */
static struct str
put_told(struct report *r, enum rule_action action)
{
	char text[RULES_TOLD];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	rules_tell(r->d->rules, action, &b);
	text[b.len] = '\0';
	return put_string(r, text);
}

void
report_state(struct report *r, enum msgid id)
{
	struct message m;

	message_init(&m, id);
	buf_init(&r->b, r->text, sizeof(r->text));
	r->skipped = kernel_skipped(r->d->kernel);
	read_counters(r);
	if (id == MSG_START || id == MSG_STOP) {
		m.version = put_string(r, PACKAGE_VERSION);
		m.keep = put_string(r, keep_where(r->d->keep));
	}
	if (id != MSG_STOP)
		put_state(r, &m);
	m.drops = put_told(r, RULE_DROP);
	m.digests = put_told(r, RULE_DIGEST);
	if (id == MSG_START) {
		m.abi = PIDTREE_ABI;
		m.cause = put_string(r, kernel_how(r->d->kernel));
		if (kernel_cost(r->d->kernel) != NULL)
			m.detail = put_string(r, kernel_cost(r->d->kernel));
	}
	if (id == MSG_START || id == MSG_STATS)
		put_clock(r, &m);
	if (id == MSG_STATS || id == MSG_STOP) {
		put_counters(r, &m);
		m.start = r->since;
		m.end = real_us();
		m.cnt = r->now[COUNTER_attempts] - r->logged;
	}
	if (id == MSG_STATS) {
		m.rss = report_rss();
		m.kmem = kernel_memory(r->d->kernel);
	}
	if (id == MSG_RELOAD)
		m.start = r->since;	/* of what rules left out */
	else {
		r->since = real_us();
		r->logged = r->now[COUNTER_attempts];
	}
	daemon_write(r->d, &m, 0);
}

void
report_host(struct report *r)
{
	struct message m;

	message_init(&m, MSG_HOST);
	host_describe(r->d->host, &m);
	daemon_write(r->d, &m, 0);
}

bool
report_stays(const struct report *r)
{
	return keep_managed(r->d->keep);
}

void
report_conf(struct report *r, const struct conf *conf)
{
	r->stats_ms = conf->stats_s * 1000LL;
	if (r->next_stats > clock_ms() + r->stats_ms)
		r->next_stats = clock_ms() + r->stats_ms;
	if (r->listens_ms != conf->listen_repeat_s * 1000LL) {
		r->listens_ms = conf->listen_repeat_s * 1000LL;
		r->next_listens = clock_ms() + r->listens_ms;
	}
}

/* LOST carries what was lost since the last one, by cause. */
static void
report_losses(struct report *r)
{
	struct message m;
	size_t from;

	message_init(&m, MSG_LOST);
	m.severity = LOG_WARNING;
	m.cnt = 0;
	buf_init(&r->b, r->text, sizeof(r->text));
	from = r->b.len;
	for (size_t i = 0; i < NALL; i++) {
		int64_t more = r->now[i] - r->told[i];

		if (all[i].class != COUNTER_L || more <= 0)
			continue;
		buf_addf(&r->b, "%s%s", r->b.len > from ? "," : "",
		    all[i].name);
		if (i < NCOUNTERS)
			m.counter[i] = more;
		else
			m.ucounter[i - NCOUNTERS] = more;
		m.cnt += more;
		r->told[i] = r->now[i];
	}
	if (r->b.len == from)
		return;
	m.cause = (struct str){ r->b.p + from, r->b.len - from };
	m.end = real_us();
	daemon_write(r->d, &m, 0);
}

static bool
due(int64_t *next, int64_t every)
{
	int64_t now = clock_ms();

	if (every == 0 || now < *next)
		return false;
	*next = now + every;
	return true;
}

/* A pass mends the tree; sooner when something has gone wrong or when half of
   the room is taken. */
static void
pass(struct report *r, uint64_t skipped)
{
	int64_t sooner = clock_ms() + SKIPPED_MS;

	if ((skipped > r->skipped || kernel_crowded(r->d->kernel)) &&
	    r->next_pass > sooner)
		r->next_pass = sooner;
	r->skipped = skipped;
	if (due(&r->next_pass, PASS_MS))
		kernel_pass(r->d->kernel);
}

void
report_tick(struct report *r)
{
	if (due(&r->next_dog, r->dog_ms))
		notify_send(r->d->notify, "WATCHDOG=1");
	if (due(&r->next_skipped, SKIPPED_MS))
		pass(r, kernel_skipped(r->d->kernel));
	read_counters(r);
	report_losses(r);
	if (due(&r->next_stats, r->stats_ms))
		report_state(r, MSG_STATS);
	if (due(&r->next_listens, r->listens_ms))
		daemon_snapshot(r->d);
	if (due(&r->next_host, HOST_MS))
		report_host(r);
}

int64_t
report_offset(struct report *r, int64_t offset)
{
	int64_t step = offset - r->offset, was = r->offset;
	struct message m;

	r->offset = offset;
	if (!r->has_offset) {
		r->has_offset = true;
		return offset;
	}
	if (step < STEP_US && step > -STEP_US)
		return offset;
	message_init(&m, MSG_CLOCK);
	m.after = real_us();
	m.before = m.after - offset + was;
	r->d->offset = offset;
	daemon_write(r->d, &m, 0);
	return offset;
}
