/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory for the logs of a test program, as long as it runs. */
#ifndef PIDTREED_SEARCH_DIR_H
#define PIDTREED_SEARCH_DIR_H

#include <stdio.h>
#include <stdlib.h>

static char dir[] = "/tmp/pidtree-search-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

#endif
