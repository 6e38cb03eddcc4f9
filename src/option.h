/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that all subcommands of pidtree have in common. */
#ifndef PIDTREED_OPTION_H
#define PIDTREED_OPTION_H

#include <stdbool.h>

#include "expr.h"
#include "loglist.h"
#include "term.h"

#define EXIT_FOUND	0
#define EXIT_NONE	1	/* nothing found */
#define EXIT_TROUBLE	2	/* usage, unreadable file */
#define EXIT_UNPROVEN	3	/* nothing found, and that is no proof */

enum {
	OPTION_JSON = 256, OPTION_LOG, OPTION_COLOR, OPTION_HELP,
	OPTION_OWN,		/* first number for a subcommand's own */
};

/* Rows for getopt_long(3). */
#define OPTION_ROWS \
	{ "json", no_argument, NULL, OPTION_JSON }, \
	{ "log", required_argument, NULL, OPTION_LOG }, \
	{ "color", required_argument, NULL, OPTION_COLOR }, \
	{ "help", no_argument, NULL, OPTION_HELP }

struct option_common {
	bool json;
	enum colour colour;
	struct loglist logs;
};

/* Takes what getopt_long returned, with optarg.  False if it was wrong, and
   then the reason went to log_error. */
bool option_take(struct option_common *, int opt, const char *arg);
/* Adds PATH to the logs; as above. */
bool option_log(struct option_common *, const char *path);
/* What an expression (--where) says, of these messages (see expr.h).  NULL:
   the reason went to log_error, with what it was given as before it. */
struct expr *option_where(const char *what, const char *text,
    unsigned msgids);
void option_free(struct option_common *);

#endif
