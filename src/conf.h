/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration: defaults, YAML files, what is in force. */
#ifndef PIDTREED_CONF_H
#define PIDTREED_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"

struct boxfilter;
struct redact;

enum cmd_mode { CMD_REDACTED, CMD_FULL, CMD_ARGV0, CMD_NONE };
enum box_names { BOX_NAMES_FILES, BOX_NAMES_OFF };

enum bind_mode { BIND_OFF, BIND_ON, BIND_RANDOM };
enum exec_mode { EXEC_OFF, EXEC_SUCCEEDED, EXEC_ON };
enum capable_mode { CAPABLE_OFF, CAPABLE_DENIED, CAPABLE_GRANTED, CAPABLE_ON };

struct conf {
	/* delivery */
	int facility;			/* syslog number, not shifted */
	char *socket;			/* path of rsyslog's input socket */
	char *file;			/* written where there is no rsyslog */
	char *target;			/* "auto", "socket", "file" */
	size_t queue;			/* bytes, before reading stops */

	/* containers */
	struct boxfilter *box_filter;	/* container.exclude, include */
	enum box_names box_names;
	char *box_root;			/* where their files are */

	/* names for addresses */
	struct items hosts_files;

	/* host: NULL means find out */
	char *host_id, *host_name, *cloud, *account, *region;

	/* what is logged */
	struct filter *filter;		/* connect.exclude, include, ports,
					   metadata and proxy, compiled */
	enum metadata_mode metadata;
	struct prefix_port *proxies;	/* proxy: */
	size_t nproxies;
	unsigned storm;			/* connections of one lineage to one
					   network and port that are logged in
					   a minute; 0: all */
	unsigned hold_ms;		/* wait for an outcome, at most */
	unsigned stats_s;		/* interval of STATS */
	int udp;			/* 1: log UDP sessions */
	unsigned udp_idle_ms;		/* silence that ends one */
	int dns;			/* 1: log questions of DNS */
	int listen;			/* 1: log who listens */
	int listen_random;		/* 1: on ports of the kernel's choice */
	enum bind_mode listen_udp;	/* whose are told that UDP binds to */
	unsigned listen_repeat_s;	/* between two snapshots; 0: one */
	int listen_all;			/* 1: in other namespaces, too */
	struct filter *listen_filter;	/* the same of listen, by address */
	int accept;			/* 1: log inbound connections */
	struct filter *accept_filter;	/* remote addresses, local ports */
	enum exec_mode exec;		/* which executions are logged */
	int readline;			/* 1: log lines typed into bash */
	enum capable_mode capable;	/* which verdicts are logged */
	int capable_each;		/* 1: of each process */
	unsigned capable_s;		/* how long checks are counted */
	uint64_t caps;			/* which: bit 1 << capability */
	int open;			/* 1: log opens of open_paths */
	int escape;			/* 1: log who leaves his container */
	int close;			/* 1: log how connections end */
	int tagged, raised;		/* severities: syslog numbers */
	enum cmd_mode cmd;
	struct redact *redact;		/* compiled patterns */

	/* kernel memory, at most */
	unsigned processes;		/* 0: from pid_max and threads-max */
	size_t image_bytes;
	unsigned dead_processes, dead_images;
	unsigned attempts, sessions;
	size_t ring_bytes;		/* power of two */

	char *user;			/* to become after the start */
	unsigned priority_boost;	/* off the nice value */
	struct items forwarders;	/* for pidtree lookup: names of files */
	char hash[65];			/* SHA-256 of --dump-config, hex */

	/* the lists as they were written; above is what was made of them */
	struct items listen_exclude, listen_include, listen_ports;
	struct items accept_exclude, accept_include, accept_ports;
	struct items exclude, include, ports, proxy, patterns;
	struct items box_exclude, box_include, readline_files, capable_only;
	struct items open_paths;
};

extern const char *const conf_default_forwarders[];	/* NULL at the end */

/*
 * Reads path, then conf.d/ *.yaml beside it in name order.  NULL after one
 * line per trouble has gone to log_error: `file:line:column: what`.
 * A missing file is an error only if `must` is set.
 */
struct conf *conf_read(const char *path, bool must);
/* The same with one file, n bytes at text; name is what complaints call it. */
struct conf *conf_read_text(const char *name, const char *text, size_t n);
void conf_free(struct conf *);
/* The effective configuration as YAML; malloc'd, to be freed by the caller.
   NULL with errno ENOMEM. */
char *conf_dump(const struct conf *);

#endif
