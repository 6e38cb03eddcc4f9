/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a filter, read back into one; see lookup_logged.h. */
#include "lookup_logged.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "message.h"

struct lists {
	struct items ports, exclude, include;
};

/* One list: PREFIX [only PORTS] PREFIX ...; `ports` is its one item. */
static int
add_list(struct items *list, char *text)
{
	char *word, *save = NULL, *item = NULL;
	int rc = 0;

	/* A prefix has a slash, its ports have none. */
	for (word = strtok_r(text, " ", &save); word != NULL && rc == 0;
	    word = strtok_r(NULL, " ", &save)) {
		if (item != NULL && strchr(word, '/') != NULL) {
			rc = items_add(list, item, NULL);
			item = word;
		} else if (item == NULL)
			item = word;
		else
			word[-1] = ' ';
	}
	return item == NULL || rc < 0 ? rc : items_add(list, item, NULL);
}

/* `ports P; exclude ...; include ...`, as filter.c writes it. */
static int
split(struct lists *l, char *text)
{
	static const char *const name[] = { "ports", "exclude", "include" };
	struct items *list[] = { &l->ports, &l->exclude, &l->include };
	char *part, *save = NULL;
	size_t i = 0;

	for (part = strtok_r(text, ";", &save); part != NULL && i < 3;
	    part = strtok_r(NULL, ";", &save), i++) {
		part += strspn(part, " ");
		if (strncmp(part, name[i], strlen(name[i])) != 0)
			return -1;
		if (add_list(list[i], part + strlen(name[i])) < 0)
			return -1;
	}
	return i == 3 && part == NULL ? 0 : -1;
}

static void
ignore(void *arg, const char *place, const char *what)
{
	(void)arg;
	(void)place;
	(void)what;
}

static struct filter *
read_filter(const char *text)
{
	struct lists l = { 0 };
	struct filter_spec spec = { .exclude = &l.exclude,
	    .include = &l.include, .ports = &l.ports };
	char *copy = strdup(text);
	struct filter *f = NULL;

	if (copy != NULL && split(&l, copy) == 0)
		f = filter_new(&spec, ignore, NULL);
	items_clear(&l.ports);
	items_clear(&l.exclude);
	items_clear(&l.include);
	free(copy);
	return f;
}

static enum logged
decide(const struct filter *f, const struct in6_addr *addr, int64_t port)
{
	bool yes = false, no = false;
	int64_t p;

	if (port != NUM_NONE)
		return filter_decide(f, addr, port) ? LOGGED_YES : LOGGED_NO;
	for (p = 1; p <= UINT16_MAX; p++) {
		if (filter_decide(f, addr, p))
			yes = true;
		else
			no = true;
	}
	return !no ? LOGGED_YES : yes ? LOGGED_SOME : LOGGED_NO;
}

enum logged
logged(const char *text, const struct in6_addr *addr, int64_t port)
{
	const char *boxes = strstr(text, "; containers ");
	size_t n = strlen(text);
	enum logged how;
	struct filter *f;
	char *copy;

	if (n >= 4 && strcmp(text + n - 4, " ...") == 0)
		return LOGGED_UNKNOWN;
	copy = strndup(text, boxes != NULL ? (size_t)(boxes - text) : n);
	f = copy != NULL ? read_filter(copy) : NULL;
	free(copy);
	if (f == NULL)
		return LOGGED_UNKNOWN;
	how = decide(f, addr, port);
	filter_free(f);
	return how == LOGGED_YES && boxes != NULL ? LOGGED_BOXES : how;
}
