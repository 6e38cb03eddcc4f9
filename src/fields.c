/* SPDX-License-Identifier: BSD-2-Clause */
/* The field table; see fields.h. */
#include "fields.h"

#include <string.h>

/* Which messages carry a row. */
#define IN_CONNECT	(1 << MSG_CONNECT | 1 << MSG_OUTCOME)
#define IN_LISTEN	(1 << MSG_LISTEN)
#define IN_EXEC		(1 << MSG_EXEC)
#define IN_LINE		(1 << MSG_READLINE)
#define IN_CAPABLE	(1 << MSG_CAPABLE)
#define IN_OPEN		(1 << MSG_OPEN)
#define IN_ESCAPE	(1 << MSG_ESCAPE)
#define IN_OPENS	(IN_OPEN | IN_DIGEST)
#define IN_FILES	(IN_OPENS | IN_ESCAPE)
#define IN_CLOSE	(1 << MSG_CLOSE)
#define IN_EVENT	FIELD_EVENTS
#define IN_DIGEST	(1 << MSG_DIGEST)
#define IN_DNS		(1 << MSG_DNS)
#define IN_ACCEPT	(1 << MSG_ACCEPT)
#define IN_S		(IN_CONNECT | 1 << MSG_UDP | IN_DIGEST | IN_LISTEN | \
	IN_DNS | IN_EXEC | IN_LINE | IN_CAPABLE | IN_OPEN | \
	IN_ESCAPE)
#define IN_C		(IN_S | IN_ACCEPT)
#define IN_START	(1 << MSG_START)
#define IN_STOP		(1 << MSG_STOP)
#define IN_STATS	(1 << MSG_STATS)
#define IN_CLOCK	(1 << MSG_CLOCK)
#define IN_HOST		(1 << MSG_HOST)
#define IN_TEST		(1 << MSG_TEST)
#define IN_STATE	(IN_START | 1 << MSG_RELOAD | IN_STATS)
#define IN_COUNT	(IN_STATS | IN_STOP | 1 << MSG_LOST)
#define IN_OWN		(IN_STATE | IN_COUNT | IN_CLOCK | IN_HOST)
#define IN_ALL		(IN_EVENT | IN_OWN | IN_TEST)

#define ROW(name, sd, type, gen, offset, ids, doc) \
	{ name, sizeof(name) - 1, SD_##sd, FIELD_##type, gen, offset, ids, doc }
/* A row of struct message, of struct generation. */
#define M(sd, name, type, member, ids, doc) \
	ROW(name, sd, type, false, offsetof(struct message, member), ids, doc)
#define GIN(name, type, member, ids, doc) \
	ROW(name, EVENT, type, true, offsetof(struct generation, member), \
	    ids, doc)
#define G(name, type, member, doc) \
	GIN(name, type, member, IN_C, doc)

const struct field fields[] = {
M(META, "sequenceId", UINT, seq, IN_ALL,
    "number of the message; from 1 with every start, after 2147483647 "
    "from 1 again; a gap is a loss"),
M(META, "sysUpTime", UINT, uptime, IN_ALL,
    "hundredths of a second since the host started"),

M(ORIGIN, "software", STR, software, IN_START | IN_STATS, "pidtreed"),
M(ORIGIN, "swVersion", STR, swversion, IN_START | IN_STATS, "its version"),

M(TIMEQUALITY, "tzKnown", UINT, tzknown, IN_START | IN_STATS,
    "1: the times are UTC for certain"),
M(TIMEQUALITY, "isSynced", UINT, synced, IN_START | IN_STATS,
    "1: the kernel says that the clock is synchronised"),
M(TIMEQUALITY, "syncAccuracy", UINT, syncaccuracy, IN_START | IN_STATS,
    "microseconds that the clock may be off, at most"),

M(HOST, "id", STR, hostid, IN_ALL,
    "configured, or the cloud instance's, or derived from the machine id"),
M(HOST, "boot", STR, boot, IN_ALL, "of this boot of the host"),

M(EVENT, "act", STR, act, IN_EVENT, "what was done: connect, send, close, "
    "listen, accept, ask, exec, type, capable, open, escape"),
M(EVENT, "outcome", STR, outcome, IN_CONNECT | IN_CLOSE | IN_DNS |
    IN_ACCEPT | IN_EXEC | IN_CAPABLE | IN_OPENS,
    "established, refused, timeout, unreachable, reset, aborted (the "
    "caller gave up first), pending (not known yet: an OUTCOME message "
    "follows); of CLOSE: closed (in both directions), reset (by the other "
    "side), aborted (by this one), timeout, unreachable; of UDP: closed, idle "
    "(nothing was sent for long); of DNS: answered, unanswered (within the "
    "hold time); of EXEC, OPEN: success, failure; of CAPABLE: granted, "
    "denied"),
M(EVENT, "reason", STR, reason, IN_CONNECT | IN_CLOSE | IN_EXEC |
    IN_OPENS,
    "name of the error"),
M(EVENT, "waited", UINT, waited, IN_CONNECT | IN_DNS,
    "milliseconds from the first packet to the outcome"),
M(EVENT, "query", TEXT, query, IN_DNS | IN_DIGEST,
    "name that was asked for, in lower case; what is no plain character in "
    "it is \\xHH"),
M(EVENT, "qtype", STR, qtype, IN_DNS | IN_DIGEST,
    "type of the record that was asked for: A, AAAA, TXT, TYPE4242"),
M(EVENT, "rcode", STR, rcode, IN_DNS,
    "code of the answer: NOERROR, NXDOMAIN, SERVFAIL, REFUSED, RCODE12"),
M(EVENT, "answers", STR, answers, IN_DNS,
    "addresses that the answer has for it, at most 32, separated by blanks"),
M(EVENT, "answersCut", UINT, answerscut, IN_DNS,
    "1: the answer had more than that, or was cut itself"),
M(EVENT, "resolver", UINT, resolver, IN_DNS | IN_DIGEST,
    "1: the process answers questions of others, and asks for them"),
M(EVENT, "closedBy", STR, closedby, IN_CLOSE,
    "who ended it first: local or remote"),
M(EVENT, "duration", UINT, duration, IN_CLOSE,
    "milliseconds from the first packet, or from the snapshot, to the end; of "
    "UDP that was idle, to the last one"),
M(EVENT, "in", UINT, in, IN_CLOSE, "bytes received, without headers"),
M(EVENT, "out", UINT, out, IN_CLOSE,
    "bytes sent, without headers, each counted once"),
M(EVENT, "proto", STR, proto, IN_EVENT, "TCP or UDP"),
M(EVENT, "src", ADDR, src, IN_EVENT,
    "source address; of LISTEN the address that is listened on, without it: "
    "all"),
M(EVENT, "shost", STR, shost, IN_C,
    "name of the source address, from the configured hosts-files"),
M(EVENT, "spt", UINT, spt, IN_EVENT,
    "source port; of LISTEN, and of a DIGEST of it, the port that is listened "
    "on"),
M(EVENT, "snapshot", UINT, snapshot, IN_CONNECT | IN_LISTEN | IN_CLOSE,
    "1: it was there before the collector was, or is told again; the time is "
    "that of the snapshot"),
M(EVENT, "random", UINT, random, IN_LISTEN | IN_DIGEST,
    "1: the kernel chose the port"),
M(EVENT, "dst", ADDR, dst, IN_EVENT,
    "destination address, before NAT; DIGEST: of the first that was counted"),
M(EVENT, "dhost", STR, dhost, IN_C, "name of the destination address"),
M(EVENT, "dhostsource", STR, dhostsource, IN_C,
    "where dhost is from: dns, an answer to the same process; dns-host, an "
    "answer to another process of the host; hosts, the configured hosts-files"),
M(EVENT, "dpt", UINT, dpt, IN_EVENT, "destination port"),
M(EVENT, "net", STR, net, IN_DIGEST,
    "network of the destinations that were counted, or of the addresses that "
    "were listened on"),
M(EVENT, "nat64", STR, nat64, IN_C,
    "the IPv4 address inside a destination in 64:ff9b::/96"),
M(EVENT, "deviceDirection", UINT, direction, IN_C, "1: outbound, 0: inbound"),

M(EVENT, "filePath", STR, filepath, IN_EXEC | IN_FILES,
    "of OPEN and ESCAPE: the file, as a path in the process's mount "
    "namespace, whatever its root is, or in that which the file is of; of "
    "EXEC: what was to be executed, as it was named, where that failed; exe "
    "and cmd are then of the process, which goes on"),
M(EVENT, "argv", TEXT, argv, IN_EXEC | IN_DIGEST,
    "the arguments it was to have, quoted for a shell"),
M(EVENT, "argvcut", UINT, argvcut, IN_EXEC | IN_DIGEST,
    "1: argv is not whole: more than 1 KiB or 64 arguments, or not in memory"),
M(EVENT, "cwd", STR, cwd, IN_EXEC | IN_LINE | IN_FILES,
    "working directory, as a path in the process's mount namespace, whatever "
    "its root is"),
M(EVENT, "root", STR, root, IN_EXEC | IN_LINE | IN_FILES,
    "the process's root directory, where that is not /: what is below it, the "
    "process names without it"),
M(EVENT, "mntns", UINT, mntns, IN_EXEC | IN_LINE | IN_FILES,
    "inode of the mount namespace, where it is not the collector's"),
M(EVENT, "traits", STR, traits, IN_EXEC | IN_FILES,
    "what else is to be said of it: setuid, setgid, setcap (of the file); "
    "fexecve, execveat, openat2, by-handle, io_uring (how); memfd (no file); "
    "deleted (the file has no name any more)"),
M(EVENT, "line", STR, line, IN_LINE,
    "what was typed, as the shell was given it"),
M(EVENT, "linecut", UINT, linecut, IN_LINE,
    "1: line is not whole: more than 1 KiB, or it could not be read"),
M(EVENT, "tty", STR, tty, IN_LINE, "the terminal of the process: pts0, tty1"),
M(EVENT, "capability", STR, capability, IN_CAPABLE,
    "which one was asked for, as capabilities(7) names it"),
M(EVENT, "askedns", UINT, asked, IN_CAPABLE,
    "inode of the user namespace that it was asked in, where that is not the "
    "first one: nothing of the host is reached by it"),
M(EVENT, "ownPath", STR, ownpath, IN_EXEC | IN_FILES,
    "filePath, of EXEC exe, without root, where the process has one: its own "
    "name for it"),
M(EVENT, "insidePath", STR, insidepath, IN_EXEC | IN_FILES,
    "path inside of the file system, where filePath, of EXEC exe, is by a bind "
    "mount"),
M(EVENT, "asked", STR, askedpath, IN_FILES,
    "what was asked for, where that is not filePath"),
M(EVENT, "watched", STR, watched, IN_OPENS,
    "the configured path that it is, or is below"),
M(EVENT, "access", STR, access, IN_FILES,
    "how it was opened: read, write, read-write, path, or none of them; then "
    "the other flags of open(2): create, truncate, append ..."),
M(EVENT, "way", STR, way, IN_ESCAPE | IN_DIGEST,
    "how a process of a container got out of it: open, exec (of a file), setns "
    "(into a namespace of the host)"),
M(EVENT, "place", STR, place, IN_ESCAPE | IN_DIGEST,
    "whose that file is: host; detached, of a mount that was taken off; other, "
    "of another container or sandbox"),
M(EVENT, "entered", STR, entered, IN_ESCAPE | IN_DIGEST,
    "the host's namespaces that it entered, as /proc/PID/ns names them, with "
    "commas between them"),
M(EVENT, "mode", STR, mode, IN_FILES,
    "permissions that a file was to have if it was made, octal"),

GIN("spid", UINT, pid, IN_S, "process id, in the host's pid namespace"),
GIN("dpid", UINT, pid, IN_ACCEPT,
    "the same of ACCEPT: of the process that listens, the destination"),
GIN("sproc", STR, comm, IN_S, "comm of the process: of its first thread"),
GIN("dproc", STR, comm, IN_ACCEPT, "the same of ACCEPT"),
GIN("suid", UINT, uid, IN_S, "real user id (not what auditd calls suid)"),
GIN("duid", UINT, uid, IN_ACCEPT, "the same of ACCEPT"),
GIN("suser", STR, user, IN_S, "name of that user"),
GIN("duser", STR, user, IN_ACCEPT, "the same of ACCEPT"),
G("euid", UINT, euid, "effective user id of the caller, where it differs"),
G("gid", UINT, gid,
    "real group id; of an ancestor where it differs from the caller's"),
G("group", STR, group, "name of that group"),
G("egid", UINT, egid, "effective group id of the caller, where it differs"),
G("auid", UINT, auid,
    "user id of the login (auditd's auid); of an ancestor where it "
    "differs from the caller's"),
G("auser", STR, auser, "name of that user"),
G("ses", UINT, ses,
    "number of the caller's login session (auditd's ses)"),
G("exe", STR, exe,
    "what is executed, as a path in the process's mount namespace"),
G("script", STR, script,
    "what was to be executed, where that is not exe: a script, a "
    "relative path"),
G("cmd", TEXT, cmd, "arguments, quoted for a shell"),
G("cmdlen", UINT, cmdlen,
    "bytes of the arguments, where cmd does not have them all"),
G("cmdhash", STR, cmdhash,
    "where cmd was redacted: equal for equal arguments of one host, made "
    "with a key so that it does not give the secret away"),
G("born", TIME_MS, born, "when the process started"),
G("state", STR, state,
    "exited: had gone before the event; unresolved: only pid and comm "
    "are known"),

M(EVENT, "tid", UINT, tid, IN_C, "id of the calling thread, if not the first"),
M(EVENT, "thread", STR, thread, IN_C,
    "comm of the calling thread, if not the first"),
M(EVENT, "kernel", UINT, kernel, IN_C,
    "1: the caller is a thread of the kernel"),
M(EVENT, "repair", UINT, repair, IN_C,
    "1: under TCP_REPAIR, so that no packet was sent"),
M(EVENT, "subflow", UINT, subflow, IN_C,
    "1: a further MPTCP subflow; the caller is the owner of the first"),
M(EVENT, "quic", UINT, quic, 1 << MSG_UDP,
    "1: the first datagram looks like QUIC's; known of connected sockets "
    "alone"),
M(EVENT, "proxy", UINT, proxy, IN_C,
    "1: the destination is a configured proxy"),
M(EVENT, "netns", UINT, netns, IN_EVENT, "inode of the network namespace"),
M(EVENT, "userns", UINT, userns, IN_C,
    "inode of the caller's user namespace, if it is not the host's"),
M(EVENT, "nsuid", UINT, nsuid, IN_C,
    "what suid is in there; not there: no user has that id"),
M(EVENT, "cgroup", STR, cgroup, IN_C, "path of the control group"),
M(EVENT, "unit", STR, unit, IN_C, "systemd unit"),
M(EVENT, "runtime", STR, runtime, IN_C,
    "what runs the container: docker, containerd, cri-o, podman, lxc, "
    "systemd-nspawn; kubernetes where its name does not tell which"),
M(EVENT, "container", STR, container, IN_C,
    "id of the container; of lxc and systemd-nspawn its name"),
M(EVENT, "containerName", STR, containername, IN_C,
    "its name; in Kubernetes, that in the pod"),
M(EVENT, "image", STR, image, IN_C, "its image, as the runtime was told"),
M(EVENT, "pod", STR, pod, IN_C, "its Kubernetes pod"),
M(EVENT, "podUid", STR, poduid, IN_C, "uid of the pod"),
M(EVENT, "namespace", STR, space, IN_C, "namespace of the pod"),
M(EVENT, "adopter", STR, adopter, IN_C,
    "comm(pid) of the process that the caller was re-parented to; the "
    "chain keeps the line of birth"),
M(EVENT, "pkey", STR, pkey, IN_C,
    "pid:start, start in nanoseconds since boot: the process, also when "
    "its pid is reused"),
M(EVENT, "externalId", STR, externalid, IN_EVENT | IN_TEST,
    "the event, unique over hosts and boots; the same if it is written twice"),
M(EVENT, "cid", STR, cid, IN_EVENT,
    "externalId of the CONNECT or UDP that this belongs to"),
M(EVENT, "rule", STR, rule, IN_EVENT,
    "name of the rule that decided; if all that are true of it only tag, of "
    "the first"),
M(EVENT, "decision", STR, decision, IN_EVENT,
    "what that rule does: tag, raise or digest"),
M(EVENT, "tags", STR, tags, IN_EVENT,
    "tags of all rules that are true of it, with commas between them"),
M(EVENT, "start", TIME, start, IN_DIGEST | IN_CAPABLE,
    "the first that was counted"),
M(EVENT, "end", TIME, end, IN_DIGEST | IN_CAPABLE, "the last"),
M(EVENT, "cnt", UINT, cnt, IN_DIGEST | IN_CLOSE | IN_CAPABLE,
    "of DIGEST: events that were counted and have no message "
    "of their own; of CAPABLE: checks; of CLOSE: datagrams that were sent"),

M(ANCESTRY, "depth", UINT, depth, IN_C,
    "processes of the line, the caller included, before any cut"),
M(ANCESTRY, "cut", UINT, cut, IN_C, "generations left out between those shown"),
M(ANCESTRY, "chain", TEXT, chain, IN_C,
    "comm(pid) from the caller outwards, the nearest 8 and the outermost 2"),
M(ANCESTRY, "redacted", STR, redacted, IN_C, "fields that had a secret"),
M(ANCESTRY, "truncated", STR, truncated, IN_C, "fields that were shortened"),

M(EVENT, "version", STR, version, IN_START | IN_STOP, "of pidtreed"),
M(EVENT, "abi", UINT, abi, IN_START, "layout of what is kept in the kernel"),
M(EVENT, "target", STR, target, IN_STATE, "where messages go"),
M(EVENT, "keep", STR, keep, IN_START | IN_STOP,
    "what keeps the state in the kernel over a restart"),
M(EVENT, "config", STR, config, IN_STATE,
    "hash of the effective configuration"),
M(EVENT, "filter", STR, filter, IN_STATE, "the effective filter"),
M(EVENT, "filterHash", STR, filterhash, IN_STATE, "hash of it"),
M(EVENT, "acceptFilter", STR, acceptfilter, IN_STATE,
    "the effective filter of ACCEPT"),
M(EVENT, "listenFilter", STR, listenfilter, IN_STATE,
    "the effective filter of LISTEN"),
M(EVENT, "rules", UINT, nrules, IN_STATE, "rules in force"),
M(EVENT, "rulesHash", STR, ruleshash, IN_STATE, "hash of them"),
M(EVENT, "drops", STR, drops, IN_STATE | IN_STOP,
    "rules that drop, and how many events each has dropped since the last "
    "message that said so: NAME=COUNT; NAME=COUNT"),
M(EVENT, "digests", STR, digests, IN_STATE | IN_STOP,
    "the same of rules that digest; the first of each, which is logged, is "
    "among them"),
M(EVENT, "probes", STR, probes, IN_STATE, "active probes"),
M(EVENT, "refused", STR, refused, IN_STATE,
    "probes that the kernel refused, and why"),
M(EVENT, "cause", STR, cause, IN_OWN,
    "START: fresh, adopted (what an earlier collector kept is used) or "
    "reseeded; LOST: the counters that have risen"),
M(EVENT, "detail", STR, detail, IN_OWN, "START: what a take-over cost"),
M(EVENT, "start", TIME, start, IN_OWN, "begin of the time that is spoken of"),
M(EVENT, "end", TIME, end, IN_OWN, "end of it"),
M(EVENT, "cnt", UINT, cnt, IN_OWN,
    "connections logged in that time; LOST: events lost"),
M(EVENT, "before", TIME, before, IN_CLOCK, "the time before the step"),
M(EVENT, "after", TIME, after, IN_CLOCK, "the time after it"),
M(EVENT, "queued", UINT, queued, IN_COUNT, "messages that wait for the target"),
M(EVENT, "rss", UINT, rss, IN_STATS,
    "resident memory of the collector in bytes"),
M(EVENT, "kmem", UINT, kmem, IN_STATS,
    "memory of its maps in the kernel in bytes"),
#define X(name, cls, doc) M(EVENT, #name, UINT, \
    counter[COUNTER_##name], IN_COUNT, doc),
COUNTERS(X)
#undef X
#define X(name, cls, doc) M(EVENT, #name, UINT, \
    ucounter[UCOUNTER_##name], IN_COUNT, doc),
UCOUNTERS(X)
#undef X

M(EVENT, "cloud", STR, cloud, IN_HOST, "cloud provider"),
M(EVENT, "account", STR, account, IN_HOST, "account in the cloud"),
M(EVENT, "region", STR, region, IN_HOST, "region in the cloud"),
M(EVENT, "machine", STR, machine, IN_HOST,
    "kind of machine: of the instance in a cloud, else the architecture"),
M(EVENT, "fqdn", STR, fqdn, IN_HOST, "full name of the host"),
M(EVENT, "kernelRelease", STR, kernelrelease, IN_HOST, "release of the kernel"),
M(EVENT, "os", STR, os, IN_HOST, "operating system"),
M(EVENT, "addresses", STR, addresses, IN_HOST,
    "all addresses of the host, separated by blanks"),
M(EVENT, "forwarding", UINT, forwarding, IN_HOST,
    "1: it forwards packets for others"),
M(EVENT, "truncated", STR, truncated, IN_OWN | IN_CLOSE | IN_TEST,
    "fields that were shortened"),
};

const size_t nfields = sizeof(fields) / sizeof(fields[0]);

const struct name sd_names[NSDS] = {
	[SD_META] = { "meta", "the series (RFC 5424 section 7.3)" },
	[SD_ORIGIN] = { "origin", "the program (section 7.2 there)" },
	[SD_TIMEQUALITY] = { "timeQuality", "the clock (section 7.1 there)" },
	[SD_HOST] = { "host", "which host, in which boot" },
	[SD_EVENT] = { "event", "what happened, and who did it" },
	[SD_ANCESTRY] = { "ancestry", "who stands behind it" },
};

const struct name msgid_names[NMSGIDS] = {
	[MSG_CONNECT] = { "CONNECT",
	    "an outbound connection was attempted; one message an attempt" },
	[MSG_OUTCOME] = { "OUTCOME",
	    "what became of an attempt that was pending in its CONNECT" },
	[MSG_UDP] = { "UDP",
	    "a socket sent its first datagram to this address and port" },
	[MSG_CLOSE] = { "CLOSE",
	    "a connection that was logged has ended" },
	[MSG_DIGEST] = { "DIGEST",
	    "what one lineage did again and again, counted and not logged one "
	    "by one: connections to one network and port, questions of DNS, "
	    "executions that failed, opens" },
	[MSG_LISTEN] = { "LISTEN",
	    "a TCP socket began to listen, or a UDP socket was bound" },
	[MSG_DNS] = { "DNS",
	    "a process asked for a name; one message an hour for each lineage, "
	    "name and type, a DIGEST counts the others" },
	[MSG_ACCEPT] = { "ACCEPT",
	    "an inbound connection was made to a process that listens; the "
	    "source is the remote side" },
	[MSG_EXEC] = { "EXEC", "a process executed a program, or tried to" },
	[MSG_READLINE] = { "READLINE", "a line was typed into a shell" },
	[MSG_CAPABLE] = { "CAPABLE",
	    "a process was asked for a capability; one message for each "
	    "capability, verdict and interval" },
	[MSG_OPEN] = { "OPEN",
	    "a file that is watched was opened, or was to be" },
	[MSG_ESCAPE] = { "ESCAPE",
	    "a process of a container got at a file or a namespace outside of "
	    "it" },
	[MSG_START] = { "START", "the collector is ready" },
	[MSG_STOP] = { "STOP", "the collector ends" },
	[MSG_RELOAD] = { "RELOAD", "another configuration is in force" },
	[MSG_STATS] = { "STATS", "what was counted, at regular intervals" },
	[MSG_LOST] = { "LOST", "events are missing from the log" },
	[MSG_CLOCK] = { "CLOCK", "the clock was stepped by more than 100 ms" },
	[MSG_HOST] = { "HOST", "who this host is" },
	[MSG_TEST] = { "TEST",
	    "sent by hand (pidtree forward test), to be found elsewhere" },
};

bool
sd_is_private(enum sd sd)
{
	return sd >= SD_HOST;
}

int64_t
field_distance(const char *name, size_t *n)
{
	int64_t dist = 0;
	size_t end, i = *n;

	while (i > 0 && name[i - 1] >= '0' && name[i - 1] <= '9')
		i--;
	if (i == *n || *n - i > 9 || name[i] == '0')
		return 0;
	for (end = *n, *n = i; i < end; i++)
		dist = dist * 10 + name[i] - '0';
	return dist;
}

/* In event@ a name may be the message's or the caller's. */
static bool
belongs(const struct field *f, enum sd sd, int64_t dist)
{
	return dist > 0 ? f->generation : f->sd == sd;
}

const struct field *
field_find(enum sd sd, enum msgid msgid, const char *name, size_t n,
    int64_t *dist, size_t *hint)
{
	const struct field *f;
	size_t i, at;

	*dist = sd == SD_ANCESTRY ? field_distance(name, &n) : 0;
	for (i = 0, at = *hint; i < nfields; i++, at++) {
		if (at >= nfields)
			at = 0;
		f = fields + at;
		if (f->len == n && f->name[0] == name[0] &&
		    f->msgids >> msgid & 1 && belongs(f, sd, *dist) &&
		    memcmp(f->name, name, n) == 0) {
			*hint = at + 1;
			return f;
		}
	}
	return NULL;
}
