/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of `pidtree lookup` share. */
#ifndef PIDTREED_LOOKUP_IMPL_H
#define PIDTREED_LOOKUP_IMPL_H

#include "lookup_query.h"
#include "option.h"
#include "record.h"
#include "search.h"

enum siem { SIEM_NONE, SIEM_SPLUNK, SIEM_ELASTIC, SIEM_KQL };

struct lookup {
	struct option_common common;
	struct finding *asked;		/* by options; NULL: see findings */
	const char *user, *exe;
	struct expr *where;		/* NULL: not asked */
	const char *where_text;
	const char *config;		/* NULL: the usual one */
	struct items forwarders;
	enum siem siem;
	int64_t slack, now;		/* us */
	int width;
	struct search *search;
	struct findings *findings;
	struct query *query;
	size_t n;
	struct hosts hosts;
	struct term term;
	bool trouble;			/* some input was not usable */
	bool interrupted;
};

/* Options and findings; false after a reason was given. */
bool lookup_options(struct lookup *, int argc, char *argv[]);
/* Adds those of the configuration to l->forwarders; what is wrong with it is
   said, and is trouble.  False: no memory. */
bool lookup_forwarders(struct lookup *);
/* Reads the logs, twice if something was found.  -1 with errno. */
int lookup_run(struct lookup *);
/* The answer to one question. */
void lookup_text(struct lookup *, const struct query *);
/* One lineage of it. */
void lookup_group(struct lookup *, const struct query *, const struct group *);
void lookup_json(struct lookup *, const struct query *);
void lookup_siem(struct lookup *, const struct query *);

extern const char *const match_names[NMATCHES];

#endif
