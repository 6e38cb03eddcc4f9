/* SPDX-License-Identifier: BSD-2-Clause */
/* A log of any bytes through `pidtree export`: what comes out is one line of
   JSON that reads back, one line of CEF, and one answer for each line. */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cef.h"
#include "ecs.h"
#include "mmexternal.h"
#include "reader.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct export {
	struct reader *reader;
	struct cef *cef;
	struct fjson_object *doc;
	uint64_t asked;
};

static void
check(int ok)
{
	if (!ok)
		abort();
}

/* Nothing that ends a line or is no character. */
static void
check_text(const char *s, size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i += len)
		check((len = text_char(s + i, n - i)) != 0);
}

static void
check_json(struct fjson_object *doc)
{
	const char *text = fjson_object_to_json_string_ext(doc,
	    FJSON_TO_STRING_PLAIN);
	struct fjson_object *again;

	check(text != NULL);
	check_text(text, strlen(text));
	again = fjson_tokener_parse(text);
	check(again != NULL && strcmp(fjson_object_to_json_string_ext(again,
	    FJSON_TO_STRING_PLAIN), text) == 0);
	fjson_object_put(again);
}

/* Seven fields, then keys: a `=` that ends none is escaped. */
static void
check_cef(const char *s, size_t n)
{
	const char *p = s, *end = s + n, *key;
	int pipes = 0;

	check_text(s, n);
	for (; pipes < 7; p++) {
		check(p < end);
		if (*p == '\\')
			p++;
		else if (*p == '|')
			pipes++;
	}
	for (key = p; p < end; p++) {
		if (*p == ' ')
			key = p + 1;
		else if (*p == '\\')
			check(++p < end && strchr("\\=nr", *p) != NULL);
		else if (*p == '=')
			check(p > key);
	}
}

static const char *
answer(void *arg, const char *line, size_t n)
{
	struct export *e = arg;
	const struct message *m;
	const char *cef;
	size_t len;

	e->asked++;
	if (reader_line(e->reader, line, n, &m) != 1)
		return NULL;
	fjson_object_put(e->doc);
	check((e->doc = ecs_document(m)) != NULL);
	check_json(e->doc);
	check((cef = cef_line(e->cef, m, false, &len)) != NULL);
	check_cef(cef, len);
	return fjson_object_to_json_string_ext(e->doc, FJSON_TO_STRING_PLAIN);
}

static size_t
count(const char *s, size_t n)
{
	size_t lines = 0;

	while (n-- > 0)
		lines += *s++ == '\n';
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export e = { .reader = reader_new(), .cef = cef_new() };
	size_t want = count((const char *)data, size), n;
	int in = memfd_create("in", MFD_CLOEXEC);
	int out = memfd_create("out", MFD_CLOEXEC);
	char *text;

	check(e.reader != NULL && e.cef != NULL && in >= 0 && out >= 0);
	check(write(in, data, size) == (ssize_t)size);
	check(lseek(in, 0, SEEK_SET) == 0);
	check(mmexternal_run(in, out, answer, &e) == 0);
	want += size > 0 && data[size - 1] != '\n';
	check(e.asked == want);
	n = lseek(out, 0, SEEK_END);
	check((text = malloc(n + 1)) != NULL);
	check(pread(out, text, n, 0) == (ssize_t)n && count(text, n) == want);
	free(text);
	close(in);
	close(out);
	fjson_object_put(e.doc);
	cef_free(e.cef);
	reader_free(e.reader);
	return 0;
}
