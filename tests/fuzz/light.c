/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What reads lines fast and in part: never beyond their ends, and of what our
 * writer writes the same as the parser.  A text that begins as that of a
 * filter is read as one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_light.h"
#include "lookup_lineage.h"
#include "lookup_logged.h"
#include "lookup_once.h"
#include "rfc5424.h"

#define LINE	16384

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
fail(const char *what, const char *line, size_t n)
{
	fprintf(stderr, "%s\n%.*s\n", what, (int)n, line);
	abort();
}

/* What was escaped is another text in the line. */
static bool
is_plain(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.s[i] < ' ' || s.s[i] > '~' ||
		    strchr("\"\\]", s.s[i]) != NULL)
			return false;
	return true;
}

static bool
same(struct str written, struct str parsed)
{
	if (!is_plain(parsed))
		return true;
	return (written.s == NULL) == (parsed.s == NULL) &&
	    written.n == parsed.n && (parsed.n == 0 ||
	    memcmp(written.s, parsed.s, parsed.n) == 0);
}

static bool
same_hash(uint64_t hash, struct str parsed)
{
	return !is_plain(parsed) || hash == (parsed.s == NULL ? 0 :
	    once_hash(0, parsed.s, parsed.n));
}

static void
check_light(const struct message *m, const char *line, size_t n)
{
	struct light l;

	if (!light_read(&l, line, n)) {
		if (m->time != NUM_NONE)
			fail("not read", line, n);
		return;
	}
	if (l.id != m->id || l.time != m->time || l.procid != m->procid ||
	    l.seq != m->seq)
		fail("header", line, n);
	if (!same(l.hostid, m->hostid))
		fail("id of the host", line, n);
	if (m->hostid.s != NULL && !same(l.boot, m->boot))
		fail("boot", line, n);
}

static void
check_lineage(const struct message *m, const char *line, size_t n,
    struct lineage *l)
{
	/* The collector tells the destination of every one. */
	if (IN6_IS_ADDR_UNSPECIFIED(&m->dst))
		return;
	if (!lineage_read(l, line, n))
		fail("no lineage", line, n);
	if (memcmp(&l->dst, &m->dst, sizeof(l->dst)) != 0 ||
	    l->dpt != m->dpt)
		fail("destination", line, n);
	if (!same_hash(l->event, m->externalid) ||
	    !same_hash(l->process, m->pkey))
		fail("externalId, pkey", line, n);
}

/* Into m, from what is written of it. */
static char *
write_and_parse(struct message *m, char *line, size_t *n)
{
	const char *why;
	size_t where;
	char *mem;

	*n = rfc5424_write(m, line);
	if ((mem = malloc(*n + 1024)) == NULL)
		abort();
	if (rfc5424_parse(m, line, *n, mem, *n + 1024, &where, &why) < 0)
		fail(why, line, *n);
	return mem;
}

/* As it was written by us; then the same, later and from another port. */
static void
check_written(struct message *m)
{
	char line[RFC5424_MAX + 1], *mem, *again;
	struct lineage one, two;
	size_t n;

	mem = write_and_parse(m, line, &n);
	check_light(m, line, n);
	if (m->id == MSG_CONNECT && m->ngen > 0) {
		one.id = two.id = 0;
		check_lineage(m, line, n, &one);
		m->spt = 4242;
		m->seq = 7;
		again = write_and_parse(m, line, &n);
		check_lineage(m, line, n, &two);
		if (m->truncated.s == NULL && one.id != two.id)
			fail("another lineage", line, n);
		free(again);
	}
	free(mem);
}

static void
check_filter(const char *text, size_t n)
{
	static const struct in6_addr addr[] = {
		{ { { 0x20, 1, 0x0d, 0xb8, [15] = 1 } } },
		{ { { [10] = 0xff, 0xff, 192, 0, 2, 1 } } },
	};
	enum logged any, one;
	char *filter;
	size_t i;

	if ((filter = strndup(text, n)) == NULL)
		return;
	for (i = 0; i < sizeof(addr) / sizeof(addr[0]); i++) {
		any = logged(filter, addr + i, NUM_NONE);
		one = logged(filter, addr + i, 443);
		if (one == LOGGED_SOME || (any != LOGGED_SOME && any != one))
			fail("a port and any", text, n);
	}
	free(filter);
}

static void
check_line(const char *line, size_t n)
{
	struct message m;
	struct lineage lineage;
	struct light light;
	const char *why;
	size_t where;
	char *mem;

	light_read(&light, line, n);
	lineage_read(&lineage, line, n);
	if ((mem = malloc(n + 1024)) == NULL)
		abort();
	if (rfc5424_parse(&m, line, n, mem, n + 1024, &where, &why) == 0)
		check_written(&m);
	free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text;

	if (n > LINE || (text = malloc(n == 0 ? 1 : n)) == NULL)
		return 0;
	memcpy(text, data, n);		/* ends where it ends */
	if (n >= 6 && memcmp(text, "ports ", 6) == 0)
		check_filter(text, n);
	else
		check_line(text, n);
	free(text);
	return 0;
}
