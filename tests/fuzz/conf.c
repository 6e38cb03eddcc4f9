/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a file of the configuration: refused, or what is made of them
   is sound and survives the way through conf_dump. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
want(bool ok)
{
	if (!ok)
		abort();
}

static void
check_value(const struct filter *f, const struct filter_value *v)
{
	want(v->log <= 1 && v->digest <= v->log && v->portset < f->nsets);
}

static void
check_filter(const struct filter *f, const uint8_t *data, size_t n)
{
	struct in6_addr addr = { 0 };

	want(f->nsets >= 1 && f->nsets <= PORTSETS);
	want(f->n4 + f->n6 <= FILTER_PREFIXES);
	want(strlen(f->text) <= FILTER_TEXT && strlen(f->hash) == 16);
	for (size_t i = 0; i < f->n4; i++) {
		want(f->v4[i].key.prefixlen <= 32);
		check_value(f, &f->v4[i].value);
	}
	for (size_t i = 0; i < f->n6; i++) {
		want(f->v6[i].key.prefixlen <= 128);
		check_value(f, &f->v6[i].value);
	}
	memcpy(&addr, data, n < sizeof(addr) ? n : sizeof(addr));
	filter_decide(f, &addr, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct conf *c, *again;
	char *dump, *twice;

	/* The complaints are not for the fuzzer's own log. */
	if (fileno(stderr) == 2 && (stderr = fopen("/dev/null", "w")) == NULL)
		abort();
	c = conf_read_text("fuzz", (const char *)data, n);
	if (c == NULL)
		return 0;
	check_filter(c->filter, data, n);
	dump = conf_dump(c);
	want(dump != NULL && strlen(c->hash) == 64);
	again = conf_read_text("dump", dump, strlen(dump));
	want(again != NULL && strcmp(again->hash, c->hash) == 0 &&
	    strcmp(again->filter->text, c->filter->text) == 0);
	twice = conf_dump(again);
	want(twice != NULL && strcmp(twice, dump) == 0);
	free(dump);
	free(twice);
	conf_free(c);
	conf_free(again);
	return 0;
}
