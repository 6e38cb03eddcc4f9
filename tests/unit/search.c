/* SPDX-License-Identifier: BSD-2-Clause */
/* search: the same lines as a loop over all lines with strstr, whatever the
   logs look like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "search-dir.h"
#include "search.h"
#include "text.h"

#define LINES	400
#define NOV	INT64_C(1793491200)	/* 2026-11-01T00:00:00Z */
#define TEXT	4096

/* A line as it was said, and as it is in the log. */
struct line {
	char said[TEXT], log[2 * TEXT];
	unsigned hits;		/* a bit for each needle */
	uint64_t offset;
};

static struct line line[LINES];
static size_t nlines;

static const char *const addrs[] = {
	"203.0.113.5", "203.0.113.50", "3.0.113.5", "203.0.113.128",
	"2001:db8:f::80", "2001:db8:f::8", "198.51.100.7",
};
static const char *const exes[] = {
	"/usr/bin/curl", "/usr/bin/curl2", "/opt/a \"b\"]c\\x41/tool",
	"/opt/\xc3\xa9t\xc3\xa9", "/opt/e\x01",
};
static const char *const kinds[] = { "CONNECT", "START", "STOP", "HOST" };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PICK(a)		((a)[random() % COUNT(a)])

/* What is looked for, and what a line that says it contains. */
static const struct {
	struct search_needle needle;
	const char *net;
	const char *text[3];
	int from, until;	/* days of November */
} needles[] = {
	{ { SEARCH_PARAM, .name = "dst", .value = { "203.0.113.5", 11 } },
	    .text = { " dst=\"203.0.113.5\"" } },
	{ { SEARCH_PARAM, .name = "dst", .value = { "2001:DB8:F:0::80", 16 } },
	    .text = { " dst=\"2001:db8:f::80\"" } },
	{ { SEARCH_PARAM, .name = "src", .value = { "203.0.113.5", 11 } },
	    .text = { " src=\"203.0.113.5\"" } },
	{ { SEARCH_NET, .name = "dst", .bits = 96 + 25 },
	    .net = "203.0.113.0", .text = { " dst=\"203.0.113.5\"",
	    " dst=\"203.0.113.50\"" } },
	{ { SEARCH_NET, .name = "dst", .bits = 48 },
	    .net = "2001:db8:f::", .text = { " dst=\"2001:db8:f::80\"",
	    " dst=\"2001:db8:f::8\"" } },
	{ { SEARCH_PARAM, .name = "exe", .value = { "/usr/bin/curl", 13 } },
	    .text = { " exe=\"/usr/bin/curl\"" } },
	{ { SEARCH_GENERATION, .name = "exe",
	    .value = { "/opt/a \"b\"]c\\x41/tool", 21 } },
	    .text = { " exe=\"/opt/a \\\"b\\\"\\]c\\\\x5cx41/tool\"",
	    " exe12=\"/opt/a \\\"b\\\"\\]c\\\\x5cx41/tool\"" } },
	{ { SEARCH_GENERATION, .name = "exe", .value = { "/opt/e\x01", 7 } },
	    .text = { " exe=\"/opt/e\\\\x01\"", " exe12=\"/opt/e\\\\x01\"" } },
	{ { SEARCH_GENERATION, .name = "exe",
	    .value = { "/opt/\xc3\xa9t\xc3\xa9", 10 } },
	    .text = { " exe=\"/opt/\xc3\xa9t\xc3\xa9\"",
	    " exe12=\"/opt/\xc3\xa9t\xc3\xa9\"" } },
	{ { SEARCH_MSGID, .value = { "START", 5 } },
	    .text = { " pidtreed 712 START [" } },
	{ { SEARCH_MSGID, .value = { "STOP", 4 } },
	    .text = { " pidtreed 712 STOP [" } },
	{ { .what = SEARCH_MSGID }, .text = { " pidtreed 712 " } },
	{ { SEARCH_TEXT, .value = { "t -> 2", 6 } }, .text = { "t -> 2" } },
	{ { SEARCH_PARAM, .name = "dst", .value = { "203.0.113.5", 11 } },
	    .text = { " dst=\"203.0.113.5\"" }, .from = 10, .until = 20 },
	{ { .what = SEARCH_MSGID }, .text = { " pidtreed 712 " }, .from = 25 },
};

static void
add_value(char *to, const char *name, const char *value)
{
	char mem[512];
	struct buf b;
	size_t i;

	buf_init(&b, mem, sizeof(mem));
	text_escape(&b, value, strlen(value));
	to += sprintf(to + strlen(to), " %s=\"", name) + strlen(to);
	for (i = 0; i < b.len; i++) {
		if (strchr("\"]\\", mem[i]) != NULL)
			*to++ = '\\';
		*to++ = mem[i];
	}
	strcpy(to, "\"");
}

/* A message of ours, with noise that looks like needles. */
static void
say(char *s)
{
	const char *kind = PICK(kinds);
	size_t filler = random() % 8 == 0 ? random() % 2000 : 0;

	sprintf(s, "<86>1 2026-11-%02ldT08:14:02.113245Z web-7 pidtreed 712 "
	    "%s [event@32473", 1 + random() % 28, kind);
	if (strcmp(kind, "CONNECT") == 0) {
		add_value(s, "src", PICK(addrs));
		add_value(s, "dst", PICK(addrs));
		add_value(s, "exe", PICK(exes));
		add_value(s, "cmd", random() % 2 ? "x dst=\"203.0.113.5\"" :
		    "say dst=\\ exe=");
		memset(s + strlen(s) + 1, 0, 1);
		sprintf(s + strlen(s), " pad=\"%0*d\"][ancestry@32473",
		    (int)filler, 0);
		add_value(s, "exe12", PICK(exes));
	}
	sprintf(s + strlen(s), "] t -> %s", PICK(addrs));
}

static void
as_json(char *to, const char *s)
{
	bool wide = random() % 2;

	to += sprintf(to, "%s{\"_raw\":\"", random() % 2 ? "" : "[ ");
	for (; *s != '\0'; s++) {
		if (*s == '"' && wide)
			to += sprintf(to, "\\u0022");
		else if (*s == '"' || *s == '\\' || (*s == '/' && wide))
			to += sprintf(to, "\\%c", *s);
		else if ((unsigned char)*s == 0xc3 && wide)
			to += sprintf(to, "\\u00%02X", (*++s & 0x3f) | 0xc0);
		else
			*to++ = *s;
	}
	strcpy(to, "\"},");
}

/* Is the day of the line one of the needle's?  Or not to be told. */
static bool
in_window(size_t needle, const char *said)
{
	int day;

	if (said[0] != '<')
		return true;
	day = atoi(said + strlen("<86>1 2026-11-"));
	return (needles[needle].from == 0 || day >= needles[needle].from) &&
	    (needles[needle].until == 0 || day <= needles[needle].until);
}

static void
make_lines(void)
{
	uint64_t offset = 0;
	size_t i, j, k;

	nlines = random() % LINES;
	for (i = 0; i < nlines; i++) {
		struct line *l = line + i;

		memset(l, 0, sizeof(*l));
		if (random() % 10 == 0)
			strcpy(l->said, random() % 2 ? "" :
			    "Nov 22 web-7 sshd[1]: dst=\"203.0.113.5\" {");
		else
			say(l->said);
		if (l->said[0] == '<' && random() % 3 == 0)
			as_json(l->log, l->said);
		else
			strcpy(l->log, l->said);
		for (j = 0; j < COUNT(needles); j++)
			for (k = 0; k < 3 && needles[j].text[k] != NULL; k++)
				if (strstr(l->said, needles[j].text[k]) &&
				    in_window(j, l->said))
					l->hits |= 1u << j;
		l->offset = offset;
		offset += strlen(l->log) + 1;
	}
}

static void
put_lines(const char *path, bool gzip)
{
	gzFile z = gzopen(path, gzip ? "w1" : "wT");
	size_t i;

	assert_non_null(z);
	for (i = 0; i < nlines; i++) {
		gzputs(z, line[i].log);
		if (i + 1 < nlines)
			gzputs(z, "\n");
	}
	assert_int_equal(gzclose(z), Z_OK);
}

struct got {
	unsigned asked;		/* a bit for each needle */
	size_t next;		/* line */
};

static unsigned
hits_of(const struct search_hit *h)
{
	unsigned hits = 0;
	size_t i;

	for (i = 0; i < h->nneedles; i++) {
		assert_true(i == 0 || h->needle[i - 1] < h->needle[i]);
		hits |= 1u << h->needle[i];
	}
	return hits;
}

static int
found(void *arg, const struct search_hit *h)
{
	struct got *g = arg;
	struct line *l;

	while (g->next < nlines && (line[g->next].hits & g->asked) == 0)
		g->next++;
	assert_true(g->next < nlines);
	l = line + g->next++;
	assert_int_equal(h->n, strlen(l->log));
	assert_memory_equal(h->line, l->log, h->n);
	assert_int_equal(h->offset, l->offset);
	assert_int_equal(hits_of(h), l->hits & g->asked);
	return 0;
}

static void
add_needle(struct search *s, size_t i)
{
	struct search_needle needle = needles[i].needle;

	if (needles[i].net != NULL)
		assert_int_equal(text_parse_addr(needles[i].net,
		    strlen(needles[i].net), &needle.net), 0);
	if (needles[i].from != 0)
		needle.since = (NOV + (needles[i].from - 1) * 86400) *
		    INT64_C(1000000);
	if (needles[i].until != 0)
		needle.until = (NOV + needles[i].until * 86400) *
		    INT64_C(1000000) - 1;
	assert_true(search_needle(s, &needle) >= 0);
	/* The same once more is the same. */
	assert_int_equal(search_needle(s, &needle), search_needle(s, &needle));
}

static void
same_as_strstr(void **state)
{
	char path[64];
	int round;

	size_t total = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", dir);
	for (round = 0; round < 300; round++) {
		struct search *s = search_new();
		struct got g = { .asked = 0 };
		struct search_calls calls = { .found = found, .arg = &g };
		size_t i;

		srandom(round);
		make_lines();
		put_lines(path, random() % 2);
		assert_int_equal(search_log(s, path), 0);
		search_tune(s, 1 + random() % 4,
		    random() % 2 ? 0 : 100 + random() % 10000);
		for (i = 0; i < COUNT(needles); i++)
			add_needle(s, i);
		g.asked = (1u << COUNT(needles)) - 1;
		assert_int_equal(search_run(s, &calls), 0);
		while (g.next < nlines)
			assert_int_equal(line[g.next++].hits, 0);
		total += search_stats(s)->hits;
		search_free(s);
	}
	assert_true(total > 1000);
}

static void
parts_of_any_size(void **state)
{
	struct got g = { .asked = 1 };
	struct search_calls calls = { .found = found, .arg = &g };
	struct search *s = search_new();
	char path[64];
	uint64_t part;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", dir);
	srandom(7);
	do
		make_lines();
	while (nlines < 10);
	nlines = 10;
	put_lines(path, false);
	assert_int_equal(search_log(s, path), 0);
	add_needle(s, 0);
	for (part = 1; part < line[9].offset + 10; part++) {
		g.next = 0;
		search_tune(s, 2, part);
		assert_int_equal(search_run(s, &calls), 0);
		while (g.next < nlines)
			assert_int_equal(line[g.next++].hits & 1, 0);
	}
	assert_true(search_stats(s)->hits > 0);
	search_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_strstr),
		cmocka_unit_test(parts_of_any_size),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
