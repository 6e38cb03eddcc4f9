/* SPDX-License-Identifier: BSD-2-Clause */
/* --check, --dump-config, --release. */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addrnames.h"
#include "cgroup2.h"
#include "conf.h"
#include "instance.h"
#include "keep.h"
#include "kernel.h"
#include "log.h"
#include "notify.h"
#include "proxyenv.h"
#include "rules.h"
#include "cmdline.h"

int
check_dump(const struct conf *conf)
{
	char *text = conf_dump(conf);

	if (text == NULL || fputs(text, stdout) == EOF || fflush(stdout)) {
		log_error("%s", strerror(errno));
		free(text);
		return 1;
	}
	free(text);
	return 0;
}

static int
check_probes(const struct conf *conf)
{
	size_t n, bad = 0;
	const struct kernel_probe *p = kernel_check(conf, &n);
	int cgroup = cgroup2_open();
	const char *refused;

	printf("%-14s %-30s %s\n", "probe", "hook", "result");
	for (size_t i = 0; i < n; i++) {
		printf("%-14s %-30s %s\n", p[i].name, p[i].hook,
		    p[i].error != NULL ? p[i].error : "ok");
		bad += p[i].error != NULL;
	}
	if (cgroup == -1) {
		printf("cgroup2: %s\n", strerror(errno));
		return 1;
	}
	refused = cgroup2_refuses_sockops(cgroup);
	close(cgroup);
	if (refused != NULL)
		printf("connect: %s: outcome stands in for it, without the "
		    "source port at first\n", refused);
	return bad > 0;
}

int
check_all(const struct conf *conf, const struct rules *rules)
{
	const char *missing = kernel_missing();

	proxyenv_warn(conf, "/etc/environment");
	addrnames_free(addrnames_new(&conf->hosts_files));
	printf("configuration: ok, hash %s\nfilter: %s\n", conf->hash,
	    conf->filter->text);
	printf("rules: %zu, hash %s\n", rules_count(rules),
	    rules_hash(rules));
	if (missing != NULL) {
		printf("probes: not checked: %s\n", missing);
		return 0;
	}
	return check_probes(conf);
}

int
check_release(const struct cmdline *o)
{
	struct notify *notify;
	struct keep *keep;

	if (instance_lock(o->instance) == -1)
		return 1;
	notify = notify_open();
	keep = notify != NULL ? keep_open(o->instance, notify, KEEP_ANYBODY) :
	    NULL;
	if (keep == NULL) {
		log_error("release: %s", strerror(errno));
		return 1;
	}
	keep_release(keep);
	keep_close(keep);
	notify_close(notify);
	return 0;
}
