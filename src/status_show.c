/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree status: asks the collector how it is. */
#include "status_show.h"

#include <errno.h>
#include <getopt.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dial.h"
#include "log.h"
#include "option.h"
#include "term.h"

#define EXIT_HEALTHY	0
#define EXIT_UNWELL	1

enum { OPT_INSTANCE = OPTION_OWN, OPT_SOCKET, OPT_PROMETHEUS };

struct options {
	enum { FORM_TEXT, FORM_JSON, FORM_METRICS } form;
	enum colour colour;
	const char *instance, *path;
};

static const char usage[] =
"usage: pidtree status [--json | --prometheus] [--instance=NAME]\n"
"                      [--socket=PATH] [--color=WHEN]\n"
"\n"
"How the collector is: healthy, or why not; its probes, what it logs and how\n"
"much, what was lost, its queue and memory.\n"
"\n"
"      --json           one JSON object\n"
"      --prometheus     metrics, for the node exporter's textfile collector\n"
"      --instance=NAME  a collector that was started with this name\n"
"      --socket=PATH    its control socket\n"
"      --color=WHEN     auto, always or never\n"
"  -h, --help           this text\n"
"      --version        the version of pidtree\n"
"\n"
"Exit status: 0 healthy, 1 not healthy, 2 trouble: no answer, or usage.\n";

static bool
take_option(struct options *o, int opt)
{
	struct option_common common = { 0 };

	switch (opt) {
	case OPTION_JSON:
		o->form = FORM_JSON;
		return true;
	case OPT_PROMETHEUS:
		o->form = FORM_METRICS;
		return true;
	case OPT_INSTANCE:
		o->instance = optarg;
		return true;
	case OPT_SOCKET:
		o->path = optarg;
		return true;
	}
	if (!option_take(&common, opt, optarg))
		return false;
	o->colour = common.colour;
	return true;
}

static int
options(struct options *o, int argc, char *argv[])
{
	static const struct option rows[] = {
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "color", required_argument, NULL, OPTION_COLOR },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "prometheus", no_argument, NULL, OPT_PROMETHEUS },
		{ "instance", required_argument, NULL, OPT_INSTANCE },
		{ "socket", required_argument, NULL, OPT_SOCKET },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP) {
			fputs(usage, stdout);
			exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
		}
		if (!take_option(o, opt))
			return -1;
	}
	if (optind == argc)
		return 0;
	log_error("\"%s\": expected no argument; see pidtree status --help",
	    argv[optind]);
	return -1;
}

/* NULL: a line went to log_error. */
static struct fjson_object *
ask(const char *path)
{
	struct dial *d = dial_ask(path, "status", NULL, NULL, false);
	struct fjson_object *o = NULL, *status = NULL;

	if (d == NULL)
		return NULL;
	o = dial_next(d, false);
	if (o == NULL)
		log_error("%s: %s", path, errno == 0 ? "closed" :
		    strerror(errno));
	else if (dial_error(o) != NULL)
		log_error("%s: %s", path, dial_error(o));
	else if (fjson_object_object_get_ex(o, "status", &status))
		fjson_object_get(status);
	else
		log_error("%s: no status in the answer", path);
	fjson_object_put(o);
	dial_close(d);
	return status;
}

static void
print(const struct options *o, struct fjson_object *status)
{
	struct term t;
	const char *s;

	term_init(&t, stdout, o->colour, o->form == FORM_TEXT ? WIDTH_AUTO :
	    0);
	switch (o->form) {
	case FORM_TEXT:
		status_text(&t, status);
		break;
	case FORM_METRICS:
		status_metrics(&t, status);
		break;
	case FORM_JSON:
		s = fjson_object_to_json_string_ext(status,
		    FJSON_TO_STRING_PLAIN);
		term_json_text(&t, (struct str){ s, strlen(s) });
		term_newline(&t);
	}
	if (term_flush(&t) == 0)
		return;
	log_error("standard output: %s", strerror(errno));
	exit(EXIT_TROUBLE);
}

int
status_main(int argc, char *argv[])
{
	struct options o = { .instance = "default" };
	struct fjson_object *status, *healthy = NULL;
	char mem[128];
	int rc;

	if (options(&o, argc, argv) == -1 || (o.path == NULL && (o.path =
	    dial_path(o.instance, mem, sizeof(mem))) == NULL) ||
	    (status = ask(o.path)) == NULL)
		return EXIT_TROUBLE;
	print(&o, status);
	rc = fjson_object_object_get_ex(status, "healthy", &healthy) &&
	    fjson_object_get_boolean(healthy) ? EXIT_HEALTHY : EXIT_UNWELL;
	fjson_object_put(status);
	return rc;
}
