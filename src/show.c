/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidtree show: messages, from logs or standard input, as trees.  A log is
 * read line by line; what is not ours is skipped, counted, and said at the
 * end of each log on standard error.
 */
#include "show.h"

#include <sys/stat.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jsonprint.h"
#include "lineprint.h"
#include "log.h"
#include "logfile.h"
#include "option.h"
#include "reader.h"
#include "skipped.h"
#include "tail.h"
#include "treeprint.h"

#define DEFAULT_LOG	LOCALSTATEDIR "/log/pidtreed/pidtreed.log"
#define FOLLOW_LAST	10	/* messages before the new ones, as tail(1) */
#define POLL_NS		250000000

enum { OPT_WHERE = OPTION_OWN, OPT_WIDTH };

/* What is shown: a person wants events, and what makes them doubtful. */
enum level { LEVEL_EVENT, LEVEL_TRUST, LEVEL_ROUTINE };

static const enum level level_of[NMSGIDS] = {
	[MSG_CONNECT] = LEVEL_EVENT,
	[MSG_OUTCOME] = LEVEL_EVENT,
	[MSG_UDP] = LEVEL_EVENT,
	[MSG_CLOSE] = LEVEL_EVENT,
	[MSG_DIGEST] = LEVEL_EVENT,
	[MSG_LISTEN] = LEVEL_EVENT,
	[MSG_DNS] = LEVEL_EVENT,
	[MSG_EXEC] = LEVEL_EVENT,
	[MSG_READLINE] = LEVEL_EVENT,
	[MSG_OPEN] = LEVEL_EVENT,
	[MSG_ESCAPE] = LEVEL_EVENT,
	[MSG_ACCEPT] = LEVEL_EVENT,
	[MSG_CAPABLE] = LEVEL_EVENT,
	[MSG_START] = LEVEL_TRUST,
	[MSG_STOP] = LEVEL_TRUST,
	[MSG_RELOAD] = LEVEL_TRUST,
	[MSG_LOST] = LEVEL_TRUST,
	[MSG_CLOCK] = LEVEL_TRUST,
	[MSG_TEST] = LEVEL_TRUST,
	[MSG_STATS] = LEVEL_ROUTINE,
	[MSG_HOST] = LEVEL_ROUTINE,
};

struct show {
	struct option_common common;
	enum level level;
	bool follow;
	int width;
	size_t last;		/* messages to show; 0: all */
	struct expr *where;	/* NULL: all */
	struct term term;
	struct reader *reader;
	struct tail *tail;	/* of lines, if `last` is set */
	uint64_t shown;
	bool after_tree;	/* the next message needs an empty line */
	bool trouble;
};

static const char usage[] =
"usage: pidtree show [-aef] [-n COUNT] [--color=WHEN] [--json] [--log PATH]\n"
"                    [--where=EXPRESSION] [--width=COLUMNS] [FILE...]\n"
"\n"
"Shows the messages of pidtreed as trees: each connection with the line of\n"
"processes behind it, the first ancestor on top and the caller at the bottom.\n"
"FILE is a log, a directory of logs, a pattern or - (standard input); .gz as\n"
"it is, and JSON lines with the line in _raw, message or event.original.\n"
"Without FILE: standard input if that is a file or a pipe, else\n"
DEFAULT_LOG ".\n"
"\n"
"  -a, --all            statistics and descriptions of hosts too\n"
"  -e, --events         events alone, nothing about the collector\n"
"  -f, --follow         go on with what is added to the log, over rotations\n"
"  -n, --last=COUNT     the last COUNT messages only\n"
"      --where=EXPRESSION   only messages that this is true of, like\n"
"                       'any.exe = /usr/sbin/sshd and dpt != 443'; pidtree(1)\n"
"      --width=COLUMNS  break lines there; 0: never\n"
"      --json           one JSON object for each message\n"
"      --log=PATH       the same as FILE\n"
"      --color=WHEN     auto, always or never\n"
"  -h, --help           this text\n"
"      --version        the version of pidtree\n"
"\n"
"Exit status: 0 something was shown, 1 nothing, 2 trouble.\n";

static bool
take_number(const char *what, const char *arg, unsigned long max,
    unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(arg, &end, 10);
	if (*arg >= '0' && *arg <= '9' && *end == '\0' && errno == 0 &&
	    *n <= max)
		return true;
	log_error("%s: \"%s\": expected a number up to %lu", what, arg, max);
	return false;
}

static bool
take_option(struct show *s, int opt)
{
	unsigned long n;

	switch (opt) {
	case 'a':
		s->level = LEVEL_ROUTINE;
		return true;
	case 'e':
		s->level = LEVEL_EVENT;
		return true;
	case 'f':
		s->follow = true;
		return true;
	case 'n':
		if (!take_number("--last", optarg, 1000000, &n))
			return false;
		if (n == 0)
			log_error("--last: expected at least 1");
		s->last = n;
		return n != 0;
	case OPT_WHERE:
		if (s->where == NULL)
			return (s->where = option_where("--where", optarg,
			    EXPR_ANY_MESSAGE)) != NULL;
		log_error("--where: given twice, expected one expression");
		return false;
	case OPT_WIDTH:
		if (!take_number("--width", optarg, 10000, &n))
			return false;
		s->width = n;
		return true;
	}
	return option_take(&s->common, opt, optarg);
}

/* Without FILE: what was piped in, else the log of this host. */
static bool
default_log(struct show *s)
{
	struct stat st;

	if (!s->follow && fstat(STDIN_FILENO, &st) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) ||
	    S_ISSOCK(st.st_mode)))
		return option_log(&s->common, "-");
	return option_log(&s->common, DEFAULT_LOG);
}

static int
options(struct show *s, int argc, char *argv[])
{
	static const struct option rows[] = {
		OPTION_ROWS,
		{ "all", no_argument, NULL, 'a' },
		{ "events", no_argument, NULL, 'e' },
		{ "follow", no_argument, NULL, 'f' },
		{ "last", required_argument, NULL, 'n' },
		{ "where", required_argument, NULL, OPT_WHERE },
		{ "width", required_argument, NULL, OPT_WIDTH },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "aefhn:", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP) {
			fputs(usage, stdout);
			exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
		}
		if (!take_option(s, opt))
			return -1;
	}
	for (; optind < argc; optind++)
		if (!option_log(&s->common, argv[optind]))
			s->trouble = true;
	if (s->common.logs.n == 0 && !s->trouble && !default_log(s))
		return -1;
	if (s->follow && s->common.logs.n != 1) {
		log_error("--follow: expected one FILE");
		return -1;
	}
	if (s->follow && s->last == 0)
		s->last = FOLLOW_LAST;
	return 0;
}

static void
print(struct show *s, const struct message *m)
{
	bool tree = treeprint_has(m);

	s->shown++;
	if (s->common.json) {
		jsonprint(&s->term, m);
		return;
	}
	if (s->shown > 1 && (tree || s->after_tree))
		term_newline(&s->term);
	s->after_tree = tree;
	if (tree)
		treeprint(&s->term, m);
	else
		lineprint(&s->term, m);
}

static void
line(struct show *s, const char *p, size_t n)
{
	const struct message *m;

	switch (reader_line(s->reader, p, n, &m)) {
	case -1:
		log_error("out of memory");
		exit(EXIT_TROUBLE);
	case 1:
		if (level_of[m->id] > s->level || (s->where != NULL &&
		    !expr_match(s->where, m)))
			break;
		if (s->tail == NULL)
			print(s, m);
		else if (tail_push(s->tail, p, n) < 0) {
			log_error("out of memory");
			exit(EXIT_TROUBLE);
		}
	}
}

static void
show_tail(struct show *s)
{
	struct tail *tail = s->tail;
	const char *p;
	size_t n;

	s->tail = NULL;
	while (tail != NULL && tail_shift(tail, &p, &n))
		line(s, p, n);
	tail_free(tail);
}

/* All lines that are there now. */
static int
drain(struct show *s, struct logfile *lf)
{
	const char *p;
	size_t n;
	int rc;

	while ((rc = logfile_line(lf, &p, &n)) > 0)
		line(s, p, n);
	if (rc < 0) {
		log_error("%s: %s", logfile_name(lf), strerror(errno));
		s->trouble = true;
	}
	return rc;
}

static struct logfile *
open_log(struct show *s, const char *path)
{
	struct logfile *lf = logfile_open(path);

	if (lf == NULL) {
		log_error("%s: %s", path, strerror(errno));
		s->trouble = true;
	}
	return lf;
}

static void
show_log(struct show *s, const char *path)
{
	struct logfile *lf = open_log(s, path);

	if (lf == NULL)
		return;
	reader_reset(s->reader);
	drain(s, lf);
	term_flush(&s->term);
	skipped(lf, reader_stats(s->reader));
	logfile_close(lf);
}

/* Until it is interrupted.  A log that was rotated is read to its end once
   more: lines came in between the last look and the rename. */
static void
follow(struct show *s, const char *path)
{
	static const struct timespec poll = { 0, POLL_NS };
	struct logfile *lf = open_log(s, path), *next;

	while (lf != NULL) {
		bool rotated = logfile_rotated(lf);

		logfile_follow(lf);
		if (drain(s, lf) < 0)
			break;
		show_tail(s);
		if (term_flush(&s->term) < 0)
			break;
		if (rotated && (next = logfile_open(path)) != NULL) {
			logfile_close(lf);
			lf = next;
			continue;
		}
		nanosleep(&poll, NULL);
	}
	logfile_close(lf);
}

static int
status(struct show *s)
{
	show_tail(s);
	if (term_flush(&s->term) < 0) {
		log_error("standard output: %s", strerror(errno));
		s->trouble = true;
	}
	return s->trouble ? EXIT_TROUBLE : s->shown == 0 ? EXIT_NONE :
	    EXIT_FOUND;
}

int
show_main(int argc, char *argv[])
{
	struct show s = { .level = LEVEL_TRUST, .width = WIDTH_AUTO };
	int rc = EXIT_TROUBLE;
	size_t i;

	if (options(&s, argc, argv) < 0)
		goto out;
	term_init(&s.term, stdout, s.common.colour,
	    s.common.json ? 0 : s.width);
	s.reader = reader_new();
	s.tail = s.last == 0 ? NULL : tail_new(s.last);
	if (s.reader == NULL || (s.last != 0 && s.tail == NULL)) {
		log_error("out of memory");
		goto out;
	}
	if (s.follow)
		follow(&s, s.common.logs.path[0]);
	else
		for (i = 0; i < s.common.logs.n; i++)
			show_log(&s, s.common.logs.path[i]);
	rc = status(&s);
out:
	tail_free(s.tail);
	reader_free(s.reader);
	expr_free(s.where);
	option_free(&s.common);
	return rc;
}
