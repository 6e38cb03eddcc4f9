/* SPDX-License-Identifier: BSD-2-Clause */
/* How each type of option is read and written; see options.h. */
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "text.h"

struct unit {
	const char *name;
	uint64_t n;
};

/* The first is for 0. */
static const struct unit sizes[] = {
	{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 },
	{ NULL, 0 }
};
static const struct unit times[] = {
	{ "s", 1000 }, { "ms", 1 }, { "m", 60000 }, { "h", 3600000 },
	{ "d", 86400000 }, { NULL, 0 }
};
static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };

static const struct unit *
units(const struct option *o)
{
	switch (o->type) {
	case OPT_SIZE: case OPT_POWER:
		return sizes;
	case OPT_MS: case OPT_S:
		return times;
	case OPT_WORD: case OPT_NAME: case OPT_PATH: case OPT_NUMBER:
	case OPT_LIST:
		break;
	}
	return plain;
}

static int
parse_scaled(const struct unit *u, const char *s, uint64_t *out)
{
	size_t digits = strspn(s, "0123456789");

	for (; u->name != NULL; u++) {
		if (strcmp(s + digits, u->name) != 0)
			continue;
		if (number_parse(s, digits, UINT64_MAX / u->n, out) == -1)
			return -1;
		*out *= u->n;
		return 0;
	}
	return -1;
}

static void
show_scaled(const struct unit *u, uint64_t v, struct buf *out)
{
	const struct unit *best = u;

	for (; u->name != NULL; u++)
		if (v >= u->n && v % u->n == 0 &&
		    (u->n > best->n || v % best->n != 0))
			best = u;
	buf_addu(out, v / best->n);
	buf_adds(out, best->name);
}

static int
find_word(const struct option *o, const char *s)
{
	if (o->words == NULL || *s == '\0')
		return -1;
	for (int i = 0; o->words[i] != NULL; i++)
		if (strcmp(o->words[i], s) == 0)
			return i;
	return -1;
}

static int
parse_number(const struct option *o, const char *s, uint64_t *v)
{
	int word = find_word(o, s);

	if (word != -1) {
		*v = word;
		return 0;
	}
	if (o->type == OPT_WORD || parse_scaled(units(o), s, v) == -1 ||
	    *v < o->min || *v > o->max)
		return -1;
	if (o->type == OPT_POWER && (*v & (*v - 1)) != 0)
		return -1;
	return o->type == OPT_S && *v % 1000 != 0 ? -1 : 0;
}

static bool
string_ok(const struct option *o, const char *s)
{
	size_t n = strlen(s), step;

	if (o->words != NULL)
		return find_word(o, s) != -1;
	if (n < o->min || n > o->max)
		return false;
	if (o->type == OPT_PATH && *s != '/')
		return false;
	for (; *s != '\0'; s += step, n -= step) {
		step = text_char(s, n);
		if (step == 0)
			return false;
		if (o->type == OPT_NAME && (step > 1 || *s == ' '))
			return false;
	}
	return true;
}

static int
set_string(char **to, const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		return -1;
	free(*to);
	*to = copy;
	return 0;
}

int
option_set(const struct option *o, struct conf *c, const char *s,
    struct buf *why)
{
	void *to = (char *)c + o->off;
	uint64_t v = 0;

	if (o->type == OPT_LIST || (o->type == OPT_NAME || o->type == OPT_PATH
	    ? !string_ok(o, s) : parse_number(o, s, &v) == -1)) {
		buf_addf(why, "\"%.64s\", expected ", s);
		option_expects(o, why);
		return -1;
	}
	switch (o->type) {
	case OPT_WORD:
		*(int *)to = v;
		break;
	case OPT_NAME: case OPT_PATH:
		if (set_string(to, s) == -1) {
			buf_adds(why, strerror(errno));
			return -1;
		}
		break;
	case OPT_NUMBER: case OPT_MS:
		*(unsigned *)to = v;
		break;
	case OPT_S:
		*(unsigned *)to = v / 1000;
		break;
	case OPT_SIZE: case OPT_POWER:
		*(size_t *)to = v;
		break;
	case OPT_LIST:
		break;
	}
	return 0;
}

static void
expect_words(const struct option *o, struct buf *out)
{
	const char *const *last = o->words, *const *w;

	for (w = o->words; *w != NULL; w++)
		last = w;
	for (w = o->words; *w != NULL; w++) {
		if (**w == '\0')
			continue;
		if (w != o->words)
			buf_adds(out, w == last ? " or " : ", ");
		buf_adds(out, *w);
	}
}

static void
expect_range(const struct option *o, const char *what, struct buf *out)
{
	buf_addf(out, "%s from ", what);
	show_scaled(units(o), o->min, out);
	buf_adds(out, " to ");
	show_scaled(units(o), o->max, out);
}

void
option_expects(const struct option *o, struct buf *out)
{
	if (o->words != NULL) {
		expect_words(o, out);
		if (o->type == OPT_WORD || o->type == OPT_NAME)
			return;
		buf_adds(out, " or ");
	}
	switch (o->type) {
	case OPT_WORD:
		break;
	case OPT_NAME:
		buf_addf(out, "at most %u printable ASCII characters without "
		    "blanks", (unsigned)o->max);
		break;
	case OPT_PATH:
		buf_addf(out, "an absolute path of at most %u bytes",
		    (unsigned)o->max);
		break;
	case OPT_NUMBER:
		expect_range(o, "a number", out);
		break;
	case OPT_SIZE:
		expect_range(o, "a size", out);
		break;
	case OPT_POWER:
		expect_range(o, "a power of two", out);
		break;
	case OPT_MS: case OPT_S:
		expect_range(o, "a time", out);
		buf_adds(out, ", with its unit");
		break;
	case OPT_LIST:
		buf_adds(out, "a list, [] if it is empty");
		break;
	}
}

void
option_show(const struct option *o, const struct conf *c, struct buf *out)
{
	const void *from = (const char *)c + o->off;
	uint64_t v = 0;

	switch (o->type) {
	case OPT_NAME: case OPT_PATH:
		if (*(char *const *)from != NULL)
			buf_adds(out, *(char *const *)from);
		return;
	case OPT_LIST:
		return;
	case OPT_WORD:
		buf_adds(out, o->words[*(const int *)from]);
		return;
	case OPT_NUMBER: case OPT_MS:
		v = *(const unsigned *)from;
		break;
	case OPT_S:
		v = *(const unsigned *)from * 1000ull;
		break;
	case OPT_SIZE: case OPT_POWER:
		v = *(const size_t *)from;
		break;
	}
	if (v == 0 && o->words != NULL)
		buf_adds(out, o->words[0]);
	else
		show_scaled(units(o), v, out);
}
