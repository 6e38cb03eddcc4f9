/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fills in pidtreed.yaml.5.in: a line @OPTIONS@, or the name of a list, is
 * replaced by what the tables of the code say, in mdoc.
 */
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "options.h"
#include "watchpath.h"

#define WIDTH	76

/* Each sentence begins a line, as mdoc wants it; no line is too long. */
static void
put_text(const char *s)
{
	size_t column = 0, n;
	bool ended = false;

	for (; *s != '\0'; s += n, s += strspn(s, " ")) {
		n = strcspn(s, " ");
		if (column > 0 && (ended || column + 1 + n > WIDTH)) {
			putchar('\n');
			column = 0;
		}
		column += printf("%s%.*s", column > 0 ? " " : "", (int)n, s);
		ended = s[n - 1] == '.';
	}
	putchar('\n');
}

static void
put_option(const struct option *o)
{
	char mem[512];
	struct buf b;

	printf(".It Cm %s\n", o->key);
	put_text(o->doc);
	if (o->type == OPT_LIST)
		return;
	buf_init(&b, mem, sizeof(mem));
	buf_adds(&b, "Value: ");
	option_expects(o, &b);
	buf_addc(&b, '.');
	put_text(buf_cstr(&b));
	if (o->def != NULL)
		printf("Default:\n.Cm %s .\n", o->def);
}

static void
put_options(void)
{
	const char *section = NULL;
	size_t n = 0;

	for (const struct option *o = options; o->key != NULL; o++) {
		if (section == NULL || option_in(o->key) != n ||
		    memcmp(section, o->key, n) != 0) {
			if (section != NULL)
				puts(".El");
			section = o->key;
			n = option_in(section);
			if (n == 0)
				puts(".Ss Outside of any section");
			else
				printf(".Ss Section %.*s\n", (int)n,
				    section);
			puts(".Bl -tag -width Ds");
		}
		put_option(o);
	}
	puts(".El");
}

static void
put_words(const char *const *p)
{
	for (; *p != NULL; p++)
		printf(".Li %s%s\n", *p, p[1] != NULL ? " ," : " .");
}

int
main(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "@OPTIONS@\n") == 0)
			put_options();
		else if (strcmp(line, "@EXCLUDE@\n") == 0)
			put_words(filter_default_exclude);
		else if (strcmp(line, "@METADATA@\n") == 0)
			put_words(filter_metadata);
		else if (strcmp(line, "@FORWARDERS@\n") == 0)
			put_words(conf_default_forwarders);
		else if (strcmp(line, "@WATCHED@\n") == 0)
			put_words(watchpath_default);
		else
			fputs(line, stdout);
	}
	return ferror(stdin) || fflush(stdout) == EOF;
}
