/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DNS packet taken apart: never beyond its end, never for long, and what
 * comes out is bounded and printable, whatever went in.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
check(const struct dns *d)
{
	size_t i;

	if (d->len == 0 || d->len >= sizeof(d->name) ||
	    d->name[d->len] != '\0' || strlen(d->name) != d->len)
		fail("length of the name");
	for (i = 0; i < d->len; i++)
		if (d->name[i] <= ' ' || d->name[i] > '~' ||
		    d->name[i] == '"' || (d->name[i] >= 'A' &&
		    d->name[i] <= 'Z'))
			fail("character of the name");
	if (d->n > DNS_ADDRESSES || (!d->response && d->n > 0))
		fail("addresses");
	if (d->rcode > 15 || d->type > 0xffff)
		fail("numbers");
	if (strlen(dns_type_name(d->type)) > 15 ||
	    strlen(dns_rcode_name(d->rcode)) > 15)
		fail("names of numbers");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct dns whole, part;
	uint8_t *copy;

	if (n > 65535)
		return 0;
	copy = malloc(n == 0 ? 1 : n);	/* ends where it ends */
	if (copy == NULL)
		return 0;
	memcpy(copy, data, n);
	if (dns_parse(copy, n, &whole) == 0) {
		check(&whole);
		/* A copy that ends early has no more than the whole. */
		if (dns_parse(copy, n - n / 4, &part) == 0) {
			check(&part);
			if (part.len != whole.len || memcmp(part.name,
			    whole.name, part.len) != 0)
				fail("another name");
		}
	}
	free(copy);
	return 0;
}
