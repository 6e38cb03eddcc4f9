/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidtree trace: live, over restarts of the collector.  It decides an
 * expression; one with regular expressions, whose time is ours to spend, is
 * decided here.
 */
#include "trace.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dial.h"
#include "jsonprint.h"
#include "lineprint.h"
#include "log.h"
#include "option.h"
#include "reader.h"
#include "request.h"
#include "term.h"
#include "treeprint.h"

#define RETRY_NS	250000000

enum { OPT_INSTANCE = OPTION_OWN, OPT_SOCKET, OPT_WIDTH };

struct trace {
	struct option_common common;
	const char *instance, *path, *text;
	struct expr *where;
	int width;
	uint64_t most, shown;
	struct term term;
	struct reader *reader;
	bool after_tree, once, began, trouble;
};

static const char usage[] =
"usage: pidtree trace [-1] [-n COUNT] [--color=WHEN] [--instance=NAME]\n"
"                     [--json] [--socket=PATH] [--width=COLUMNS]\n"
"                     [EXPRESSION]\n"
"\n"
"Shows what pidtreed logs, as it is logged, until it is interrupted.\n"
"EXPRESSION says what is wanted, like 'suser = alice and dpt != 443';\n"
"pidtree(1) has the language.\n"
"\n"
"  -1, --once           end when the collector does, do not wait for the next\n"
"  -n, --count=COUNT    so many messages, then end\n"
"      --json           one JSON object for each message\n"
"      --width=COLUMNS  break lines there; 0: never\n"
"      --color=WHEN     auto, always or never\n"
"      --instance=NAME  a collector that was started with this name\n"
"      --socket=PATH    its control socket\n"
"  -h, --help           this text\n"
"      --version        the version of pidtree\n"
"\n"
"Exit status: 0 something was shown, 1 nothing, 2 trouble.\n";

static bool
take_number(const char *what, unsigned long most, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(optarg, &end, 10);
	if (*optarg >= '0' && *optarg <= '9' && *end == '\0' && errno == 0 &&
	    *n <= most)
		return true;
	log_error("%s: \"%s\": expected a number up to %lu", what, optarg,
	    most);
	return false;
}

static bool
take_option(struct trace *t, int opt)
{
	unsigned long n = 0;
	bool ok;

	switch (opt) {
	case '1':
		t->once = true;
		return true;
	case 'n':
		ok = take_number("--count", 1000000000, &n);
		if (ok && n == 0)
			log_error("--count: expected at least 1");
		t->most = n;
		return ok && n > 0;
	case OPT_WIDTH:
		ok = take_number("--width", 10000, &n);
		t->width = n;
		return ok;
	case OPT_INSTANCE:
		t->instance = optarg;
		return true;
	case OPT_SOCKET:
		t->path = optarg;
		return true;
	}
	return option_take(&t->common, opt, optarg);
}

static int
options(struct trace *t, int argc, char *argv[])
{
	static const struct option rows[] = {
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "color", required_argument, NULL, OPTION_COLOR },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "once", no_argument, NULL, '1' },
		{ "count", required_argument, NULL, 'n' },
		{ "width", required_argument, NULL, OPT_WIDTH },
		{ "instance", required_argument, NULL, OPT_INSTANCE },
		{ "socket", required_argument, NULL, OPT_SOCKET },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "1hn:", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP) {
			fputs(usage, stdout);
			exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
		}
		if (!take_option(t, opt))
			return -1;
	}
	if (argc - optind > 1) {
		log_error("\"%s\": expected one expression; does it need "
		    "quotes?", argv[optind + 1]);
		return -1;
	}
	t->text = argv[optind];
	if (t->text != NULL && (t->where = option_where("expression", t->text,
	    EXPR_ANY_MESSAGE)) == NULL)
		return -1;
	return 0;
}

static void
print(struct trace *t, const struct message *m)
{
	bool tree = treeprint_has(m);

	t->shown++;
	if (t->common.json) {
		jsonprint(&t->term, m);
		return;
	}
	if (t->shown > 1 && (tree || t->after_tree))
		term_newline(&t->term);
	t->after_tree = tree;
	if (tree)
		treeprint(&t->term, m);
	else
		lineprint(&t->term, m);
}

/* What was not sent because we were too slow. */
static void
tell_lost(struct trace *t, struct fjson_object *lost)
{
	term_flush(&t->term);
	log_warn("%" PRId64 " events were not shown: too many at once",
	    fjson_object_get_int64(lost));
}

static void
line(struct trace *t, struct fjson_object *o)
{
	struct fjson_object *v = NULL;
	const struct message *m;

	if (fjson_object_object_get_ex(o, "lost", &v)) {
		tell_lost(t, v);
		return;
	}
	if (!fjson_object_object_get_ex(o, "message", &v))
		return;
	switch (reader_line(t->reader, fjson_object_get_string(v),
	    fjson_object_get_string_len(v), &m)) {
	case -1:
		log_error("out of memory");
		exit(EXIT_TROUBLE);
	case 1:
		if (t->where == NULL || expr_match(t->where, m))
			print(t, m);
	}
}

/* Until the collector has ended it; false: it is over for us. */
static bool
follow(struct trace *t, struct dial *d)
{
	struct fjson_object *o;
	bool on = true;

	while (on && (o = dial_next(d, true)) != NULL) {
		if (dial_error(o) != NULL) {
			log_error("%s: %s", t->path, dial_error(o));
			on = false;
			t->trouble = true;
		} else
			line(t, o);
		fjson_object_put(o);
		if ((!dial_waits(d) || !on) && term_flush(&t->term) == -1)
			exit(EXIT_TROUBLE);
		if (t->most != 0 && t->shown >= t->most)
			return false;
	}
	if (on && errno != 0) {
		log_error("%s: %s", t->path, strerror(errno));
		on = false;
		t->trouble = true;
	}
	return on;
}

/* 0, or EXIT_TROUBLE: it was never there, or refused us. */
static int
watch(struct trace *t)
{
	static const struct timespec retry = { 0, RETRY_NS };
	/* One that is decided there saves both of us what is not wanted. */
	bool there = t->where != NULL && expr_patterns(t->where) == 0 &&
	    strlen(t->text) <= REQUEST_WHERE;
	struct dial *d;
	bool on = true;

	while (on) {
		d = dial_ask(t->path, "trace", there ? "where" : NULL,
		    t->text, t->began);
		if (d == NULL && (!t->began || (errno != ENOENT &&
		    errno != ECONNREFUSED)))
			return EXIT_TROUBLE;
		if (d == NULL) {
			nanosleep(&retry, NULL);
			continue;
		}
		t->began = true;
		on = follow(t, d) && !t->once;
		dial_close(d);
		if (on)
			log_warn("%s: the collector has gone, waiting for the "
			    "next", t->path);
	}
	return t->trouble ? EXIT_TROUBLE : 0;
}

int
trace_main(int argc, char *argv[])
{
	struct trace t = { .instance = "default", .width = WIDTH_AUTO };
	char mem[128];
	int rc = EXIT_TROUBLE;

	if (options(&t, argc, argv) == -1 || (t.path == NULL && (t.path =
	    dial_path(t.instance, mem, sizeof(mem))) == NULL))
		goto out;
	term_init(&t.term, stdout, t.common.colour,
	    t.common.json ? 0 : t.width);
	if ((t.reader = reader_new()) == NULL) {
		log_error("out of memory");
		goto out;
	}
	rc = watch(&t);
	if (term_flush(&t.term) == -1) {
		log_error("standard output: %s", strerror(errno));
		rc = EXIT_TROUBLE;
	}
	if (rc == 0 && t.shown == 0)
		rc = EXIT_NONE;
out:
	reader_free(t.reader);
	expr_free(t.where);
	option_free(&t.common);
	return rc;
}
