/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GuardDuty findings, in whatever shape people have them: what get-findings
 * prints, EventBridge events, lines of the export to S3 (gzip too), a bare
 * finding, what SNS and SQS wrap around one, arrays of any of them, told
 * apart by content and in any letter case.  An analyst's question to the
 * logs: which host, which connection, when.
 */
#ifndef PIDTREED_FINDING_H
#define PIDTREED_FINDING_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"	/* NUM_NONE */

#define FINDING_LIST	256		/* tuples, addresses, names; more are
					   not looked at, and `cut` says so */
#define FINDINGS_KEPT	(32 << 20)	/* bytes of memory, of all of them */
#define FINDING_ERRORS	100		/* lines kept */

enum finding_kind {
	FINDING_NETWORK,	/* one tuple */
	FINDING_PORT_PROBE,	/* a tuple for each probe, without rport */
	FINDING_DNS,		/* domain, no tuple */
	FINDING_RUNTIME,	/* process, and neither of the above */
	FINDING_SKIPPED,	/* nothing of a host: see `skipped` */
};

enum finding_direction {
	FINDING_UNKNOWN,
	FINDING_OUT,		/* a DNS request too */
	FINDING_IN,		/* a port probe too */
};

/* What is not known: the unspecified address, NUM_NONE (port 0 too).  IPv4 in
   the v4-mapped form; where a finding has IPv4 and IPv6, it is the IPv4. */
struct finding_tuple {
	struct in6_addr remote, local;
	int64_t rport, lport;
};

struct finding_process {
	const char *name, *exe, *cmd, *user;
	const char *sha256;		/* of exe */
	int64_t pid, uid, euid;
	int64_t nspid;			/* in its own pid namespace */
	int64_t started;		/* us since 1970 */
};

struct finding_container {
	const char *id, *name, *image;
};

struct finding_tag {
	const char *key, *value;
};

/*
 * One finding.  Strings are bytes as AWS has them, of which anybody may be
 * the author: a domain, a process, a tag.  NULL: not known; never empty.
 * Numbers and times (us since 1970) that are not known are NUM_NONE.
 */
struct finding {
	const char *file;		/* where it was; "standard input" */
	uint64_t line;			/* of its first byte, from 1 */
	uint64_t number;		/* in the file, from 1; skipped and
					   damaged ones are counted too */

	const char *id, *arn, *type, *title, *description;
	const char *account, *region;
	double severity;		/* 1 to 10; negative: not known */
	int64_t count;
	int64_t first, last;		/* the window: eventFirstSeen and
					   eventLastSeen, else createdAt and
					   updatedAt */
	bool sample;			/* one of AWS's samples */
	bool archived;
	bool cut;			/* a list was longer than FINDING_LIST
					   or a string than 4096 bytes */

	enum finding_kind kind;
	const char *skipped;		/* FINDING_SKIPPED: why, one line */
	const char *action;		/* actionType as it was */
	const char *api;		/* of AWS_API_CALL and the like */
	enum finding_direction direction;
	bool actor;			/* resourceRole: this host did it */
	bool blocked;
	const char *proto;		/* "TCP", "UDP", "ICMP", or as it was;
					   NULL for "0" too */
	const char *domain;
	struct finding_tuple *tuple;
	size_t ntuples;

	const char *resource;		/* resourceType: "Instance" ... */
	const char *instance;		/* "i-..." */
	struct in6_addr *address;	/* the host's own, without public ones;
					   what tuples have as local first */
	size_t naddresses;
	const char **name;		/* private DNS names; the tag Name */
	size_t nnames;
	struct finding_tag *tag;	/* of the instance */
	size_t ntags;

	const char *orchestrator;	/* "EKS", "ECS" */
	const char *cluster;		/* its name */
	const char *task;		/* ARN of the ECS task */
	const char *workload;		/* Kubernetes: its name, its kind */
	const char *workload_type, *namespace;
	struct finding_container *container;
	size_t ncontainers;

	/* Runtime Monitoring: the process, then its lineage as AWS has it,
	   nearest first. */
	struct finding_process *process;
	size_t nprocesses;
};

/* Findings in the order of the input, skipped ones too, and what could not
   be read: a line each, "place: what, what was expected", printable. */
struct findings {
	struct finding **finding;
	size_t n;
	char **error;
	size_t nerrors;
	uint64_t more_errors;		/* not kept */
	size_t kept;			/* bytes of memory */
};

/* NULL: no memory. */
struct findings *findings_new(void);
/*
 * Adds what is in the file path; "-" is standard input.  0, or -1 if anything
 * could not be read: then there is at least one more error, and the findings
 * before it, and behind it where the next one can be told, are there all the
 * same.  A file with nothing in it is an error; an empty list is not.
 */
int findings_read(struct findings *, const char *path);
void findings_free(struct findings *);

#endif
