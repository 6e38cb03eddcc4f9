/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that all subcommands of pidtree have in common. */
#include "option.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "log.h"

static bool
take_colour(struct option_common *o, const char *when)
{
	static const char *const name[] = {
		[COLOUR_AUTO] = "auto",
		[COLOUR_ALWAYS] = "always",
		[COLOUR_NEVER] = "never",
	};
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (strcmp(when, name[i]) == 0) {
			o->colour = i;
			return true;
		}
	log_error("--color: \"%s\": expected auto, always or never", when);
	return false;
}

bool
option_log(struct option_common *o, const char *path)
{
	if (loglist_add(&o->logs, path) == 0)
		return true;
	log_error("%s: %s", path, strerror(errno));
	return false;
}

bool
option_take(struct option_common *o, int opt, const char *arg)
{
	switch (opt) {
	case OPTION_JSON:
		o->json = true;
		return true;
	case OPTION_LOG:
		return option_log(o, arg);
	case OPTION_COLOR:
		return take_colour(o, arg);
	}
	return false;	/* getopt_long(3) has said why */
}

struct expr *
option_where(const char *what, const char *text, unsigned msgids)
{
	struct expr_error error;
	struct timespec now;
	struct expr *e;

	clock_gettime(CLOCK_REALTIME, &now);
	e = expr_new(text, strlen(text), msgids,
	    now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000, &error);
	if (e == NULL && error.column == 0)
		log_error("%s: %s", what, error.text);
	else if (e == NULL)
		log_error("%s: column %u: %s", what, error.column,
		    error.text);
	return e;
}

void
option_free(struct option_common *o)
{
	loglist_free(&o->logs);
}
