/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fills in pidtree-export.1.in: the line @FIELDS@ is replaced by which field
 * goes where in ECS and CEF, @PROCESS@ by the same of a process, in mdoc.
 */
#include <stdio.h>
#include <string.h>

#include "place.h"

static const char *
cef_key(const struct place *p)
{
	static char text[64];

	if (p->cef6 == NULL)
		return p->cef;
	snprintf(text, sizeof(text), "%s (IPv6: %s)", p->cef, p->cef6);
	return text;
}

static void
put_fields(void)
{
	const struct place *p;

	puts(".Bl -column deviceDirection pidtree.syncAccuracy");
	puts(".It Sy field Ta Sy ECS Ta Sy CEF");
	for (p = places; p < places + nplaces; p++)
		if (p->parent == NULL &&
		    strncmp(p->ecs, "pidtree.counters.", 17) != 0)
			printf(".It Va %s Ta %s Ta %s\n", p->name, p->ecs,
			    cef_key(p));
	puts(".It counters Ta pidtree.counters. Ns Ar name Ta Ar name");
	puts(".El");
}

static void
put_process(void)
{
	const struct place *p;

	puts(".Bl -column cmdhash user.effective.id "
	    "process.parent.command_line command_line");
	puts(".It Sy field Ta Sy caller Ta Sy parent Ta Sy further Ta Sy CEF");
	for (p = places; p < places + nplaces; p++)
		if (p->parent != NULL)
			printf(".It Va %s Ta %s Ta %s Ta %s Ta %s\n", p->name,
			    p->ecs, p->parent, p->ancestor, p->cef);
	puts(".El");
}

int
main(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin) != NULL)
		if (strcmp(line, "@FIELDS@\n") == 0)
			put_fields();
		else if (strcmp(line, "@PROCESS@\n") == 0)
			put_process();
		else if (line[0] == '@') {
			fprintf(stderr, "export-fields: unknown: %s", line);
			return 1;
		} else
			fputs(line, stdout);
	return ferror(stdin) || fflush(stdout) == EOF;
}
