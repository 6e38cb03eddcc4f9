/* SPDX-License-Identifier: BSD-2-Clause */
/* Which containers' connections are logged; see boxfilter.h. */
#include "boxfilter.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_MAX	256	/* bytes with the NUL */
#define VALUE_MAX	1024	/* of what is compared */

struct boxfilter {
	const struct items *exclude, *include;
	char *text;
};

enum match { NO, UNKNOWN, YES };

static const struct key {
	const char *name;
	size_t at;		/* of its value in struct message */
} keys[] = {
	{ "runtime", offsetof(struct message, runtime) },
	{ "id", offsetof(struct message, container) },
	{ "name", offsetof(struct message, containername) },
	{ "image", offsetof(struct message, image) },
	{ "pod", offsetof(struct message, pod) },
	{ "namespace", offsetof(struct message, space) },
};

/* Where the next KEY=PATTERN ends. */
static size_t
term_length(const char *s)
{
	return strcspn(s, " ");
}

static const struct key *
find_key(const char *term, size_t n)
{
	const char *eq = memchr(term, '=', n);

	for (size_t i = 0; eq != NULL && i < sizeof(keys) / sizeof(keys[0]);
	    i++)
		if (strlen(keys[i].name) == (size_t)(eq - term) &&
		    memcmp(keys[i].name, term, eq - term) == 0)
			return &keys[i];
	return NULL;
}

int
boxfilter_check(const char *item, struct buf *why)
{
	const char *s = item + strspn(item, " ");
	size_t n, terms = 0;

	for (; *s != '\0'; s += n, s += strspn(s, " ")) {
		n = term_length(s);
		if (find_key(s, n) == NULL || s[n - 1] == '=' ||
		    n >= PATTERN_MAX || ++terms > BOXFILTER_TERMS)
			break;
	}
	if (terms > 0 && *s == '\0' && strpbrk(item, ";|\"") == NULL)
		return 0;
	buf_addf(why, "\"%.200s\", expected KEY=PATTERN ..., KEY one of "
	    "runtime, id, name, image, pod, namespace", item);
	return -1;
}

static bool
in_pod(const struct message *m)
{
	return m->poduid.s != NULL;
}

/* What a process outside of any container has not is known; and so is it that
   a container is in no pod. */
static enum match
term(const struct key *key, const char *pattern, const struct message *m)
{
	const struct str *v = (const struct str *)((const char *)m + key->at);
	bool of_pod = v == &m->pod || v == &m->space;
	char value[VALUE_MAX];

	if (m->container.s == NULL)
		return v == &m->runtime && fnmatch(pattern, "none", 0) == 0 ?
		    YES : NO;
	if (v->s == NULL)
		return of_pod && !in_pod(m) ? NO : UNKNOWN;
	snprintf(value, sizeof(value), "%.*s", (int)v->n, v->s);
	return fnmatch(pattern, value, 0) == 0 ? YES : NO;
}

static enum match
item(const char *s, const struct message *m)
{
	enum match all = YES, one;
	char pattern[PATTERN_MAX];
	const struct key *key;
	size_t n, skip;

	for (s += strspn(s, " "); *s != '\0'; s += n, s += strspn(s, " ")) {
		n = term_length(s);
		key = find_key(s, n);
		skip = strlen(key->name) + 1;
		snprintf(pattern, sizeof(pattern), "%.*s", (int)(n - skip),
		    s + skip);
		one = term(key, pattern, m);
		if (one < all)
			all = one;
	}
	return all;
}

/* The best of a list. */
static enum match
list(const struct items *items, const struct message *m)
{
	enum match best = NO, one;

	for (size_t i = 0; i < items->n && best != YES; i++) {
		one = item(items->v[i].text, m);
		if (one > best)
			best = one;
	}
	return best;
}

bool
boxfilter_logs(const struct boxfilter *f, const struct message *m)
{
	if (list(f->exclude, m) == YES)
		return false;
	return f->include->n == 0 || list(f->include, m) != NO;
}

static void
write_list(FILE *out, const char *name, const struct items *items)
{
	fputs(name, out);
	for (size_t i = 0; i < items->n; i++)
		fprintf(out, "%s %s", i > 0 ? " |" : "", items->v[i].text);
}

struct boxfilter *
boxfilter_new(const struct items *exclude, const struct items *include)
{
	struct boxfilter *f = calloc(1, sizeof(*f));
	size_t size;
	FILE *out;

	if (f == NULL)
		return NULL;
	f->exclude = exclude;
	f->include = include;
	if (exclude->n == 0 && include->n == 0)
		return f;
	out = open_memstream(&f->text, &size);
	if (out == NULL) {
		free(f);
		return NULL;
	}
	if (exclude->n > 0)
		write_list(out, "exclude", exclude);
	if (include->n > 0)
		write_list(out, exclude->n > 0 ? "; include" : "include",
		    include);
	if (ferror(out) | fclose(out)) {
		boxfilter_free(f);
		errno = ENOMEM;
		return NULL;
	}
	return f;
}

const char *
boxfilter_text(const struct boxfilter *f)
{
	return f->text;
}

void
boxfilter_free(struct boxfilter *f)
{
	if (f == NULL)
		return;
	free(f->text);
	free(f);
}
