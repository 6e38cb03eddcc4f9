/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree rules: its subcommands; check. */
#include "rulescmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "log.h"
#include "option.h"

static const char usage[] =
"usage: pidtree rules check FILE...\n"
"       pidtree rules test [--json] [--lines] [--log=PATH] FILE...\n"
"       pidtree rules ls [--json] [--instance=NAME | --socket=PATH]\n"
"       pidtree rules add [--instance=NAME | --socket=PATH] FILE\n"
"       pidtree rules rm [--instance=NAME | --socket=PATH] NAME\n"
"\n"
"  check  reads rules as the collector does, and says what is wrong or risky\n"
"  test   what each rule would have made of a log, given by --log or on\n"
"         standard input\n"
"  ls     the rules of the collector that runs here, and how often each was\n"
"         true\n"
"  add    gives it rules of FILE, until it restarts\n"
"  rm     takes one away again that was added\n"
"\n"
"FILE may be -, standard input; of test only where --log says another log.\n"
"\n"
"pidtree-rules(1) and pidtreed.rules(5) say more.\n"
"Exit status: 0 all is well, 1 no rule is true of any line, 2 trouble.\n";

void
rulescmd_help(void)
{
	fputs(usage, stdout);
	exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
}

struct rules *
rulescmd_read(char *const file[], size_t n)
{
	struct rules *r = rules_new();
	unsigned troubles = 0;

	if (r == NULL) {
		log_error("%s", strerror(errno));
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		troubles += rules_read_file(r, file[i]);
	if (troubles == 0)
		return r;
	rules_free(r);
	return NULL;
}

/* What has no destination. */
#define NOWHERE		(1u << MSG_EXEC | 1u << MSG_READLINE | \
	1u << MSG_CAPABLE | 1u << MSG_OPEN | 1u << MSG_ESCAPE)

/* What a caller can choose does not make a drop safe. */
static void
warn(const struct rule *r)
{
	bool exe = expr_fixes(r->expr, "exe");
	bool user = expr_fixes(r->expr, "suser") ||
	    expr_fixes(r->expr, "suid");
	bool where = (r->msgids & ~NOWHERE) == 0 ||
	    expr_fixes(r->expr, "dst") || expr_fixes(r->expr, "dhost");
	char what[32];

	if (r->action != RULE_DROP || (r->msgids & (1 << MSG_LISTEN)) != 0 ||
	    (exe && user && where))
		return;
	snprintf(what, sizeof(what), "%s%s%s", exe ? "" : ", exe",
	    user ? "" : ", suser", where ? "" : ", dst");
	log_warn("%s: rule \"%s\" drops, and does not fix %s: anybody may "
	    "fit it; expected = or in for each of them%s", r->place, r->name,
	    what + 2, (r->msgids & ~RULES_DIGESTS) == 0 ?
	    ", or the action digest" : "");
}

static int
check(int argc, char *argv[])
{
	static const struct option rows[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct rules *r;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", rows, NULL)) != -1) {
		if (opt != 'h')
			return EXIT_TROUBLE;
		rulescmd_help();
	}
	if (optind == argc) {
		log_error("rules check: expected FILE");
		return EXIT_TROUBLE;
	}
	r = rulescmd_read(argv + optind, argc - optind);
	if (r == NULL)
		return EXIT_TROUBLE;
	for (size_t i = 0; i < rules_count(r); i++)
		warn(rules_at(r, i));
	printf("%zu rule%s, hash %s\n", rules_count(r),
	    rules_count(r) == 1 ? "" : "s", rules_hash(r));
	rules_free(r);
	return fflush(stdout) == 0 ? 0 : EXIT_TROUBLE;
}

static const struct {
	const char *name;
	int (*run)(int argc, char *argv[]);
} commands[] = {
	{ "check", check },
	{ "test", rulescmd_test },
	{ "ls", rulescmd_live },
	{ "add", rulescmd_live },
	{ "rm", rulescmd_live },
};

int
rulescmd_main(int argc, char *argv[])
{
	char name[64];

	if (argc < 2) {
		fputs(usage, stderr);
		return EXIT_TROUBLE;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		rulescmd_help();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			/* getopt_long(3) puts it before what it says. */
			snprintf(name, sizeof(name), "pidtree rules %s",
			    argv[1]);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	log_error("rules: \"%s\": expected check, test, ls, add or rm",
	    argv[1]);
	return EXIT_TROUBLE;
}
