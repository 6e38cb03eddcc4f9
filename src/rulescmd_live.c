/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree rules ls, add, rm: the rules of the collector that runs here, by
   its control socket. */
#include "rulescmd.h"

#include <errno.h>
#include <getopt.h>
#include <json.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dial.h"
#include "log.h"
#include "option.h"
#include "request.h"

enum { OPT_INSTANCE = OPTION_OWN, OPT_SOCKET };

struct live {
	const char *instance, *path;
	bool json;
	char mem[128];
	char yaml[REQUEST_LINE];
	struct term term;
};

static int
options(struct live *l, int argc, char *argv[])
{
	static const struct option rows[] = {
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "instance", required_argument, NULL, OPT_INSTANCE },
		{ "socket", required_argument, NULL, OPT_SOCKET },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP)
			rulescmd_help();
		else if (opt == OPT_INSTANCE)
			l->instance = optarg;
		else if (opt == OPT_SOCKET)
			l->path = optarg;
		else if (opt == OPTION_JSON)
			l->json = true;
		else
			return -1;
	}
	if (l->path == NULL)
		l->path = dial_path(l->instance, l->mem, sizeof(l->mem));
	return l->path == NULL ? -1 : 0;
}

static void
text(struct live *l, struct fjson_object *o, const char *name,
    const char *before, const char *after)
{
	struct fjson_object *v = NULL;
	const char *s;

	if (!fjson_object_object_get_ex(o, name, &v) ||
	    (s = fjson_object_get_string(v)) == NULL || *s == '\0')
		return;
	term_puts(&l->term, before);
	term_put(&l->term, (struct str){ s, strlen(s) });
	term_puts(&l->term, after);
}

/* raise: shell below a web server  (3 hits, 3 decided; added)
       any.exe = ... */
static void
print_rule(struct live *l, struct fjson_object *o)
{
	struct fjson_object *added = NULL;

	fjson_object_object_get_ex(o, "added", &added);
	text(l, o, "action", "", ": ");
	text(l, o, "name", "", "");
	text(l, o, "tags", " [", "]");
	text(l, o, "hits", "  (true ", " times");
	text(l, o, "decided", ", decided ", "; ");
	if (added != NULL && fjson_object_get_boolean(added))
		term_puts(&l->term, "added, until a restart)");
	else
		text(l, o, "place", "", ")");
	term_newline(&l->term);
	text(l, o, "where", "    ", "");
	text(l, o, "events", "  (of ", ")");
	term_newline(&l->term);
}

static void
print(struct live *l, struct fjson_object *o)
{
	struct fjson_object *v = NULL;
	const char *s;

	if (l->json) {
		s = fjson_object_to_json_string_ext(o, FJSON_TO_STRING_PLAIN);
		term_json_text(&l->term, (struct str){ s, strlen(s) });
		term_newline(&l->term);
	} else if (fjson_object_object_get_ex(o, "rule", &v))
		print_rule(l, v);
	else {
		fjson_object_object_get_ex(o, "rules", &v);
		text(l, o, "rules", "", fjson_object_get_int64(v) == 1 ?
		    " rule" : " rules");
		text(l, o, "hash", ", hash ", "");
		term_newline(&l->term);
	}
}

/* Until the line that ends the answer. */
static int
answer(struct live *l, struct dial *d)
{
	struct fjson_object *o, *v = NULL;
	bool on = true;
	int rc = 0;

	while (on && (o = dial_next(d, false)) != NULL) {
		on = !fjson_object_object_get_ex(o, "rules", &v);
		if (dial_error(o) != NULL) {
			log_error("%s: %s", l->path, dial_error(o));
			on = false;
			rc = EXIT_TROUBLE;
		} else
			print(l, o);
		fjson_object_put(o);
	}
	if (on) {
		log_error("%s: %s", l->path, errno == 0 ? "closed" :
		    strerror(errno));
		rc = EXIT_TROUBLE;
	}
	if (term_flush(&l->term) == -1) {
		log_error("standard output: %s", strerror(errno));
		rc = EXIT_TROUBLE;
	}
	return rc;
}

static int
ask(struct live *l, const char *name, const char *rule)
{
	struct dial *d = dial_ask(l->path, name, rule != NULL ? "rule" : NULL,
	    rule, false);
	int rc;

	if (d == NULL)
		return EXIT_TROUBLE;
	term_init(&l->term, stdout, COLOUR_NEVER, 0);
	rc = answer(l, d);
	dial_close(d);
	return rc;
}

/* What is in the file, escaped, has to fit a line of the protocol. */
static int
read_yaml(struct live *l, const char *path)
{
	bool in = strcmp(path, "-") == 0;
	FILE *f = in ? stdin : fopen(path, "re");
	size_t n;

	if (f == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return -1;
	}
	n = fread(l->yaml, 1, sizeof(l->yaml) - 1, f);
	l->yaml[n] = '\0';
	if (ferror(f))
		log_error("%s: %s", path, strerror(errno));
	else if (n == sizeof(l->yaml) - 1 || n == 0 || strlen(l->yaml) != n)
		log_error("%s: expected a text of 1 to %zu bytes", path,
		    sizeof(l->yaml) - 2);
	else
		n = SIZE_MAX;
	if (!in)
		fclose(f);
	return n == SIZE_MAX ? 0 : -1;
}

int
rulescmd_live(int argc, char *argv[])
{
	struct live l = { .instance = "default" };
	const char *what = strrchr(argv[0], ' ') + 1;
	bool ls = strcmp(what, "ls") == 0;

	if (options(&l, argc, argv) == -1)
		return EXIT_TROUBLE;
	if (argc - optind != !ls) {
		log_error("rules %s: expected %s", what, ls ? "no argument" :
		    strcmp(what, "rm") == 0 ? "the NAME of a rule" : "FILE");
		return EXIT_TROUBLE;
	}
	if (ls)
		return ask(&l, "rules", NULL);
	if (strcmp(what, "rm") == 0)
		return ask(&l, "remove", argv[optind]);
	return read_yaml(&l, argv[optind]) == -1 ? EXIT_TROUBLE :
	    ask(&l, "add", l.yaml);
}
