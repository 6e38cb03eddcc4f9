/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidtree forward: rsyslog sends the log on, and nobody writes RainerScript.
 * Options are read here; forward_set, forward_off, forward_status and
 * forward_test do it.
 */
#include "forward.h"

#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forward_impl.h"
#include "log.h"
#include "option.h"

#define AUDIT_LOG	"/var/log/audit/audit.log"

static const char usage[] =
"usage: pidtree forward KIND TARGET [OPTION...]\n"
"       pidtree forward status [NAME] | test | off NAME\n"
"\n"
"Makes rsyslog send every message of pidtreed to a receiver, beside the local\n"
"log.  KIND and TARGET:\n"
"  relp HOST[:2514]           RELP over TLS: nothing is lost on the way\n"
"  tls HOST[:6514]            syslog over TLS (RFC 5425)\n"
"  elasticsearch HOST[:9200]  ECS documents; OpenSearch too\n"
"  kafka HOST[:9092]          ECS documents, or --format; several with commas\n"
"  status                     what is forwarded, the queue, the connection\n"
"  test                       sends a message that can be found over there\n"
"  off NAME                   ends it\n"
"\n"
"      --ca=FILE              certificates of who signed the receiver's\n"
"      --cert=FILE --key=FILE this host's, if the receiver wants one\n"
"      --peer=NAME            in the receiver's certificate; default: HOST\n"
"      --format=FORM          rfc5424, ecs or cef\n"
"      --into=NAME            of Elasticsearch's index, of Kafka's topic\n"
"      --user=USER --password-file=FILE\n"
"      --no-tls               elasticsearch, kafka: on a network of trust\n"
"      --audit[=FILE]         auditd's records too\n"
"      --name=NAME            of the forwarder; default: KIND\n"
"      --disk=SIZE            of its queue at most; default: 2g\n"
"  -n, --dry-run              shows and checks what would be written\n"
"      --restart              restarts rsyslog, so that it is in force\n"
"      --etc=DIR --rsyslog-conf=FILE --spool=DIR --socket=PATH --log=PATH\n"
"                             where things are, if not in the usual places\n"
"  -h, --help                 this text\n"
"      --version              the version of pidtree\n"
"\n"
"Exit status: 0 done, 1 not in force or not connected, 2 trouble.\n";

enum {
	OPT_CA = OPTION_OWN, OPT_CERT, OPT_KEY, OPT_PEER, OPT_AUDIT, OPT_NAME,
	OPT_DISK, OPT_FORMAT, OPT_INTO, OPT_USER, OPT_PASSWORD, OPT_NO_TLS,
	OPT_RESTART, OPT_ETC, OPT_CONF, OPT_SPOOL, OPT_SOCKET,
};

static const struct option rows[] = {
	{ "ca", required_argument, NULL, OPT_CA },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "peer", required_argument, NULL, OPT_PEER },
	{ "audit", optional_argument, NULL, OPT_AUDIT },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "into", required_argument, NULL, OPT_INTO },
	{ "user", required_argument, NULL, OPT_USER },
	{ "password-file", required_argument, NULL, OPT_PASSWORD },
	{ "no-tls", no_argument, NULL, OPT_NO_TLS },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "restart", no_argument, NULL, OPT_RESTART },
	{ "etc", required_argument, NULL, OPT_ETC },
	{ "rsyslog-conf", required_argument, NULL, OPT_CONF },
	{ "spool", required_argument, NULL, OPT_SPOOL },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Where the text of an option goes. */
static const char **
text_of(struct forward *f, int opt)
{
	switch (opt) {
	case OPT_CA:
		return &f->to.ca;
	case OPT_CERT:
		return &f->to.cert;
	case OPT_KEY:
		return &f->to.key;
	case OPT_PEER:
		return &f->to.peer;
	case OPT_AUDIT:
		return &f->to.audit;
	case OPT_NAME:
		return &f->to.name;
	case OPT_DISK:
		return &f->to.disk;
	case OPT_FORMAT:
		return &f->format;
	case OPT_INTO:
		return &f->to.into;
	case OPT_USER:
		return &f->to.user;
	case OPT_PASSWORD:
		return &f->password_file;
	case OPT_ETC:
		return &f->etc;
	case OPT_CONF:
		return &f->conf;
	case OPT_SPOOL:
		return &f->to.spool;
	case OPT_SOCKET:
		return &f->socket;
	case OPTION_LOG:
		return &f->log;
	}
	return NULL;
}

static bool
options(struct forward *f, int argc, char *argv[])
{
	const char **text;
	int opt;

	while ((opt = getopt_long(argc, argv, "hn", rows, NULL)) != -1)
		if (opt == 'h') {
			fputs(usage, stdout);
			exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
		} else if (opt == 'n')
			f->dry_run = true;
		else if (opt == OPT_NO_TLS)
			f->to.plain = true;
		else if (opt == OPT_RESTART)
			f->restart = true;
		else if ((text = text_of(f, opt)) != NULL)
			*text = optarg != NULL ? optarg : AUDIT_LOG;
		else
			return false;	/* getopt_long(3) has said why */
	if (optind == argc) {
		fputs(usage, stderr);
		return false;
	}
	f->verb = argv[optind];
	f->target = argv[optind + 1];	/* or the NULL behind the last */
	if (argc - optind > 2) {
		log_error("\"%s\": unexpected", argv[optind + 2]);
		return false;
	}
	return true;
}

static const struct verb {
	const char *name;
	int (*run)(struct forward *);
	const char *wants;	/* as target; NULL: may be missing */
} verbs[] = {
	{ "status", forward_status, NULL },
	{ "test", forward_test, NULL },
	{ "off", forward_off, "the name of a forwarder" },
};

static int
kind(struct forward *f)
{
	f->to.kind = forwarder_kind(f->verb);
	if (f->to.kind == NULL) {
		log_error("\"%s\": no such kind; see pidtree forward --help",
		    f->verb);
		return EXIT_TROUBLE;
	}
	if (f->target == NULL) {
		log_error("%s: expected a target: HOST[:PORT]", f->verb);
		return EXIT_TROUBLE;
	}
	return forward_complete(f) ? forward_set(f) : EXIT_TROUBLE;
}

char *
forward_keep(struct forward *f, char *s)
{
	/* Each option is made whole once: there is room. */
	if (s != NULL)
		f->kept[f->nkept++] = s;
	return s;
}

static int
run(struct forward *f)
{
	const struct verb *v;

	for (v = verbs; v < verbs + sizeof(verbs) / sizeof(verbs[0]); v++)
		if (strcmp(f->verb, v->name) == 0)
			break;
	if (v == verbs + sizeof(verbs) / sizeof(verbs[0]))
		return kind(f);
	if (v->wants != NULL && f->target == NULL) {
		log_error("%s: expected %s", v->name, v->wants);
		return EXIT_TROUBLE;
	}
	return v->run(f);
}

int
forward_main(int argc, char *argv[])
{
	struct forward f = {
		.to = { .disk = "2g", .spool = "/var/spool/rsyslog" },
		.etc = SYSCONFDIR "/pidtreed",
		.conf = SYSCONFDIR "/rsyslog.conf",
		.socket = RUNSTATEDIR "/pidtreed/ingest/log",
		.log = LOCALSTATEDIR "/log/pidtreed/pidtreed.log",
	};
	int rc;

	if (!options(&f, argc, argv))
		return EXIT_TROUBLE;
	rc = run(&f);
	while (f.nkept > 0)
		free(f.kept[--f.nkept]);
	return rc;
}
