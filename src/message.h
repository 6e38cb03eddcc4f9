/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message in memory: what the collector knows of one event, and what a
 * reader got back from a line of the log.  The field table (fields.h) names
 * every member once; writer, parser and everything else go through it.
 */
#ifndef PIDTREED_MESSAGE_H
#define PIDTREED_MESSAGE_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

#define NUM_NONE	INT64_MIN	/* a number that is not known */
#define GENERATIONS	32		/* at most, in one message, the caller
					   included: when there are more, */
#define GENERATIONS_NEAR 24		/* this many nearest stay, and the
					   rest are the outermost */

/* Bytes, not NUL-terminated, borrowed; s == NULL: not known. */
struct str {
	const char *s;
	size_t n;
};

enum msgid {
	MSG_CONNECT, MSG_OUTCOME, MSG_UDP, MSG_CLOSE, MSG_DIGEST, MSG_LISTEN,
	MSG_DNS, MSG_EXEC, MSG_READLINE, MSG_ACCEPT, MSG_CAPABLE, MSG_OPEN,
	MSG_ESCAPE,
	MSG_START, MSG_STOP, MSG_RELOAD, MSG_STATS, MSG_LOST, MSG_CLOCK,
	MSG_HOST, MSG_TEST,
	NMSGIDS
};

/*
 * What user space counts, in the manner of COUNTERS (event.h): name, class,
 * meaning.
 */
#define UCOUNTERS(X) \
	X(sink_dropped,	L, "messages dropped: the queue was full") \
	X(not_adopted,	L, "attempts of another layout, lost in a take-over") \
	X(recursion_misses, L, "runs of probes that the kernel skipped") \
	X(inherited,	I, "attempts from before this start, told after it") \
	X(listens_filtered, S, "sockets that listen, not logged") \
	X(from_proc,	I, "processes read from /proc") \
	X(unresolved,	I, "processes known by pid and comm alone") \
	X(container_skipped, S, \
	    "events left out by container.exclude or container.include") \
	X(rule_dropped, S, "events left out by rules that drop") \
	X(rule_dropped_early, I, "of these, TCP connections that the kernel " \
	    "left out") \
	X(rule_digested, S, \
	    "events that rules count, told in a DIGEST alone") \
	X(digests_full, I, "events logged for want of room to count them") \
	X(names_timeout, I, "names of ids that were not known in time")

enum ucounter {
#define X(name, cls, doc) UCOUNTER_##name,
	UCOUNTERS(X)
#undef X
	NUCOUNTERS
};

/* A process: the caller (generation 0) or an ancestor (1 is the parent). */
struct generation {
	int64_t dist;		/* true distance from the caller */
	int64_t pid, uid, euid, gid, egid, auid, ses;	/* euid only if not
				   uid, egid if not gid; an ancestor has no
				   ses, gid and auid only if not the caller's */
	int64_t born;		/* us since 1970, written to the ms */
	int64_t cmdlen;		/* bytes, only if cmd is not all */
	struct str comm, user, group, auser, exe, script, cmdhash;
	struct str cmd;		/* as text_quote_args writes it */
	struct str state;	/* "exited", "unresolved" */
};

struct message {
	enum msgid id;
	int facility, severity;		/* syslog(3) numbers, not shifted */
	int64_t time;			/* us since 1970 */
	struct str hostname, app;
	int64_t procid;

	/* meta, origin, timeQuality */
	int64_t seq;			/* from 1; wraps when written */
	int64_t uptime;			/* 1/100 s, RFC 5424 7.3.3 */
	struct str software, swversion;
	int64_t tzknown, synced, syncaccuracy;

	/* host@ */
	struct str hostid, boot;

	/* event@ of connections; an address is absent if family is 0 */
	struct str act, outcome, reason, proto;
	int family;			/* AF_INET, AF_INET6 or 0 */
	struct in6_addr src, dst;	/* IPv4 in the v4-mapped form; the
					   unspecified address: not known */
	int64_t spt, dpt, direction, waited, netns, userns, nsuid;
	struct str shost, dhost, dhostsource;	/* their names */
	int64_t duration;		/* ms, of what CLOSE ends */
	int64_t in, out;		/* bytes of payload */
	struct str query, qtype, rcode, answers;	/* of DNS */
	int64_t answerscut, resolver;
	struct str closedby;
	struct str net;			/* of a DIGEST, "203.0.113.0/24" */
	int64_t random, snapshot;
	struct str nat64;		/* IPv4 inside a 64:ff9b::/96 dst */
	struct str thread;
	int64_t tid, kernel, repair, proxy, subflow, quic;
	struct str filepath, argv, cwd, root, traits;
	struct str line, tty, capability;
	struct str ownpath, insidepath, askedpath, watched, access, mode;
	struct str way, place, entered;	/* of ESCAPE */
	int64_t argvcut, mntns, linecut, asked;
	struct str pkey, externalid, cid;
	struct str rule, tags, decision;	/* what the rules say of it */
	struct str cgroup, unit, adopter;
	struct str runtime, container, containername, image;
	struct str pod, poduid, space;	/* Kubernetes */

	/* ancestry@; gen[0] is the caller and is written in event@ */
	int64_t depth;
	int64_t cut;			/* generations left out */
	struct str chain;		/* by the parser alone: the writer makes
					   it of gen[] */
	struct str redacted, truncated;	/* "cmd,cmd2" */
	size_t ngen;
	struct generation gen[GENERATIONS];

	/* event@ of the collector's own messages */
	struct str version;
	struct str config;		/* hash of the configuration */
	struct str listenfilter, acceptfilter;
	struct str filter, filterhash, probes, refused;
	struct str ruleshash, drops, digests;
	struct str target, keep, cause, detail;
	int64_t nrules, abi, start, end, cnt, before, after, queued, rss, kmem;
	int64_t counter[NCOUNTERS];	/* NUM_NONE: not carried */
	int64_t ucounter[NUCOUNTERS];

	/* event@ of HOST */
	struct str cloud, account, region, machine, fqdn, kernelrelease, os;
	struct str addresses;		/* separated by blanks */
	int64_t forwarding;

	struct str text;		/* the sentence: by the parser alone */
};

/* Nothing known, id set, severity info, facility authpriv. */
void message_init(struct message *, enum msgid);
/*
 * The next generation, emptied: call it for the whole line, the caller first.
 * Beyond GENERATIONS the nearest of the outer part goes and is counted in
 * cut, so what stays are the nearest 24 and the outermost 8.  Pointers into
 * gen[] do not survive the call.
 */
struct generation *message_add_generation(struct message *);

#endif
