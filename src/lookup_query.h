/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One question to the logs, and what they answered.  Options make a finding
 * of their own, so everything behind knows findings alone.
 */
#ifndef PIDTREED_LOOKUP_QUERY_H
#define PIDTREED_LOOKUP_QUERY_H

#include "expr.h"
#include "finding.h"
#include "items.h"
#include "lookup_cover.h"
#include "lookup_once.h"
#include "lookup_tally.h"

#define GROUPS_MOST	256	/* lineages of one question */
#define OTHERS_MOST	12	/* destinations that are named */
#define DOMAINS_MOST	8	/* each is a pass over the logs of its own */

/* How well a connection fits, from the weakest; in the window but BEFORE. */
enum match {
	MATCH_NONE,
	MATCH_BEFORE,		/* the same tuple, opened before */
	MATCH_NAME,		/* a name alone: in a command line, as file;
				   who asked for a name below it */
	MATCH_DHOST,		/* connected to under the name asked for */
	MATCH_ADDRESS,
	MATCH_PORT,		/* remote address and port */
	MATCH_EXACT,		/* and the local port */
	NMATCHES
};

/* What would have seen it. */
struct probe {
	const char *name;	/* in START's probes */
	const char *msgid;	/* of the messages that it makes */
	const char *of;		/* what it sees, for people */
};

/* A destination of the same processes. */
struct other {
	struct in6_addr dst;
	int64_t dpt;
	uint64_t n;
};

enum { OUT_ESTABLISHED, OUT_PENDING, OUT_FAILED, NOUTCOMES };

/* What a CLOSE said of a connection. */
struct end {
	int64_t time;		/* NUM_NONE: nothing was said */
	int64_t duration, in, out;
};

enum group_kind {
	GROUP_CONNECTS,		/* CONNECT and UDP */
	GROUP_LISTENS,		/* LISTEN */
	GROUP_ACCEPTS,		/* ACCEPT */
	GROUP_ASKS,		/* DNS, and DIGESTs of the same */
};

/* Connections of one lineage on one host; or what it listens on, accepts or
   asks. */
struct group {
	uint64_t lineage;	/* its id */
	enum group_kind kind;	/* what is counted */
	const struct host *host;
	enum match best;
	uint64_t n;
	uint64_t outcome[NOUTCOMES];
	bool own_source;	/* from an address that the finding has */
	struct once pending;	/* externalIds */
	int64_t first, last;
	char *line;		/* the message that fits best; of those the
				   newest */
	size_t size;
	int64_t line_time;
	bool line_digest;	/* it is one, nothing better is there */
	bool resolver;		/* it answers questions itself */
	uint64_t line_id;	/* group_id of its externalId */
	struct end end;		/* of that connection */
	uint64_t boot;		/* group_id of its boot */
	struct once processes;
	/* Before `first`: to the same address, to its network, at all. */
	struct seen dest, net, any;
	struct other other[OTHERS_MOST];	/* in the window */
	size_t nothers;
	struct other to[OTHERS_MOST];	/* connected to, of MATCH_DHOST */
	size_t nto;
	uint64_t more_to;
	bool by_asker;		/* of MATCH_DHOST: its lineage asked, too */
	uint64_t more_others;	/* connections to further ones */
	const char *forwarder;	/* what it is, if it is one */
	struct group *client;	/* who connected to it, in the window */
	size_t nclients;
};

struct query {
	const struct finding *f;
	const struct finding *own;	/* of the options: it is f */
	const char *user, *exe;	/* of the options */
	const struct expr *where;	/* likewise; NULL: none */
	const char *where_text;
	const struct items *forwarders;	/* names of files */
	struct probe probe;
	bool listening;			/* who listens there? */
	bool asking;			/* who asked for that name? */
	char *name;		/* the domain as the collector writes it */
	int64_t from, until;	/* the window with its slack; NUM_NONE: open */
	bool any_host;
	bool unsearched;	/* a name too many, see DOMAINS_MOST */

	/* the answer */
	const struct host *host;
	const char *how;	/* it was found */
	size_t nsame;		/* hosts that fit as well */
	struct group *group;
	size_t ngroups;
	uint64_t more;		/* connections of further lineages */
	struct once counted;	/* externalIds of all of these */
	struct seen dest;	/* the addresses, by anyone, at any time */
	enum match match;
	struct cover cover;
};

/* Window and probe of a finding; slack in us.  False: no memory. */
bool query_init(struct query *, const struct finding *, int64_t slack);
/* Which host is meant, after the logs were read. */
void query_find_host(struct query *, const struct hosts *);
/* How well m, of this host's, fits; the window is seen to, but not which
   host it is. */
enum match query_match(const struct query *, const struct message *);
/* How well a DNS fits, or a DIGEST about a name. */
enum match query_asks(const struct query *, const struct message *);
/* How well a LISTEN fits: it may be long before the window. */
enum match query_listens(const struct query *, const struct message *);
/* How well an ACCEPT fits; the window is seen to. */
enum match query_accepts(const struct query *, const struct message *);
/* Is this one of the addresses of the host in question? */
bool query_is_host(const struct query *, const struct in6_addr *);
/* Is it about the addresses of the question, at whatever time? */
bool query_about(const struct query *, const struct in6_addr *);
void query_free(struct query *);

/* A finding about nothing yet, for options to fill; NULL: no memory. */
struct finding *query_blank(void);
void query_blank_free(struct finding *);

#endif
