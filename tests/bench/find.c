/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search alone, as grep -F would be used.
 *	find LOG	lines that have one of the destinations read from
 *			standard input, a line each
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "search.h"

static int
found(void *arg, const struct search_hit *hit)
{
	(void)arg;
	fwrite(hit->line, 1, hit->n, stdout);
	putchar('\n');
	return 0;
}

int
main(int argc, char *argv[])
{
	struct search_calls calls = { .found = found };
	struct search *s = search_new();
	char line[128];

	if (argc != 2 || s == NULL)
		errx(2, "usage: find LOG <ADDRESSES");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct search_needle needle = { SEARCH_PARAM, .name = "dst",
		    .value = { line, strcspn(line, "\n") } };

		if (search_needle(s, &needle) < 0)
			err(2, "%s", line);
	}
	if (search_log(s, argv[1]) < 0 || search_run(s, &calls) < 0)
		err(2, "%s", argv[1]);
	search_say_problems(s);
	search_free(s);
	return 0;
}
