/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop; see daemon.h. */
#include "daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "addrnames.h"
#include "conf.h"
#include "watch.h"
#include "host.h"
#include "kernel.h"
#include "leave.h"
#include "lineage.h"
#include "log.h"
#include "notify.h"
#include "report.h"
#include "rfc5424.h"
#include "rules.h"
#include "sink.h"
#include "status.h"

#define TICK_MS		500
#define STOP_MS		3000	/* for the last messages */
#define POLL_MS		10

/* The ring is read by the clock while something comes, so that nobody pays
   for waking us, and waited for when nothing came for a while. */
static void
on_ring(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = { 0, POLL_MS * 1000 };
	struct daemon *d = arg;
	int n;

	(void)fd;
	(void)what;
	if (d->paused)
		return;
	n = kernel_read(d->kernel);
	kernel_flush(d->kernel);
	if (n == 0) {
		kernel_sleep(d->kernel);
		n = kernel_read(d->kernel);
		kernel_flush(d->kernel);
	}
	if (d->paused)
		return;
	if (n > 0) {
		event_del(d->ring);
		event_add(d->poll, &soon);
	} else
		event_add(d->ring, NULL);
}

static void
snapshot_warn(int result)
{
	if (result == -1)
		log_warn("iter/task_file: %s: what was there before is not, or "
		    "not all, logged", strerror(errno));
}

void
daemon_snapshot(struct daemon *d)
{
	snapshot_warn(kernel_snapshot(d->kernel, d->conf->listen,
	    d->conf->accept));
}

static void
on_answers(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	kernel_read_answers(d->kernel);
}

static void
read_left(struct daemon *d)
{
	d->left = kernel_read_left(d->kernel) == 1;
	kernel_flush(d->kernel);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	if (!d->paused || !sink_low(d->sink))
		return;
	d->paused = false;
	on_ring(fd, what, arg);
	if (d->left && !d->paused)
		read_left(d);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	daemon_clock(d);
	kernel_read_answers(d->kernel);
	kernel_tick(d->kernel);
	snapshot_warn(kernel_snapshot_more(d->kernel));
	kernel_flush(d->kernel);
	leave_tick(d->early);
	report_tick(d->report);
	daemon_rules_tick(d);
	addrnames_tick(d->addrnames);
	status_tick(d->status);
	watch_tick(d->watch);
	on_resume(-1, 0, d);
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(d->base);
}

/* All of it or, after a trouble, nothing. */
static void
reload(struct daemon *d)
{
	struct conf *conf = conf_read(d->conf_path, d->conf_must);
	struct rules *rules = rules_read(d->conf_path);
	bool accepting;

	if (conf == NULL || rules == NULL) {
		log_error("%s: not loaded, the old configuration%s",
		    d->conf_path, rules == NULL ? " and rules stay" :
		    " stays");
		goto fail;
	}
	if (kernel_set_filter(d->kernel, conf) == -1) {
		log_error("filter: %s: the old configuration stays",
		    strerror(errno));
		goto fail;
	}
	kernel_set_conf(d->kernel, conf);
	accepting = conf->accept && (!d->conf->accept || memcmp(
	    conf->accept_filter->sets, d->conf->accept_filter->sets,
	    sizeof(*conf->accept_filter->sets)) != 0);
	report_conf(d->report, conf);
	lineage_set_conf(d->lineage, conf);
	addrnames_set(d->addrnames, &conf->hosts_files);
	if (d->conf != d->opened)
		conf_free(d->conf);
	d->conf = conf;
	if (daemon_rules_set(d, rules) == -1) {
		log_error("rules: %s: the old ones stay", strerror(errno));
		rules_free(rules);
	}
	report_state(d->report, MSG_RELOAD);
	/* Who listens at its ports now has to be noted. */
	if (accepting)
		snapshot_warn(kernel_snapshot(d->kernel, false, true));
	return;
fail:
	conf_free(conf);
	rules_free(rules);
}

static void
on_reload(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct timespec now;
	char state[64];

	(void)fd;
	(void)what;
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    now.tv_sec * 1000000LL + now.tv_nsec / 1000);
	notify_send(d->notify, state);
	sink_reopen(d->sink);
	reload(d);
	notify_send(d->notify, "READY=1");
}

static void
on_host(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	if (host_refresh(d->host) == 1)
		report_host(d->report);
}

/* rsyslog.service says so, by its drop-in. */
static void
on_reader_died(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	sink_reader_died(d->sink);
}

static struct event *
add_event(struct daemon *d, int fd, short what, event_callback_fn fn)
{
	struct event *e = event_new(d->base, fd, what | EV_PERSIST, fn, d);

	if (e != NULL)
		event_add(e, NULL);
	return e;
}

/* What waits for its outcome is written as it is, as fast as it is taken; in
   the end the sink drops, and counts, what does not fit. */
static void
say_all(struct daemon *d)
{
	d->stopping = true;
	read_left(d);
	if (d->left)
		sink_flush(d->sink, STOP_MS);
	while (d->left) {
		d->late = !sink_low(d->sink);
		read_left(d);
		sink_flush(d->sink, STOP_MS / 10);
	}
}

/* At a stop nothing is left unsaid, unless the next collector will find it. */
static void
stop(struct daemon *d, bool stays)
{
	notify_send(d->notify, "STOPPING=1");
	leave_end(d->early);
	on_resume(-1, 0, d);
	if (!stays)
		kernel_end_storms(d->kernel);
	kernel_read(d->kernel);
	if (!stays)
		say_all(d);
	kernel_flush(d->kernel);
	daemon_rules_end(d);
	report_state(d->report, MSG_STOP);
	sink_flush(d->sink, STOP_MS);
	kernel_flush(d->kernel);
	d->paused = false;
	d->leave = stays;
}

int
daemon_run(struct daemon *d)
{
	struct timeval tick = { 0, TICK_MS * 1000 };
	struct timespec now;
	struct stat st;
	struct event *timer, *term, *interrupt, *hup, *died, *host = NULL;

	d->ring = event_new(d->base, kernel_fd(d->kernel), EV_READ, on_ring, d);
	d->poll = event_new(d->base, -1, 0, on_ring, d);
	d->resume = event_new(d->base, -1, 0, on_resume, d);
	timer = event_new(d->base, -1, EV_PERSIST, on_tick, d);
	term = add_event(d, SIGTERM, EV_SIGNAL, on_stop);
	interrupt = add_event(d, SIGINT, EV_SIGNAL, on_stop);
	d->answers = add_event(d, kernel_answers_fd(d->kernel), EV_READ,
	    on_answers);
	hup = add_event(d, SIGHUP, EV_SIGNAL, on_reload);
	died = add_event(d, SIGUSR1, EV_SIGNAL, on_reader_died);
	if (d->ring == NULL || d->poll == NULL || d->resume == NULL ||
	    d->answers == NULL ||
	    timer == NULL ||
	    term == NULL || interrupt == NULL || hup == NULL ||
	    died == NULL) {
		log_error("event loop: %s", strerror(ENOMEM));
		return -1;
	}
	if (host_fd(d->host) != -1)
		host = add_event(d, host_fd(d->host), EV_READ, on_host);
	event_add(timer, &tick);
	clock_gettime(CLOCK_BOOTTIME, &now);
	if (stat("/proc/self/ns/net", &st) == 0)
		d->netns = st.st_ino;
	d->started = now.tv_sec * 1000000000ULL + now.tv_nsec;
	signal(SIGPIPE, SIG_IGN);
	daemon_clock(d);
	report_state(d->report, MSG_START);
	report_host(d->report);
	daemon_snapshot(d);
	/* The ring first: it has what an earlier collector left in order, and
	   behind it what was due when there was none. */
	kernel_tick(d->kernel);
	leave_begin(d->early);
	on_ring(-1, 0, d);
	read_left(d);
	notify_send(d->notify, "READY=1");
	event_base_dispatch(d->base);
	stop(d, report_stays(d->report));
	if (host != NULL)
		event_free(host);
	event_free(died);
	event_free(hup);
	event_free(interrupt);
	event_free(term);
	event_free(timer);
	event_free(d->resume);
	event_free(d->answers);
	event_free(d->poll);
	event_free(d->ring);
	return 0;
}
