/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser: if a line parses, what is written of it parses again, to the
 * same unless it had to be shortened; what was shortened stays as it is.
 */
#define _GNU_SOURCE		/* memmem */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../abnf.h"
#include "../same.h"
#include "rfc5424.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define LINE	16384

static void
fail(const char *what, const char *line, size_t n)
{
	fprintf(stderr, "%s\n%.*s\n", what, (int)n, line);
	abort();
}

/* Into m, with the strings in exactly the memory that is promised. */
static char *
parse(struct message *m, const char *line, size_t n)
{
	char *mem = malloc(n + 1024);
	const char *why;
	size_t where;

	if (mem == NULL)
		abort();
	if (rfc5424_parse(m, line, n, mem, n + 1024, &where, &why) == 0)
		return mem;
	if (where > n || why == NULL)
		fail("no place, no reason", line, n);
	free(mem);
	return NULL;
}

static char *
write_and_parse(const struct message *m, struct message *back)
{
	char out[RFC5424_MAX + 1], *mem;
	const char *error;
	size_t n = rfc5424_write(m, out);

	if (n == 0 || n > RFC5424_MAX)
		fail("length", out, 0);
	out[n] = '\0';
	if ((error = abnf_error(out, n)) != NULL)
		fail(error, out, n);
	if ((mem = parse(back, out, n)) == NULL)
		fail("does not parse", out, n);
	return mem;
}

/* The sentence is no field: that it was cut is not said. */
static bool
text_is_cut(const struct message *a, const struct message *b)
{
	return b->text.n < a->text.n &&
	    memmem(b->text.s, b->text.n, "...", 3) != NULL;
}

static const char *
differs(struct message *a, const struct message *b)
{
	if (!same_str(&a->truncated, &b->truncated))
		return NULL;
	if (text_is_cut(a, b))
		a->text = b->text;
	return same_message(a, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct message m, once, twice;
	char *line, *mem, *mem1, *mem2;
	const char *what;

	if (n > LINE || (line = malloc(n == 0 ? 1 : n)) == NULL)
		return 0;
	memcpy(line, data, n);		/* ends where it ends */
	if ((mem = parse(&m, line, n)) != NULL) {
		/* If this writer cut the same once more nobody could tell. */
		m.truncated = (struct str){ NULL, 0 };
		mem1 = write_and_parse(&m, &once);
		if ((what = differs(&m, &once)) != NULL)
			fail(what, line, n);
		mem2 = write_and_parse(&once, &twice);
		if ((what = same_message(&once, &twice)) != NULL)
			fail(what, line, n);
		free(mem2);
		free(mem1);
		free(mem);
	}
	free(line);
	return 0;
}
