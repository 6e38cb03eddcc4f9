/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of pidtreed(8). */
#include "cmdline.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "log.h"

static const char usage[] =
"usage: pidtreed [-c FILE] [--stdout] [--check] [--dump-config] [--release]\n"
"                [--instance NAME] [-h] [--version]\n"
"  -c, --config FILE  configuration (" SYSCONFDIR "/pidtreed/pidtreed.yaml)\n"
"  --stdout           messages go to standard output\n"
"  --check            check the configuration and, as root, each probe\n"
"  --dump-config      print the effective configuration\n"
"  --release          let go of what a crashed instance left in the kernel\n"
"  --instance NAME    a second collector beside the installed one\n"
"  -h, --help; --version\n"
"pidtreed(8) and pidtreed.yaml(5) say more.\n";

enum { OPT_STDOUT = 256, OPT_CHECK, OPT_DUMP, OPT_RELEASE, OPT_INSTANCE,
	OPT_VERSION };

static const struct option longopts[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "stdout", no_argument, NULL, OPT_STDOUT },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "dump-config", no_argument, NULL, OPT_DUMP },
	{ "release", no_argument, NULL, OPT_RELEASE },
	{ "instance", required_argument, NULL, OPT_INSTANCE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 }
};

/* It becomes part of file names, in bpffs too, which refuses dots. */
static bool
instance_ok(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' &&
		    name[i] != '_')
			return false;
	return n > 0 && n <= 32;
}

int
cmdline_read(struct cmdline *o, int argc, char **argv)
{
	int c;

	*o = (struct cmdline){ .mode = MODE_RUN, .instance = "default",
	    .conf = SYSCONFDIR "/pidtreed/pidtreed.yaml" };
	while ((c = getopt_long(argc, argv, "c:h", longopts, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->conf = optarg;
			o->conf_given = true;
			break;
		case OPT_STDOUT:
			o->to_stdout = true;
			break;
		case OPT_CHECK:
			o->mode = MODE_CHECK;
			break;
		case OPT_DUMP:
			o->mode = MODE_DUMP;
			break;
		case OPT_RELEASE:
			o->mode = MODE_RELEASE;
			break;
		case OPT_INSTANCE:
			o->instance = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			o->mode = MODE_DONE;
			return 0;
		case OPT_VERSION:
			puts(PACKAGE_STRING);
			o->mode = MODE_DONE;
			return 0;
		default:
			fputs("try: pidtreed --help\n", stderr);
			return -1;
		}
	}
	if (optind < argc) {
		log_error("%s: unexpected argument; try: pidtreed --help",
		    argv[optind]);
		return -1;
	}
	if (!instance_ok(o->instance)) {
		log_error("--instance %s: expected 1 to 32 of letters, "
		    "digits, - and _", o->instance);
		return -1;
	}
	return 0;
}
