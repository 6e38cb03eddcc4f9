/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's user side alone: attempts that were recorded on the live
 * kernel, given to it again and again from memory; and beside it a loop that
 * only sends datagrams of the same size.  All but the loading is the
 * collector's own code, the drop of privileges excepted.
 *	replay CONFIGURATION	says "ready"; on a line "record" takes what
 *				the kernel has; on "replay N" writes N
 *				messages; on "send N" sends N datagrams
 */
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "addrnames.h"
#include "boxes.h"
#include "cache.h"
#include "conf.h"
#include "daemon.h"
#include "digests.h"
#include "dns_names.h"
#include "host.h"
#include "inflight.h"
#include "ingest.h"
#include "keep.h"
#include "kernel.h"
#include "leave.h"
#include "lineage.h"
#include "log.h"
#include "loop.h"
#include "names.h"
#include "notify.h"
#include "report.h"
#include "rfc5424.h"
#include "rules.h"
#include "sink.h"
#include "status.h"

#define RECORDS	2048

struct replay {
	struct daemon d;
	struct attempt *record;
	size_t n;
	size_t size;			/* of a datagram: bytes */
};

static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Only the loop's own. */
static int
record_one(void *arg, uint64_t id)
{
	struct replay *r = arg;
	struct attempt *a = &r->record[r->n];

	if (r->n < RECORDS && kernel_attempt(r->d.kernel, id, a) == 0 &&
	    a->dport == LOOP_PORT && a->state == ATTEMPT_DECIDED)
		r->n++;
	return 0;
}

static void
resume(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	d->paused = !sink_room(d->sink);
}

/* As main.c does it. */
static int
open_all(struct replay *r, const char *path)
{
	struct daemon *d = &r->d;

	r->record = calloc(RECORDS, sizeof(*r->record));
	d->conf = conf_read(path, true);
	if (r->record == NULL || d->conf == NULL)
		return -1;
	d->opened = d->conf;
	d->pid = getpid();
	d->names = names_open(d->conf->user);
	if (d->names == NULL)
		d->names = names_open(NULL);
	d->boxes = boxes_open(NULL, NULL);
	d->addrnames = addrnames_new(&d->conf->hosts_files);
	d->notify = notify_open();
	d->keep = d->notify != NULL ? keep_open("bench", d->notify,
	    KEEP_ANYBODY) : NULL;
	d->host = host_new(d->conf);
	d->base = event_base_new();
	d->inflight = inflight_new();
	d->skipped = cache_new(DAEMON_SKIPPED);
	d->rules = rules_read(path);
	d->digests = digests_new();
	d->dns_names = dns_names_new();
	if (d->names == NULL || d->boxes == NULL || d->addrnames == NULL ||
	    d->keep == NULL || d->host == NULL ||
	    d->base == NULL || d->inflight == NULL || d->rules == NULL ||
	    d->digests == NULL || d->dns_names == NULL)
		return -1;
	d->resume = event_new(d->base, -1, 0, resume, d);
	d->kernel = kernel_open(d->conf, d->keep, record_one, NULL, r);
	if (d->resume == NULL || d->kernel == NULL)
		return -1;
	d->sink = sink_open(d->conf, false, d->base, daemon_done, d);
	d->lineage = lineage_new(d->conf, d->kernel, d->names, d->boxes,
	    host_boot(d->host));
	if (d->sink == NULL || d->lineage == NULL)
		return -1;
	d->early = leave_new(d);
	d->report = d->early != NULL ? report_new(d) : NULL;
	d->status = d->report != NULL ? status_new(d) : NULL;
	return d->status == NULL ? -1 : 0;
}

static void
close_all(struct replay *r)
{
	struct daemon *d = &r->d;

	status_free(d->status);
	report_free(d->report);
	leave_free(d->early);
	sink_close(d->sink);
	kernel_close(d->kernel, false);
	lineage_free(d->lineage);
	inflight_free(d->inflight);
	cache_free(d->skipped);
	digests_free(d->digests);
	dns_names_free(d->dns_names);
	rules_free(d->rules);
	if (d->resume != NULL)
		event_free(d->resume);
	if (d->base != NULL)
		event_base_free(d->base);
	host_free(d->host);
	keep_close(d->keep);
	notify_close(d->notify);
	boxes_close(d->boxes);
	addrnames_free(d->addrnames);
	names_close(d->names);
	conf_free(d->conf);
	free(r->record);
}

/* How many there are, and the mean length of their lines. */
static void
record(struct replay *r)
{
	uint64_t depth = 0;

	while (kernel_read(r->d.kernel) > 0)
		;
	for (size_t i = 0; i < r->n; i++)
		depth += r->record[i].depth;
	printf("%zu %.1f\n", r->n, r->n > 0 ? (double)depth / r->n : 0);
}

/* CPU time in ns, and the mean size of a message. */
static void
replay(struct replay *r, long long n)
{
	struct daemon *d = &r->d;
	char out[RFC5424_MAX];
	struct message m;
	int64_t begin = cpu_ns();

	for (long long i = 0; i < n; i++) {
		if (daemon_attempt(d, &r->record[i % r->n]) == 0)
			continue;
		while (d->paused && !sink_ended(d->sink))
			event_base_loop(d->base, EVLOOP_ONCE);
	}
	sink_flush(d->sink, 10000);
	kernel_flush(d->kernel);
	begin = cpu_ns() - begin;
	r->size = 0;
	for (size_t i = 0; i < r->n; i++) {
		message_init(&m, MSG_CONNECT);
		lineage_fill(d->lineage, &r->record[i], d->offset, &m);
		host_stamp(d->host, &m);
		r->size += rfc5424_write(&m, out);
	}
	r->size /= r->n;
	printf("%lld %zu %llu\n", (long long)begin, r->size,
	    (unsigned long long)sink_dropped(d->sink));
}

static int
send_loop(struct replay *r, long long n)
{
	struct ingest *in = ingest_open(r->d.conf->socket);
	char out[RFC5424_MAX] = "<86>1 ";
	struct pollfd p = { .events = POLLOUT };
	int64_t begin;

	if (in == NULL || ingest_connect(in) == -1)
		return -1;
	p.fd = ingest_fd(in);
	begin = cpu_ns();
	while (n > 0) {
		if (send(p.fd, out, r->size, MSG_NOSIGNAL | MSG_DONTWAIT) != -1)
			n--;
		else if (errno == EAGAIN)
			poll(&p, 1, -1);
		else
			break;
	}
	printf("%lld\n", (long long)(cpu_ns() - begin));
	ingest_close(in);
	return n == 0 ? 0 : -1;
}

static int
work(struct replay *r)
{
	char line[64];
	long long n;

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "record\n") == 0)
			record(r);
		else if (sscanf(line, "replay %lld", &n) == 1 && r->n > 0)
			replay(r, n);
		else if (sscanf(line, "send %lld", &n) != 1 || r->size == 0 ||
		    send_loop(r, n) == -1)
			return -1;
		fflush(stdout);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct replay r = { .n = 0 };
	int status = 1;

	log_open("replay", LOG_L_INFO);
	if (argc != 2)
		return 2;
	if (open_all(&r, argv[1]) == 0 && work(&r) == 0)
		status = 0;
	else
		log_error("replay: %s", strerror(errno));
	close_all(&r);
	return status;
}
