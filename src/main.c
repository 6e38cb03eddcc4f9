/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtreed: options, open, leave root, loop, close. */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addrnames.h"
#include "boxes.h"
#include "cache.h"
#include "check.h"
#include "conf.h"
#include "watch.h"
#include "daemon.h"
#include "digests.h"
#include "dns_names.h"
#include "drop.h"
#include "host.h"
#include "inflight.h"
#include "instance.h"
#include "keep.h"
#include "kernel.h"
#include "leave.h"
#include "lineage.h"
#include "log.h"
#include "names.h"
#include "notify.h"
#include "cmdline.h"
#include "report.h"
#include "rules.h"
#include "sink.h"
#include "status.h"

/* What needs root, in the order in which one thing needs the other. */
static int
open_all(struct daemon *d, const struct cmdline *o)
{
	const char *missing = kernel_missing();
	uid_t uid;
	gid_t gid;

	if (missing != NULL) {
		log_error("%s", missing);
		return -1;
	}
	if (drop_user(&d->conf->user, &uid, &gid) == -1 ||
	    instance_lock(o->instance) == -1)
		return -1;
	d->notify = notify_open();
	d->names = names_open(d->conf->user);
	d->boxes = boxes_open(d->conf->box_names == BOX_NAMES_FILES ?
	    d->conf->box_root : NULL, d->conf->user);
	d->keep = d->notify != NULL ? keep_open(o->instance, d->notify, uid) :
	    NULL;
	d->host = host_new(d->conf);
	d->base = event_base_new();
	/* The last of three is the control socket's. */
	if (d->base != NULL)
		event_base_priority_init(d->base, 3);
	d->inflight = inflight_new();
	d->skipped = cache_new(DAEMON_SKIPPED);
	d->digests = digests_new();
	d->dns_names = dns_names_new();
	if (d->names == NULL || d->boxes == NULL || d->keep == NULL ||
	    d->host == NULL || d->base == NULL ||
	    d->inflight == NULL || d->skipped == NULL || d->digests == NULL ||
	    d->dns_names == NULL) {
		log_error("start: %s", strerror(errno));
		return -1;
	}
	names_learn_local(d->names);
	d->kernel = kernel_open(d->conf, d->keep, daemon_item, daemon_answer,
	    d);
	if (d->kernel == NULL)
		return -1;
	d->sink = sink_open(d->conf, o->to_stdout, d->base, daemon_done, d);
	if (d->sink == NULL) {
		log_error("%s: %s", d->conf->target, strerror(errno));
		return -1;
	}
	d->lineage = lineage_new(d->conf, d->kernel, d->names, d->boxes,
	    host_boot(d->host));
	d->early = leave_new(d);
	d->report = d->lineage != NULL && d->early != NULL ? report_new(d) :
	    NULL;
	d->status = d->report != NULL ? status_new(d) : NULL;
	if (d->status == NULL) {
		log_error("start: %s", strerror(errno));
		return -1;
	}
	d->watch = watch_open(d, o->instance, uid);
	keep_give(d->keep, uid, gid);
	drop_nice(d->conf->priority_boost);
	if (drop_root(uid, gid) == -1)
		return -1;
	/* Read again later by whoever it is now. */
	d->addrnames = addrnames_new(&d->conf->hosts_files);
	return d->addrnames != NULL ? 0 : -1;
}

static void
close_all(struct daemon *d)
{
	bool stays = d->report != NULL && report_stays(d->report);

	if (d->report == NULL && d->keep != NULL) {
		keep_undo(d->keep);
		stays = true;
	}
	watch_close(d->watch);
	status_free(d->status);
	report_free(d->report);
	leave_free(d->early);
	sink_close(d->sink);
	kernel_close(d->kernel, stays);
	lineage_free(d->lineage);
	inflight_free(d->inflight);
	cache_free(d->skipped);
	digests_free(d->digests);
	dns_names_free(d->dns_names);
	if (d->base != NULL)
		event_base_free(d->base);
	host_free(d->host);
	keep_close(d->keep);
	notify_close(d->notify);
	addrnames_free(d->addrnames);
	boxes_close(d->boxes);
	names_close(d->names);
	if (d->conf != d->opened)
		conf_free(d->conf);
	conf_free((struct conf *)d->opened);
	rules_free(d->rules);
}

int
main(int argc, char **argv)
{
	struct daemon d = { .pid = getpid() };
	struct cmdline o;
	int status = 1;

	log_open("pidtreed", LOG_L_INFO);
	signal(SIGUSR1, SIG_IGN);	/* it may come before the loop */
	if (cmdline_read(&o, argc, argv) == -1)
		return 2;
	if (o.mode == MODE_DONE)
		return 0;
	if (o.mode == MODE_RELEASE)
		return check_release(&o);
	d.conf = conf_read(o.conf, o.conf_given);
	if (d.conf == NULL)
		return 2;
	d.opened = d.conf;
	d.rules = rules_read(o.conf);
	if (d.rules == NULL) {
		conf_free(d.conf);
		return 2;
	}
	d.conf_path = o.conf;
	d.conf_must = o.conf_given;
	if (o.mode == MODE_DUMP)
		status = check_dump(d.conf);
	else if (o.mode == MODE_CHECK)
		status = check_all(d.conf, d.rules);
	else if (open_all(&d, &o) == 0 && daemon_run(&d) == 0)
		status = 0;
	close_all(&d);
	return status;
}
