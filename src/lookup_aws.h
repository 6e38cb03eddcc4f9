/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A finding of Runtime Monitoring has a line of processes of its own, as
 * AWS's agent saw it: beside ours, and what of it is the same.
 */
#ifndef PIDTREED_LOOKUP_AWS_H
#define PIDTREED_LOOKUP_AWS_H

#include "finding.h"
#include "message.h"
#include "term.h"

struct compared {
	size_t same;		/* of AWS's: pid and file as in ours */
	size_t other_file;	/* the pid is there with another file */
	size_t absent;		/* no such pid in ours */
	const struct finding_process *aws;	/* the first that is not the
						   same, if any, */
	const struct generation *ours;	/* and ours of that pid, or NULL */
	bool same_file;		/* nothing is the same but the file of the
				   first: another process of it */
};

/* Both lines from the caller up.  Names count where a file is not known. */
struct compared lookup_aws_compare(const struct finding *,
    const struct message *ours);
/* A paragraph; nothing if the finding has no processes.  ours NULL: nothing
   of ours to compare. */
void lookup_aws(struct term *, const struct finding *,
    const struct message *ours);

#endif
