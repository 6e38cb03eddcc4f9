/* SPDX-License-Identifier: BSD-2-Clause */
/* What `pidtree lookup` is asked: options, or findings that are read. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "lookup_impl.h"
#include "lookup_when.h"
#include "number.h"
#include "text.h"

#define SLACK	(15 * 60 * INT64_C(1000000))	/* us */

enum {
	OPT_DST = OPTION_OWN, OPT_DPT, OPT_SRC, OPT_SPT, OPT_PROTO, OPT_DOMAIN,
	OPT_SINCE, OPT_UNTIL, OPT_USER, OPT_EXE, OPT_WHERE, OPT_HOST, OPT_SLACK,
	OPT_QUERY, OPT_WIDTH, OPT_FORWARDER, OPT_CONFIG,
};

static const char usage[] =
"usage: pidtree lookup [OPTION...] [FINDING...]\n"
"       pidtree lookup [OPTION...] --dst=ADDRESS [--dpt=PORT] ...\n"
"\n"
"Which processes made the connection that a finding tells of, have they done\n"
"so before, and if there is nothing, do the logs prove it?\n"
"FINDING is a file of GuardDuty findings, or - (standard input, also without\n"
"any FINDING): what get-findings prints, EventBridge events, S3 exports.\n"
"\n"
"      --log=PATH       a file, a directory with all below it, a pattern, -;\n"
"                       without: " SEARCH_LOGS "\n"
"      --slack=TIME     how far a finding's times may be off: 15m without\n"
"      --forwarder=NAME also a program that forwards for others, by its\n"
"                       file's name\n"
"      --config=FILE    where that list is; without:\n"
"                       " SYSCONFDIR "/pidtreed/pidtreed.yaml\n"
"      --json           one JSON object for each finding\n"
"      --query=KIND     print the search for a SIEM instead: splunk, elastic\n"
"                       or kql\n"
"      --color=WHEN     auto, always or never\n"
"      --width=COLUMNS  break lines there; 0: never\n"
"  -h, --help           this text\n"
"      --version        the version of pidtree\n"
"\n"
"Instead of findings, what all connections that are looked for have:\n"
"      --dst=ADDRESS --dpt=PORT --src=ADDRESS --spt=PORT --proto=NAME\n"
"      --domain=NAME    alone: who asked DNS for it, what was connected to\n"
"                       under it; else behind the address, or in a command\n"
"                       line of the processes\n"
"      --user=NAME --exe=PATH   of any process of the line\n"
"      --where=EXPRESSION   like 'exe ~ python and dst in 203.0.113.0/24',\n"
"                       over all fields of the messages; see pidtree(1)\n"
"      --host=NAME      or id\n"
"      --since=TIME --until=TIME   2026-11-22T08:14:02Z, 2026-11-22, -2h,\n"
"                       today, yesterday, now; UTC\n"
"\n"
"Exit status: 0 something was found; 1 nothing, and the logs cover it;\n"
"3 nothing, but the logs do not prove it; 2 trouble.\n";

static struct finding *
asked(struct lookup *l)
{
	if (l->asked == NULL && (l->asked = query_blank()) == NULL)
		log_error("out of memory");
	return l->asked;
}

static bool
take_addr(const char *name, struct in6_addr *a)
{
	if (text_parse_addr(optarg, strlen(optarg), a) == 0)
		return true;
	log_error("%s: \"%s\": expected an IPv4 or IPv6 address", name, optarg);
	return false;
}

static bool
take_number(const char *name, uint64_t max, int64_t *n)
{
	uint64_t v;

	if (number_parse(optarg, strlen(optarg), max, &v) == 0) {
		*n = v;
		return true;
	}
	log_error("%s: \"%s\": expected a number up to %llu", name, optarg,
	    (unsigned long long)max);
	return false;
}

static bool
take_time(const char *name, int64_t now, bool end, int64_t *t)
{
	if ((*t = when_parse(optarg, now, end)) != NUM_NONE)
		return true;
	log_error("%s: \"%s\": expected a time: 2026-11-22T08:14:02Z, "
	    "2026-11-22, -2h, today, yesterday or now", name, optarg);
	return false;
}

static bool
take_proto(struct finding *f)
{
	static const struct {
		const char *name, *proto;
	} known[] = { { "tcp", "TCP" }, { "6", "TCP" }, { "udp", "UDP" },
	    { "17", "UDP" }, { "icmp", "ICMP" }, { "1", "ICMP" } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(optarg, known[i].name) == 0) {
			f->proto = known[i].proto;
			return true;
		}
	log_error("--proto: \"%s\": expected tcp, udp or icmp", optarg);
	return false;
}

static bool
take_host(struct finding *f)
{
	if (strncmp(optarg, "i-", 2) == 0)
		f->instance = optarg;
	free(f->name);
	if ((f->name = malloc(sizeof(*f->name))) == NULL) {
		log_error("out of memory");
		return false;
	}
	f->name[0] = optarg;
	f->nnames = 1;
	return true;
}

static bool
take_where(struct lookup *l)
{
	if (l->where != NULL) {
		log_error("--where: given twice, expected one expression");
		return false;
	}
	l->where_text = optarg;
	l->where = option_where("--where", optarg, 1u << MSG_CONNECT |
	    1u << MSG_UDP);
	return l->where != NULL;
}

/* The options that say what is looked for. */
static bool
take_asked(struct lookup *l, int opt)
{
	struct finding *f = asked(l);

	if (f == NULL)
		return false;
	switch (opt) {
	case OPT_DST:
		return take_addr("--dst", &f->tuple->remote);
	case OPT_SRC:
		return take_addr("--src", &f->tuple->local);
	case OPT_DPT:
		return take_number("--dpt", UINT16_MAX, &f->tuple->rport);
	case OPT_SPT:
		return take_number("--spt", UINT16_MAX, &f->tuple->lport);
	case OPT_PROTO:
		return take_proto(f);
	case OPT_DOMAIN:
		f->domain = optarg;
		return *optarg != '\0';
	case OPT_SINCE:
		return take_time("--since", l->now, false, &f->first);
	case OPT_UNTIL:
		return take_time("--until", l->now, true, &f->last);
	case OPT_USER:
		l->user = optarg;
		return true;
	case OPT_EXE:
		l->exe = optarg;
		return true;
	case OPT_WHERE:
		return take_where(l);
	case OPT_HOST:
		return take_host(f);
	}
	return false;
}

static bool
take_query(struct lookup *l)
{
	static const char *const name[] = { [SIEM_SPLUNK] = "splunk",
	    [SIEM_ELASTIC] = "elastic", [SIEM_KQL] = "kql" };
	enum siem i;

	for (i = SIEM_SPLUNK; i <= SIEM_KQL; i++)
		if (strcmp(optarg, name[i]) == 0) {
			l->siem = i;
			return true;
		}
	log_error("--query: \"%s\": expected splunk, elastic or kql", optarg);
	return false;
}

static bool
take_log(struct lookup *l, const char *path)
{
	if (search_log(l->search, path) == 0)
		return true;
	log_error("%s: %s", path, strerror(errno));
	return false;
}

static bool
take_forwarder(struct lookup *l)
{
	if (*optarg == '\0' || strchr(optarg, '/') != NULL) {
		log_error("--forwarder: \"%s\": expected the name of a file "
		    "without its directory", optarg);
		return false;
	}
	if (items_add(&l->forwarders, optarg, NULL) == 0)
		return true;
	log_error("out of memory");
	return false;
}

static bool
take(struct lookup *l, int opt, bool *logs)
{
	int64_t n;

	switch (opt) {
	case OPTION_LOG:
		*logs = true;
		return take_log(l, optarg);
	case OPT_QUERY:
		return take_query(l);
	case OPT_SLACK:
		if ((l->slack = when_duration(optarg)) != NUM_NONE)
			return true;
		log_error("--slack: \"%s\": expected a time like 90s, 15m, 2h "
		    "or 1d", optarg);
		return false;
	case OPT_FORWARDER:
		return take_forwarder(l);
	case OPT_CONFIG:
		l->config = optarg;
		return true;
	case OPT_WIDTH:
		if (!take_number("--width", 10000, &n))
			return false;
		l->width = n;
		return true;
	}
	if (opt >= OPT_DST && opt <= OPT_HOST)
		return take_asked(l, opt);
	return option_take(&l->common, opt, optarg);
}

static void
help(void)
{
	fputs(usage, stdout);
	exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
}

static bool
take_all(struct lookup *l, int argc, char *argv[], bool *logs)
{
	static const struct option rows[] = {
		OPTION_ROWS,
		{ "dst", required_argument, NULL, OPT_DST },
		{ "dpt", required_argument, NULL, OPT_DPT },
		{ "src", required_argument, NULL, OPT_SRC },
		{ "spt", required_argument, NULL, OPT_SPT },
		{ "proto", required_argument, NULL, OPT_PROTO },
		{ "domain", required_argument, NULL, OPT_DOMAIN },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "until", required_argument, NULL, OPT_UNTIL },
		{ "user", required_argument, NULL, OPT_USER },
		{ "exe", required_argument, NULL, OPT_EXE },
		{ "where", required_argument, NULL, OPT_WHERE },
		{ "host", required_argument, NULL, OPT_HOST },
		{ "forwarder", required_argument, NULL, OPT_FORWARDER },
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "slack", required_argument, NULL, OPT_SLACK },
		{ "query", required_argument, NULL, OPT_QUERY },
		{ "width", required_argument, NULL, OPT_WIDTH },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP)
			help();
		if (!take(l, opt, logs))
			return false;
	}
	return true;
}

/* What is wrong in one file is said; what is right in it is answered. */
static bool
read_findings(struct lookup *l, const char *path)
{
	struct findings *f = l->findings;
	size_t i, before = f->nerrors, n = f->n;
	uint64_t more = f->more_errors;
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;

	if (findings_read(f, path) == 0) {
		if (f->n == n)
			log_warn("%s: no finding in it", name);
		return true;
	}
	for (i = before; i < f->nerrors; i++)
		log_error("%s", f->error[i]);
	if (f->more_errors > more)
		log_error("%s: %llu more errors", name,
		    (unsigned long long)(f->more_errors - more));
	l->trouble = true;
	return true;
}

static bool
inputs(struct lookup *l, int argc, char *argv[])
{
	bool asks = l->asked != NULL || l->user != NULL || l->exe != NULL;

	if (l->where != NULL && l->siem != SIEM_NONE) {
		log_error("--where: expected no --query, an expression cannot "
		    "be made a search of a SIEM");
		return false;
	}
	if (asks && optind < argc) {
		log_error("%s: expected either findings, or options that say "
		    "what is looked for", argv[optind]);
		return false;
	}
	if (asks)
		return asked(l) != NULL;
	if (optind == argc && isatty(STDIN_FILENO)) {
		log_error("expected a finding, or options that say what is "
		    "looked for; see --help");
		return false;
	}
	if ((l->findings = findings_new()) == NULL) {
		log_error("out of memory");
		return false;
	}
	if (optind == argc)
		return read_findings(l, "-");
	for (; optind < argc; optind++)
		read_findings(l, argv[optind]);
	return true;
}

/* A name and nothing that a connection has: who asked for it. */
static void
ask_dns(struct finding *f)
{
	const struct finding_tuple *t = f->tuple;

	if (f->domain != NULL && IN6_IS_ADDR_UNSPECIFIED(&t->remote) &&
	    IN6_IS_ADDR_UNSPECIFIED(&t->local) && t->rport == NUM_NONE &&
	    t->lport == NUM_NONE && f->proto == NULL)
		f->kind = FINDING_DNS;
}

static bool
make_queries(struct lookup *l)
{
	size_t i, n = l->asked != NULL ? 1 : l->findings->n;

	if (l->asked != NULL)
		ask_dns(l->asked);

	if ((l->query = calloc(n + 1, sizeof(*l->query))) == NULL) {
		log_error("out of memory");
		return false;
	}
	for (i = 0; i < n; i++) {
		l->n++;
		if (!query_init(l->query + i, l->asked != NULL ? l->asked :
		    l->findings->finding[i], l->asked != NULL ? 0 :
		    l->slack)) {
			log_error("out of memory");
			return false;
		}
		l->query[i].forwarders = &l->forwarders;
	}
	if (l->asked != NULL) {
		l->query[0].own = l->asked;
		l->query[0].user = l->user;
		l->query[0].exe = l->exe;
		l->query[0].where = l->where;
		l->query[0].where_text = l->where_text;
	}
	return true;
}

bool
lookup_options(struct lookup *l, int argc, char *argv[])
{
	struct timespec t;
	bool logs = false;

	clock_gettime(CLOCK_REALTIME, &t);
	l->now = t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
	l->slack = SLACK;
	l->width = WIDTH_AUTO;
	if ((l->search = search_new()) == NULL) {
		log_error("out of memory");
		return false;
	}
	if (!take_all(l, argc, argv, &logs) || !inputs(l, argc, argv) ||
	    !make_queries(l) ||
	    (l->siem == SIEM_NONE && !lookup_forwarders(l)))
		return false;
	return logs || l->siem != SIEM_NONE || take_log(l, SEARCH_LOGS);
}
