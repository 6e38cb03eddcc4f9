/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `pidtree`: finds the subcommand and hands over. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "export.h"
#include "forward.h"
#include "log.h"
#include "lookup.h"
#include "option.h"
#include "rulescmd.h"
#include "show.h"
#include "status_show.h"
#include "trace.h"

struct command {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *help;
};

static const struct command commands[] = {
	{ "lookup", lookup_main,
	    "from a finding to the processes behind it" },
	{ "show", show_main, "messages, from logs or input, as trees" },
	{ "export", export_main, "the same in other forms: ECS JSON, CEF" },
	{ "trace", trace_main, "messages as they are written" },
	{ "status", status_main, "how the collector is, and what it does" },
	{ "rules", rulescmd_main,
	    "rules for the collector: checked, tried on a log" },
	{ "forward", forward_main, "rsyslog sends messages on to a receiver" },
	{ "act", act_main, "does something about what was raised" },
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void
usage(FILE *out)
{
	size_t i;

	fputs("usage: pidtree COMMAND [OPTION...] [ARGUMENT...]\n"
	    "       pidtree --help | --version\n\ncommands:\n", out);
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(out, "  %-8s  %s\n", commands[i].name,
		    commands[i].help);
	fputs("\n`pidtree COMMAND --help` and pidtree-COMMAND(1) say more.\n",
	    out);
}

static int
about(const char *option)
{
	if (strcmp(option, "--version") == 0)
		printf("pidtree %s\n", PACKAGE_VERSION);
	else if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
		usage(stdout);
	else {
		log_error("\"%s\": no such command; see pidtree --help",
		    option);
		return EXIT_TROUBLE;
	}
	return fflush(stdout) == 0 ? 0 : EXIT_TROUBLE;
}

int
main(int argc, char *argv[])
{
	char name[64];
	size_t i;

	setlocale(LC_CTYPE, "");
	log_open("pidtree", LOG_L_INFO);
	if (argc < 2) {
		usage(stderr);
		return EXIT_TROUBLE;
	}
	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			if (argc == 3 && strcmp(argv[2], "--version") == 0)
				return about(argv[2]);
			/* getopt_long(3) puts it before what it says. */
			snprintf(name, sizeof(name), "pidtree %s", argv[1]);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	return about(argv[1]);
}
