/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidtree export: a filter from lines of a log to ECS JSON or CEF lines; with
 * --rsyslog as rsyslogd's mmexternal wants it.
 */
#include "export.h"

#include <sys/stat.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cef.h"
#include "ecs.h"
#include "log.h"
#include "logfile.h"
#include "mmexternal.h"
#include "option.h"
#include "placeprint.h"
#include "reader.h"
#include "skipped.h"

#define OUTPUT	(64 << 10)	/* bytes that are written at once */

enum form { FORM_NONE, FORM_ECS, FORM_CEF, FORM_FIELDS };

enum {
	OPTION_ECS = OPTION_OWN, OPTION_CEF, OPTION_HEADER, OPTION_RSYSLOG,
	OPTION_FIELDS,
};

struct export {
	struct option_common common;
	enum form form;
	bool header, rsyslog;
	struct reader *reader;
	struct cef *cef;
	struct fjson_object *answer;	/* the last one given to rsyslogd */
	uint64_t exported;
	bool trouble;
};

static const char usage[] =
"usage: pidtree export --ecs | --cef [--header] [--log PATH] [FILE...]\n"
"       pidtree export --ecs | --cef [--header] --rsyslog\n"
"       pidtree export --fields\n"
"\n"
"Writes the messages of pidtreed in other forms, one line each.  FILE is a\n"
"log, a directory of logs, a pattern or - (standard input, which is also read\n"
"without FILE); .gz as it is, and JSON lines with the line in _raw, message\n"
"or event.original.\n"
"\n"
"      --ecs       JSON by the Elastic Common Schema\n"
"      --cef       ArcSight's Common Event Format\n"
"      --header    CEF: with a syslog header before it\n"
"      --rsyslog   answer rsyslogd's mmexternal: a line in, a line out\n"
"      --fields    which field goes where in both: a table, for programs\n"
"      --log=PATH  the same as FILE\n"
"  -h, --help      this text\n"
"      --version   the version of pidtree\n"
"\n"
"Exit status: 0 something was written, 1 nothing, 2 trouble.\n";

static bool
take_form(struct export *e, enum form form)
{
	if (e->form != FORM_NONE && e->form != form) {
		log_error("expected one of --ecs, --cef and --fields");
		return false;
	}
	e->form = form;
	return true;
}

static bool
take_option(struct export *e, int opt)
{
	switch (opt) {
	case OPTION_ECS:
		return take_form(e, FORM_ECS);
	case OPTION_CEF:
		return take_form(e, FORM_CEF);
	case OPTION_FIELDS:
		return take_form(e, FORM_FIELDS);
	case OPTION_HEADER:
		return e->header = true;
	case OPTION_RSYSLOG:
		return e->rsyslog = true;
	}
	return option_take(&e->common, opt, optarg);
}

/* What does not go together. */
static bool
consistent(const struct export *e)
{
	bool files = e->common.logs.n > 0 || e->trouble;

	if (e->form == FORM_NONE)
		log_error("expected --ecs or --cef; see pidtree export --help");
	else if (e->header && e->form != FORM_CEF)
		log_error("--header: expected with --cef alone");
	else if (e->form == FORM_FIELDS && (e->rsyslog || files))
		log_error("--fields: expected alone");
	else if (e->rsyslog && files)
		log_error("--rsyslog: reads standard input, expected no FILE");
	else
		return true;
	return false;
}

static int
options(struct export *e, int argc, char *argv[])
{
	static const struct option rows[] = {
		{ "ecs", no_argument, NULL, OPTION_ECS },
		{ "cef", no_argument, NULL, OPTION_CEF },
		{ "header", no_argument, NULL, OPTION_HEADER },
		{ "rsyslog", no_argument, NULL, OPTION_RSYSLOG },
		{ "fields", no_argument, NULL, OPTION_FIELDS },
		{ "log", required_argument, NULL, OPTION_LOG },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP) {
			fputs(usage, stdout);
			exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
		}
		if (!take_option(e, opt))
			return -1;
	}
	for (; optind < argc; optind++)
		if (!option_log(&e->common, argv[optind]))
			e->trouble = true;
	if (!consistent(e))
		return -1;
	return e->rsyslog || e->form == FORM_FIELDS || e->trouble ||
	    e->common.logs.n > 0 || option_log(&e->common, "-") ? 0 : -1;
}

static void
out_of_memory(void)
{
	log_error("out of memory");
	exit(EXIT_TROUBLE);
}

static const char *
json_text(struct fjson_object *o)
{
	const char *text = fjson_object_to_json_string_ext(o,
	    FJSON_TO_STRING_PLAIN);

	if (text == NULL)
		out_of_memory();
	return text;
}

static void
print(struct export *e, const struct message *m)
{
	struct fjson_object *doc;
	const char *cef;
	size_t n;

	if (e->form == FORM_CEF) {
		if ((cef = cef_line(e->cef, m, e->header, &n)) == NULL)
			out_of_memory();
		fwrite(cef, 1, n, stdout);
	} else {
		if ((doc = ecs_document(m)) == NULL)
			out_of_memory();
		fputs(json_text(doc), stdout);
		fjson_object_put(doc);
	}
	putchar('\n');
	e->exported++;
}

static void
export_lines(struct export *e, struct logfile *lf)
{
	const struct message *m;
	const char *p;
	size_t n;
	int rc;

	while ((rc = logfile_line(lf, &p, &n)) > 0 && !ferror(stdout))
		switch (reader_line(e->reader, p, n, &m)) {
		case -1:
			out_of_memory();
			break;
		case 1:
			print(e, m);
		}
	if (rc < 0) {
		log_error("%s: %s", logfile_name(lf), strerror(errno));
		e->trouble = true;
	}
}

static void
export_log(struct export *e, const char *path)
{
	struct logfile *lf = logfile_open(path);

	if (lf == NULL) {
		log_error("%s: %s", path, strerror(errno));
		e->trouble = true;
		return;
	}
	reader_reset(e->reader);
	export_lines(e, lf);
	skipped(lf, reader_stats(e->reader));
	logfile_close(lf);
}

/* {"$!":{name:value}}, with which rsyslogd sets $!name. */
static const char *
variable(struct export *e, const char *name, struct fjson_object *value)
{
	struct fjson_object *root = fjson_object_new_object();
	struct fjson_object *set = fjson_object_new_object();

	if (root == NULL || set == NULL || value == NULL) {
		fjson_object_put(value);
		fjson_object_put(set);
		fjson_object_put(root);
		return NULL;
	}
	fjson_object_object_add(set, name, value);
	fjson_object_object_add(root, "$!", set);
	e->answer = root;
	return fjson_object_to_json_string_ext(root, FJSON_TO_STRING_PLAIN);
}

/* Whatever the line is, there is an answer; without memory it is nothing. */
static const char *
answer(void *arg, const char *line, size_t n)
{
	struct export *e = arg;
	const struct message *m;
	const struct reader_stats *s;
	const char *cef;
	char why[128];
	size_t len;

	fjson_object_put(e->answer);
	e->answer = NULL;
	reader_reset(e->reader);
	if (reader_line(e->reader, line, n, &m) != 1) {
		s = reader_stats(e->reader);
		if (s->malformed == 0)
			return NULL;
		snprintf(why, sizeof(why), "offset %zu: %s", s->at, s->why);
		return variable(e, "export_error",
		    fjson_object_new_string(why));
	}
	if (e->form == FORM_ECS)
		return variable(e, "ecs", ecs_document(m));
	cef = cef_line(e->cef, m, e->header, &len);
	return cef == NULL ? NULL : variable(e, "cef",
	    fjson_object_new_string_len(cef, len));
}

static int
status(struct export *e)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("standard output: %s", strerror(errno));
		e->trouble = true;
	}
	return e->trouble ? EXIT_TROUBLE : e->exported == 0 &&
	    e->form != FORM_FIELDS && !e->rsyslog ? EXIT_NONE : EXIT_FOUND;
}

/* A file is written in blocks; whoever reads a pipe wants each line. */
static void
buffering(void)
{
	struct stat st;

	setvbuf(stdout, NULL, fstat(STDOUT_FILENO, &st) == 0 &&
	    S_ISREG(st.st_mode) ? _IOFBF : _IOLBF, OUTPUT);
}

static int
run(struct export *e)
{
	size_t i;

	if (e->form == FORM_FIELDS)
		placeprint();
	else if (!e->rsyslog)
		for (i = 0; i < e->common.logs.n; i++)
			export_log(e, e->common.logs.path[i]);
	else if (mmexternal_run(STDIN_FILENO, STDOUT_FILENO, answer, e) < 0) {
		log_error("mmexternal: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	return status(e);
}

int
export_main(int argc, char *argv[])
{
	struct export e = { .form = FORM_NONE };
	int rc = EXIT_TROUBLE;

	if (options(&e, argc, argv) < 0)
		goto out;
	buffering();
	e.reader = reader_new();
	e.cef = cef_new();
	if (e.reader == NULL || e.cef == NULL) {
		log_error("out of memory");
		goto out;
	}
	rc = run(&e);
out:
	fjson_object_put(e.answer);
	cef_free(e.cef);
	reader_free(e.reader);
	option_free(&e.common);
	return rc;
}
