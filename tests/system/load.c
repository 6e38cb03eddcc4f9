/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes connections under hard conditions and writes down what is true.
 * Environment: LOAD is the program, words separated by blanks; LOAD_FACTS
 * the file that facts are appended to; LOAD_CASE the name they carry.
 * An exec goes on with the rest of the program in the new image.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

char *
load_word(struct load *l)
{
	char *word;

	while ((word = strsep(&l->next, " ")))
		if (*word)
			return word;
	return NULL;
}

void
load_unescape(char *s)
{
	char *out = s, hex[3] = "";

	for (; *s; s++) {
		if (*s == '%' && s[1] && s[2]) {
			memcpy(hex, s + 1, 2);
			*out++ = strtol(hex, NULL, 16);
			s += 2;
		} else {
			*out++ = *s;
		}
	}
	if (out < s)
		*out = '\0';
}

static const struct word *
find(const char *name)
{
	const struct word *tables[] = { birth_words, place_words, image_words,
	    attempt_words, datagram_words };

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct word *w = tables[i]; w->name; w++)
			if (!strcmp(w->name, name))
				return w;
	errno = EINVAL;
	fail(name);
}

void
load_run(struct load *l)
{
	char *name, *arg;

	while ((name = load_word(l))) {
		arg = strchr(name, '=');
		if (arg)
			*arg++ = '\0';
		find(name)->run(l, arg ? arg : "");
	}
}

int
main(void)
{
	static struct load load = { .fd = -1 };
	const char *program = getenv("LOAD"), *name = getenv("LOAD_CASE");
	const char *facts = getenv("LOAD_FACTS");

	if (!program || (!facts && !getenv("LOAD_STATE"))) {
		fprintf(stderr, "load: LOAD and LOAD_FACTS must be set\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (know_import(&load.know) < 0) {
		know_open(&load.know, facts);
		snprintf(load.know.label, sizeof(load.know.label), "%s",
		    name && *name ? name : "-");
	}
	load.next = strdup(program);
	load_run(&load);
	return 0;
}
