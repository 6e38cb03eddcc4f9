/* SPDX-License-Identifier: BSD-2-Clause */
/* Redaction of any arguments: what is not hidden is as it was, and in order. */
#define _GNU_SOURCE		/* memmem */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const char *in, size_t n, const char *out, size_t len)
{
	const char *end = out + len;
	size_t at = 0;
	char *next;

	while (out < end && at <= n)
		if (end - out > 10 && memcmp(out, "[redacted:", 10) == 0) {
			at += strtoul(out + 10, &next, 10);
			if (*next != ']')
				abort();
			out = next + 1;
		} else if (at == n || *out++ != in[at++])
			abort();
	if (at != n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const pattern[] = { "--my-([a-z]+)" };
	static struct redact *r;
	char mem[16 * REDACT_MAX], *in;
	const char *why;
	struct buf b;

	if (r == NULL && (r = redact_new(true, pattern, 1, &why)) == NULL)
		abort();
	if (n > REDACT_MAX || (in = malloc(n + 1)) == NULL)
		return 0;
	memcpy(in, data, n);
	in = realloc(in, n == 0 ? 1 : n);	/* ends where it ends */
	buf_init(&b, mem, sizeof(mem) - 1);
	redact_args(r, in, n, &b);
	if (b.full)
		abort();
	mem[b.len] = '\0';
	if (memmem(in, n, "[redacted:", 10) == NULL)
		check(in, n, mem, b.len);
	free(in);
	return 0;
}
