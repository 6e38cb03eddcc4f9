/* SPDX-License-Identifier: BSD-2-Clause */
/* The collector's state as one JSON object; see status.h. */
#include "status.h"

#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "config.h"
#include "watch.h"
#include "daemon.h"
#include "keep.h"
#include "kernel.h"
#include "report.h"
#include "rules.h"
#include "sink.h"
#include "volume.h"

#define SAMPLES		61		/* one a second */
#define HOUR_MS		(3600 * INT64_C(1000))
#define LOST_MS		HOUR_MS		/* a loss is news so long */
#define KMEM_MS		5000		/* asking costs a file for each map */
#define TOP		10
#define RULES		50		/* whose hits are told */
#define FULL_PERCENT	90

struct sample {
	int64_t at;
	uint64_t attempts, messages, bytes;
};

struct status {
	struct daemon *d;
	struct volume *volume;
	uint64_t messages, bytes;
	struct sample sample[SAMPLES];
	size_t nsamples, next;
	uint64_t lost;			/* all of class L */
	int64_t lost_at, begin;
	int64_t kmem, kmem_at;
};

static uint64_t
sum_lost(const struct status *s)
{
	struct report_count c;
	uint64_t sum = 0;

	for (size_t i = 0; report_count(s->d->report, i, &c); i++)
		if (c.class == COUNTER_L)
			sum += c.n;
	return sum;
}

static void
take_sample(struct status *s, int64_t now)
{
	struct report_count c;
	struct sample *p = s->sample + s->next;

	p->at = now;
	p->attempts = report_count(s->d->report, COUNTER_attempts, &c) ?
	    c.n : 0;
	p->messages = s->messages;
	p->bytes = s->bytes;
	s->next = (s->next + 1) % SAMPLES;
	if (s->nsamples < SAMPLES)
		s->nsamples++;
}

struct status *
status_new(struct daemon *d)
{
	struct status *s = calloc(1, sizeof(*s));
	int64_t now = clock_ms();

	if (s == NULL || (s->volume = volume_new(now)) == NULL) {
		free(s);
		return NULL;
	}
	s->d = d;
	s->begin = now;
	s->lost = sum_lost(s);
	s->lost_at = s->kmem_at = now - LOST_MS;
	take_sample(s, now);
	return s;
}

void
status_wrote(struct status *s, const struct message *m, size_t bytes)
{
	s->messages++;
	s->bytes += bytes;
	volume_add(s->volume, clock_ms(), m, bytes);
}

void
status_tick(struct status *s)
{
	int64_t now = clock_ms();
	uint64_t lost = sum_lost(s);

	if (lost > s->lost)
		s->lost_at = now;
	s->lost = lost;
	if (now - s->sample[(s->next + SAMPLES - 1) % SAMPLES].at >= 1000)
		take_sample(s, now);
}

static void
add(struct fjson_object *o, const char *name, const char *s)
{
	if (s != NULL)
		fjson_object_object_add(o, name, fjson_object_new_string(s));
}

static void
add_number(struct fjson_object *o, const char *name, int64_t n)
{
	if (n != NUM_NONE)
		fjson_object_object_add(o, name, fjson_object_new_int64(n));
}

/* One after the point is enough of a rate. */
static void
add_rate(struct fjson_object *o, const char *name, uint64_t n, int64_t ms)
{
	double rate = ms > 0 ? n * 1000.0 / ms : 0;
	char text[32];

	snprintf(text, sizeof(text), "%.1f", rate);
	fjson_object_object_add(o, name, fjson_object_new_double_s(rate,
	    text));
}

static struct fjson_object *
add_object(struct fjson_object *o, const char *name)
{
	struct fjson_object *p = fjson_object_new_object();

	fjson_object_object_add(o, name, p);
	return p;
}

static struct fjson_object *
add_array(struct fjson_object *o, const char *name)
{
	struct fjson_object *p = fjson_object_new_array();

	fjson_object_object_add(o, name, p);
	return p;
}

static void
add_reason(struct fjson_object *reasons, const char *a, const char *b,
    const char *c)
{
	char mem[512];
	struct buf buf;

	buf_init(&buf, mem, sizeof(mem));
	buf_adds(&buf, a);
	buf_adds(&buf, b);
	buf_adds(&buf, c);
	if (buf_cstr(&buf) != NULL)
		fjson_object_array_add(reasons, fjson_object_new_string(mem));
}

/* What is wrong, for whoever has to mend it. */
static void
add_health(struct status *s, struct fjson_object *o)
{
	struct fjson_object *reasons = fjson_object_new_array();
	struct kernel_fill f;
	size_t n;
	const struct kernel_probe *p = kernel_probes(s->d->kernel, &n);
	const char *target = sink_target(s->d->sink);

	for (size_t i = 0; i < n; i++)
		if (p[i].error != NULL && !p[i].off)
			add_reason(reasons, p[i].name, ": ", p[i].error);
	if (clock_ms() - s->lost_at < LOST_MS)
		add_reason(reasons, "something was lost in the last hour", "",
		    "");
	if (strncmp(target, "waiting:", 8) == 0)
		add_reason(reasons, "nobody reads messages yet: ", target, "");
	if (s->d->paused || !sink_room(s->d->sink))
		add_reason(reasons, "the queue is full: ", target,
		    " does not take messages");
	for (size_t i = 0; kernel_fill(s->d->kernel, i, &f); i++)
		if (f.used * 100 > f.most * FULL_PERCENT)
			add_reason(reasons, f.name, ": ",
			    "the map is nearly full");
	fjson_object_object_add(o, "healthy", fjson_object_new_boolean(
	    fjson_object_array_length(reasons) == 0));
	fjson_object_object_add(o, "reasons", reasons);
}

static void
add_self(const struct status *s, struct fjson_object *o)
{
	const struct daemon *d = s->d;

	add(o, "version", PACKAGE_VERSION);
	add_number(o, "abi", PIDTREE_ABI);
	add_number(o, "pid", d->pid);
	add_number(o, "uptime", (clock_ms() - s->begin) / 1000);
	add(o, "how", kernel_how(d->kernel));
	add(o, "cost", kernel_cost(d->kernel));
	add(o, "keep", keep_where(d->keep));
	add(o, "target", sink_target(d->sink));
	add(o, "config", d->conf->hash);
	add(o, "filter", d->conf->filter->text);
	add(o, "filterHash", d->conf->filter->hash);
}

static void
add_probes(const struct status *s, struct fjson_object *o)
{
	struct fjson_object *list = add_array(o, "probes"), *row;
	size_t n;
	const struct kernel_probe *p = kernel_probes(s->d->kernel, &n);

	for (size_t i = 0; i < n; i++) {
		row = fjson_object_new_object();
		add(row, "name", p[i].name);
		add(row, "hook", p[i].hook);
		add(row, "state", p[i].off ? "off" : p[i].error != NULL ?
		    "refused" : p[i].spare ? "spare" : "active");
		add(row, "reason", p[i].off ? NULL : p[i].error);
		fjson_object_array_add(list, row);
	}
}

static void
add_counters(const struct status *s, struct fjson_object *o)
{
	static const char *const name[] = {
		[COUNTER_I] = "counters",
		[COUNTER_S] = "leftOut",
		[COUNTER_L] = "losses",
	};
	struct fjson_object *by[3];
	struct report_count c;
	size_t i;

	for (i = 0; i < 3; i++)
		by[i] = add_object(o, name[i]);
	for (i = 0; report_count(s->d->report, i, &c); i++)
		add_number(by[c.class], c.name, c.n);
	add_number(by[COUNTER_I], "messages", s->messages);
	add_number(by[COUNTER_I], "bytes", s->bytes);
}

static void
add_rates(const struct status *s, struct fjson_object *o)
{
	struct fjson_object *rates = add_object(o, "rates");
	const struct sample *b = s->sample + (s->next + SAMPLES - 1) % SAMPLES;
	const struct sample *a = s->nsamples < SAMPLES ? s->sample :
	    s->sample + s->next;
	int64_t ms = b->at - a->at;

	add_number(rates, "seconds", ms / 1000);
	add_rate(rates, "attempts", b->attempts - a->attempts, ms);
	add_rate(rates, "messages", b->messages - a->messages, ms);
	add_rate(rates, "bytes", b->bytes - a->bytes, ms);
}

static void
add_room(struct status *s, struct fjson_object *o)
{
	struct fjson_object *queue = add_object(o, "queue");
	struct fjson_object *memory = add_object(o, "memory");
	struct fjson_object *maps = add_object(o, "maps"), *map;
	struct kernel_fill f;

	add_number(queue, "messages", sink_queued(s->d->sink));
	add_number(queue, "unread", sink_unread(s->d->sink));
	add_number(queue, "size", s->d->conf->queue);
	if (clock_ms() - s->kmem_at >= KMEM_MS) {
		s->kmem = kernel_memory(s->d->kernel);
		s->kmem_at = clock_ms();
	}
	add_number(memory, "rss", report_rss());
	add_number(memory, "kernel", s->kmem);
	for (size_t i = 0; kernel_fill(s->d->kernel, i, &f); i++) {
		map = add_object(maps, f.name);
		add_number(map, "used", f.used);
		add_number(map, "size", f.most);
	}
}

static void
add_volume(struct status *s, struct fjson_object *o)
{
	struct fjson_object *v = add_object(o, "volume"), *list, *row;
	struct volume_lineage top[TOP];
	struct volume_sum day;
	int64_t now = clock_ms(), ms;
	size_t n;

	volume_day(s->volume, now, &day);
	n = volume_top(s->volume, now, top, TOP, &ms);
	add_number(v, "seconds", day.ms / 1000);
	add_number(v, "messages", day.messages);
	add_number(v, "bytes", day.bytes);
	add_number(v, "bytesPerDay", day.ms < HOUR_MS ? NUM_NONE :
	    (int64_t)(day.bytes * (86400000.0 / day.ms)));
	add_number(v, "lineagesSeconds", ms / 1000);
	list = add_array(v, "lineages");
	for (size_t i = 0; i < n; i++) {
		row = fjson_object_new_object();
		add(row, "lineage", top[i].name);
		add_number(row, "messages", top[i].messages);
		add_number(row, "bytes", top[i].bytes);
		if (top[i].over > 0)
			add_number(row, "over", top[i].over);
		fjson_object_array_add(list, row);
	}
}

/* Those that were true of something. */
static void
add_rules(const struct status *s, struct fjson_object *o)
{
	const struct rules *rules = s->d->rules;
	struct fjson_object *hits = add_object(o, "ruleHits");
	int n = 0;

	add_number(o, "rules", rules_count(rules));
	add(o, "rulesHash", rules_hash(rules));
	for (size_t i = 0; i < rules_count(rules) && n < RULES; i++)
		if (rules_at(rules, i)->hits > 0) {
			add_number(hits, rules_at(rules, i)->name,
			    rules_at(rules, i)->hits);
			n++;
		}
}

struct fjson_object *
status_json(struct status *s)
{
	struct fjson_object *all = fjson_object_new_object(), *o;

	if (all == NULL)
		return NULL;
	o = add_object(all, "status");
	add_health(s, o);
	add_self(s, o);
	add_probes(s, o);
	add_rates(s, o);
	add_counters(s, o);
	add_rules(s, o);
	add_room(s, o);
	add_volume(s, o);
	watch_describe(s->d->watch, o);
	return all;
}

void
status_free(struct status *s)
{
	if (s == NULL)
		return;
	volume_free(s->volume);
	free(s);
}
