/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options; optvalue.c reads and writes the values. */
#include "options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"

#define K	1024ull
#define M	(1024 * K)
#define G	(1024 * M)
#define SEC	1000ull
#define OFF(m)	offsetof(struct conf, m)

/* RFC 5424, table 1; 12 to 15 have no name here. */
static const char *const facilities[] = {
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
	"uucp", "cron", "authpriv", "ftp", "", "", "", "",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6",
	"local7", NULL
};
/* Table 2 there. */
static const char *const severities[] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
	NULL
};
static const char *const cmd_modes[] = {
	"redacted", "full", "argv0", "none", NULL
};
static const char *const metadata_modes[] = {
	"digest", "all", "off", NULL
};
static const char *const box_names[] = { "files", "off", NULL };
static const char *const targets[] = { "auto", "socket", "file", NULL };
static const char *const exec_modes[] = {
	"off", "succeeded", "on", NULL
};
static const char *const bind_modes[] = {
	"off", "on", "random", NULL
};
static const char *const capable_modes[] = {
	"off", "denied", "granted", "on", NULL
};
static const char *const by_whom[] = { "lineage", "process", NULL };
static const char *const own_all[] = { "own", "all", NULL };
static const char *const off_on[] = { "off", "on", NULL };
static const char *const automatic[] = { "auto", NULL };
static const char *const off[] = { "off", NULL };

const struct option options[] = {
{ "facility", OPT_WORD, OFF(facility), "authpriv", 0, 0, facilities,
  "The syslog facility of all messages." },
{ "severity.tagged", OPT_WORD, OFF(tagged), "notice", 0, 0, severities,
  "The severity of messages that rules tag; others have info." },
{ "severity.raised", OPT_WORD, OFF(raised), "warning", 0, 0, severities,
  "The severity of messages that a rule raises." },
{ "user", OPT_NAME, OFF(user), "_pidtreed", 1, 32, NULL,
  "The user that the collector becomes once everything is open." },
{ "priority-boost", OPT_NUMBER, OFF(priority_boost), "19", 0, 20, NULL,
  "How far the collector's nice value is lowered, as auditd does it: where "
  "more is connected than the machine has time to log, it is served first." },
{ "stats", OPT_S, OFF(stats_s), "5m", 1 * SEC, 86400 * SEC, NULL,
  "The time between two STATS messages." },
{ "cmd", OPT_WORD, OFF(cmd), "redacted", 0, 0, cmd_modes,
  "How much of a command line is logged: all of it without its secrets, "
  "all of it as it is, the first argument alone, or nothing." },
{ "redact", OPT_LIST, OFF(patterns), NULL, 0, 64, NULL,
  "POSIX extended regular expressions that find secrets in command lines. "
  "The first group is the secret; without a group, all that matched is. "
  "redact+ adds to the patterns that are built in, redact replaces them." },
{ "metadata", OPT_WORD, OFF(metadata), "digest", 0, 0, metadata_modes,
  "Connections to the cloud's own services (instance metadata, "
  "credentials, agents): of each lineage the first is logged and the others "
  "of an hour are counted in one DIGEST, or all are logged, or none." },
{ "storm", OPT_NUMBER, OFF(storm), "60", 1, 1000000, off,
  "So many connections, or UDP sessions, of one lineage to one network "
  "(/24 of IPv4, /64 of IPv6) and port are logged in a minute, so many "
  "executions of one program, opens below one watched path; what is beyond "
  "them is counted in one DIGEST message a minute. off: every one is "
  "logged." },
{ "proxy", OPT_LIST, OFF(proxy), NULL, 0, 64, NULL,
  "ADDRESS:PORT or [IPV6]:PORT of the proxies by which this host reaches "
  "the internet. Connections to them are always logged, and marked." },
{ "hosts-files", OPT_LIST, OFF(hosts_files), NULL, 0, 16, NULL,
  "Files in the form of hosts(5) that have names for addresses, read again "
  "when they change. The first name of the first line of an address is "
  "logged beside it." },
{ "connect.exclude", OPT_LIST, OFF(exclude), NULL, 0, FILTER_PREFIXES, NULL,
  "Where connections go that are not logged: PREFIX, PREFIX except PORTS "
  "or PREFIX only PORTS. exclude+ adds to the default list, exclude "
  "replaces it." },
{ "connect.include", OPT_LIST, OFF(include), NULL, 0, FILTER_PREFIXES, NULL,
  "What is logged although a shorter prefix excludes it; written in the "
  "same way." },
{ "connect.ports", OPT_LIST, OFF(ports), NULL, 0, 65536, NULL,
  "Ports that are logged, or with an exclamation mark in front, that are "
  "not: of those without it, or of all if there are none. The prefixes "
  "must admit a connection too." },
{ "connect.hold", OPT_MS, OFF(hold_ms), "5s", 0, 300 * SEC, NULL,
  "How long a message waits for the outcome of its connection. What is "
  "decided later comes in an OUTCOME message." },
{ "close", OPT_WORD, OFF(close), "on", 0, 0, off_on,
  "Whether the end of a logged connection is logged too: how long it was "
  "open, the bytes that went each way, who closed it." },
{ "udp.log", OPT_WORD, OFF(udp), "on", 0, 0, off_on,
  "Whether UDP sessions are logged, by the filter of connect: the first "
  "datagram of a socket to an address and port, and the session's end. With "
  "dns off, too, when the collector starts, a later on takes a restart." },
{ "udp.idle", OPT_MS, OFF(udp_idle_ms), "60s", 1 * SEC, 86400 * SEC, NULL,
  "How long a socket sends nothing to an address and port until the session "
  "has ended. What it sends later is another session." },
{ "dns", OPT_WORD, OFF(dns), "on", 0, 0, off_on,
  "Whether questions of DNS are logged with their answers: of each lineage "
  "the first for a name in an hour, the others are counted in one DIGEST. "
  "Connections get the names of their addresses from it. Off when the "
  "collector starts: no program is attached for it, and a later on takes a "
  "restart." },
{ "container.exclude", OPT_LIST, OFF(box_exclude), NULL, 0, 64, NULL,
  "Containers whose processes' messages are not logged: KEY=PATTERN, or "
  "several with blanks between them, all of which must fit." },
{ "container.include", OPT_LIST, OFF(box_include), NULL, 0, 64, NULL,
  "If there are any, the containers that are logged alone, written in the "
  "same way." },
{ "container.names", OPT_WORD, OFF(box_names), "files", 0, 0, box_names,
  "Where names, images and pods of containers are from: the files of the "
  "runtimes and the kubelet, or nowhere." },
{ "container.root", OPT_PATH, OFF(box_root), "/", 1, 4000, NULL,
  "The directory below which these files are." },
{ "listen.log", OPT_WORD, OFF(listen), "on", 0, 0, off_on,
  "Whether it is logged that a socket begins to listen." },
{ "listen.exclude", OPT_LIST, OFF(listen_exclude), NULL, 0, FILTER_PREFIXES,
  NULL,
  "The addresses of those that are not logged, written as for "
  "connect.exclude; the ports are those listened on. A socket that listens on "
  "all addresses has the address 0.0.0.0 or ::. Built in are 127.0.0.0/8 and "
  "::1/128." },
{ "listen.include", OPT_LIST, OFF(listen_include), NULL, 0, FILTER_PREFIXES,
  NULL,
  "What is logged although a shorter prefix excludes it." },
{ "listen.ports", OPT_LIST, OFF(listen_ports), NULL, 0, 65536, NULL,
  "Ports that are logged or not, as for connect.ports." },
{ "listen.random", OPT_WORD, OFF(listen_random), "on", 0, 0, off_on,
  "Whether those are logged that let the kernel choose their port." },
{ "listen.udp", OPT_WORD, OFF(listen_udp), "on", 0, 0, bind_modes,
  "Whether UDP sockets are logged that are bound to a port: none; those that "
  "were given one; or also those that let the kernel choose, as clients do." },
{ "listen.namespaces", OPT_WORD, OFF(listen_all), "all", 0, 0, own_all,
  "Whether those in other network namespaces than the collector's, as "
  "containers have them, are logged." },
{ "listen.repeat", OPT_S, OFF(listen_repeat_s), "off", 60 * SEC,
  30 * 86400 * SEC, off,
  "How often all sockets that listen are told again, as they are told when the "
  "collector starts. off: only then." },
{ "accept.log", OPT_WORD, OFF(accept), "off", 0, 0, off_on,
  "Whether inbound TCP connections are logged." },
{ "accept.exclude", OPT_LIST, OFF(accept_exclude), NULL, 0, FILTER_PREFIXES,
  NULL,
  "The remote addresses of those that are not logged, written as for "
  "connect.exclude; the ports are the local ones. Built in are 127.0.0.0/8 "
  "and ::1/128." },
{ "accept.include", OPT_LIST, OFF(accept_include), NULL, 0, FILTER_PREFIXES,
  NULL,
  "What is logged although a shorter prefix excludes it." },
{ "accept.ports", OPT_LIST, OFF(accept_ports), NULL, 0, 65536, NULL,
  "The local ports that are looked at, as for connect.ports; the kernel knows "
  "them." },
{ "exec", OPT_WORD, OFF(exec), "off", 0, 0, exec_modes,
  "Which executions of programs are logged: none; those that succeeded; or "
  "the failed ones too, for which every system call of the host becomes a "
  "little dearer." },
{ "readline.log", OPT_WORD, OFF(readline), "off", 0, 0, off_on,
  "Whether lines that are typed into bash are logged. They can have "
  "secrets in forms that nobody knows. It wants more rights than the service "
  "has: pidtreed.log(5) says which, under What is typed." },
{ "readline.files", OPT_LIST, OFF(readline_files), NULL, 0, 16, NULL,
  "Further copies of bash, or libraries with readline(), for instance in the "
  "directories of containers. Each copy of bash on the host is found." },
{ "capable.log", OPT_WORD, OFF(capable), "off", 0, 0, capable_modes,
  "Which checks of capabilities are logged, by their verdict. They are "
  "counted, and told in one message for each capability and interval." },
{ "capable.only", OPT_LIST, OFF(capable_only), NULL, 0, 64, NULL,
  "If there are any, the capabilities that are looked at alone, as "
  "capabilities(7) names them." },
{ "capable.by", OPT_WORD, OFF(capable_each), "lineage", 0, 0, by_whom,
  "Whether processes of one lineage, user and cgroup are counted together, or "
  "each for itself." },
{ "capable.interval", OPT_S, OFF(capable_s), "60s", 1 * SEC, 86400 * SEC, NULL,
  "How long checks are counted until they are told." },
{ "open.log", OPT_WORD, OFF(open), "off", 0, 0, off_on,
  "Whether it is logged that certain files are opened. Every system call of "
  "the host then becomes a little dearer." },
{ "open.paths", OPT_LIST, OFF(open_paths), NULL, 0, WATCHES, NULL,
  "Which: paths of files, or of directories with all that is below them. A "
  "component that is * stands for any; the last one has to be a name. paths+ "
  "adds to the default list, paths replaces it." },
{ "escape.log", OPT_WORD, OFF(escape), "off", 0, 0, off_on,
  "Whether it is logged that a process of a container opens or executes a file "
  "outside of the container's root and mounts, or enters a namespace of the "
  "host." },
{ "log.target", OPT_NAME, OFF(target), "auto", 1, 6, targets,
  "Where messages go: to rsyslog's socket, to a file, or to the socket if "
  "there is one, else to the file." },
{ "log.socket", OPT_PATH, OFF(socket), RUNSTATEDIR "/pidtreed/ingest/log",
  2, 107, NULL,
  "The socket that rsyslog reads." },
{ "log.file", OPT_PATH, OFF(file), LOCALSTATEDIR "/log/pidtreed/pidtreed.log",
  2, 4000, NULL,
  "The file that is written where there is no rsyslog." },
{ "log.queue", OPT_SIZE, OFF(queue), "8M", 64 * K, 1 * G, NULL,
  "Memory for messages that cannot be delivered at once." },
{ "host.id", OPT_NAME, OFF(host_id), NULL, 1, 255, NULL,
  "The identity of this host in every message. Not set: the cloud's "
  "instance id, else a hash of the machine id." },
{ "host.name", OPT_NAME, OFF(host_name), NULL, 1, 255, NULL,
  "The HOSTNAME of every message. Not set: the system's." },
{ "host.cloud", OPT_NAME, OFF(cloud), NULL, 1, 255, NULL,
  "The cloud that this host is in. Not set: found out, like the next two." },
{ "host.account", OPT_NAME, OFF(account), NULL, 1, 255, NULL,
  "The account there." },
{ "host.region", OPT_NAME, OFF(region), NULL, 1, 255, NULL,
  "The region there." },
{ "lookup.forwarders", OPT_LIST, OFF(forwarders), NULL, 0, 256, NULL,
  "Names of the files of programs that forward for others, and whose own "
  "lineage therefore says little. The collector has no use for them, pidtree "
  "lookup has. forwarders+ adds to the default list, forwarders replaces it." },
{ "kernel.processes", OPT_NUMBER, OFF(processes), "auto", 1024, 4194304,
  automatic,
  "Records of processes that live or have a living descendant, at most. "
  "auto: as many as the system allows processes." },
{ "kernel.images", OPT_SIZE, OFF(image_bytes), "32M", 1 * M, 4 * G, NULL,
  "Memory for their executables and arguments, at most." },
{ "kernel.dead-processes", OPT_NUMBER, OFF(dead_processes), "8192", 64,
  1048576, NULL,
  "Records kept of processes that have ended, without descendants." },
{ "kernel.dead-images", OPT_NUMBER, OFF(dead_images), "2560", 64, 1048576,
  NULL,
  "Executables and arguments kept for them." },
{ "kernel.attempts", OPT_NUMBER, OFF(attempts), "32768", 64, 1048576, NULL,
  "Connections that wait for their outcome or for the collector, at most; "
  "and as many ends of them that wait for the collector." },
{ "kernel.sessions", OPT_NUMBER, OFF(sessions), "16384", 512, 1048576, NULL,
  "UDP sessions, at most. A socket may have a 64th of them, a process an "
  "eighth, a user other than root half." },
{ "kernel.ring", OPT_POWER, OFF(ring_bytes), "256K", 64 * K, 64 * M, NULL,
  "The ring that wakes the collector; a power of two." },
{ 0 }
};

size_t
option_in(const char *key)
{
	const char *dot = strchr(key, '.');

	return dot == NULL ? 0 : dot - key;
}

static bool
is_in(const char *key, const char *section)
{
	size_t n = option_in(key);

	return strlen(section) == n && memcmp(section, key, n) == 0;
}

/* The last part of a full key. */
static const char *
last(const char *key)
{
	size_t n = option_in(key);

	return key + (n > 0 ? n + 1 : 0);
}

const struct option *
option_find(const char *section, const char *key, size_t n)
{
	for (const struct option *o = options; o->key != NULL; o++)
		if (is_in(o->key, section) && strlen(last(o->key)) == n &&
		    memcmp(last(o->key), key, n) == 0)
			return o;
	return NULL;
}

const struct option *
option_section(const char *name)
{
	for (const struct option *o = options; o->key != NULL; o++)
		if (*name != '\0' && is_in(o->key, name))
			return o;
	return NULL;
}

struct nearest {
	const char *section, *wrote;
	unsigned least;
	char key[NEAREST_LONGEST];
};

/* In its own section a key may be further off than in another. */
static void
try(struct nearest *n, const char *key, size_t len)
{
	char k[NEAREST_LONGEST];
	unsigned d, whole;

	snprintf(k, sizeof(k), "%.*s", (int)len, key);
	d = 2 * nearest_distance(n->wrote, last(k)) + !is_in(k, n->section);
	whole = 2 * nearest_distance(n->wrote, k) + 1;
	if (whole < d)
		d = whole;
	if (d < n->least) {
		n->least = d;
		strcpy(n->key, k);
	}
}

static void
list_keys(const char *section, struct buf *out)
{
	const char *before = "";

	buf_adds(out, "expected one of ");
	for (const struct option *o = options; o->key != NULL; o++) {
		size_t n = option_in(o->key);
		const char *key = o->key;

		if (is_in(o->key, section)) {
			key = last(o->key);
			n = strlen(key);
		} else if (*section != '\0' || n == 0 ||
		    (o > options && strncmp(o[-1].key, key, n + 1) == 0)) {
			continue;
		}
		buf_addf(out, "%s%.*s", before, (int)n, key);
		before = ", ";
	}
}

void
option_suggest(const char *section, const char *wrote, struct buf *out)
{
	struct nearest n = { .section = section, .wrote = wrote };

	n.least = 2 * nearest_limit(wrote) - 1;
	for (const struct option *o = options; o->key != NULL &&
	    strlen(wrote) < NEAREST_LONGEST; o++) {
		try(&n, o->key, strlen(o->key));
		if (option_in(o->key) > 0)
			try(&n, o->key, option_in(o->key));
	}
	if (n.key[0] == '\0') {
		list_keys(section, out);
		return;
	}
	buf_addf(out, "did you mean \"%s\"", last(n.key));
	if (!is_in(n.key, section) && option_in(n.key) == 0)
		buf_adds(out, " outside of any section");
	else if (!is_in(n.key, section))
		buf_addf(out, " in \"%.*s\"", (int)option_in(n.key), n.key);
	buf_addc(out, '?');
}
