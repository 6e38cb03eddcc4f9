/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of pidtreed(8). */
#ifndef PIDTREED_CMDLINE_H
#define PIDTREED_CMDLINE_H

#include <stdbool.h>

enum mode {
	MODE_RUN, MODE_CHECK, MODE_DUMP, MODE_RELEASE,
	MODE_DONE,		/* --help, --version: printed */
};

struct cmdline {
	enum mode mode;
	const char *conf;	/* of argv, or the default */
	bool conf_given;
	bool to_stdout;
	const char *instance;
};

/* -1: usage; one line has gone to standard error. */
int cmdline_read(struct cmdline *, int argc, char **argv);

#endif
