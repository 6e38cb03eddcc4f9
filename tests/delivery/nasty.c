/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nasty COUNT: writes messages of every kind, one a line, with every field of
 * the table filled: strings of the bytes that break parsers, numbers at their
 * bounds, up to 32 generations.  The same at every run.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "rfc5424.h"

#define STRINGS_MAX	(64 << 10)	/* bytes of one message */

static char strings[STRINGS_MAX];
static size_t used;

static struct str
nasty(bool clean)
{
	static const char *const pieces[] = { "\"", "]", "\\", "\\n", "\\x41",
	    "\\\\", "[", "=", " ", "@32473", "\xc3\xa4", "\xf0\x9f\x90\xa7",
	    "a", "key=\"v\"", "]]", "' ", "%s", "$!x", "#012", "{\"a\":1}",
	    "\xef\xbb\xbf", "\xe2\x80\xa8", "<86>1 ", ",", ";",
	    "\n", "\r\n", "\t", "\x01", "\x7f", "\xff", "\xc3", "\xed\xa0\x80",
	    "\xc0\x80" };
	const size_t all = sizeof(pieces) / sizeof(*pieces);
	const size_t n = clean ? all - 9 : all;
	const size_t begin = used, want = random() % 40 == 0 ? 3000 : 12;
	const char *p;

	do {
		p = pieces[random() % n];
		if (used + strlen(p) > sizeof(strings))
			break;
		memcpy(strings + used, p, strlen(p));
		used += strlen(p);
	} while (used - begin < want && random() % 8 != 0);
	return used > begin ? (struct str){ strings + begin, used - begin } :
	    (struct str){ "x", 1 };
}

static int64_t
number(enum field_type type)
{
	switch (random() % 4) {
	case 0:
		return 0;
	case 1:
		return random() % 1000;
	case 2:
		return type == FIELD_UINT ? UINT32_MAX : 1795334400000000;
	default:
		return random();
	}
}

static void
fill(const struct field *f, void *p)
{
	struct in6_addr *addr;

	if (field_is_number(f))
		*field_number_at(f, p) = number(f->type);
	else if (f->type == FIELD_ADDR) {
		addr = (struct in6_addr *)((char *)p + f->offset);
		for (size_t i = 0; i < sizeof(*addr); i++)
			addr->s6_addr[i] = random() % 3 == 0 ? 0 : random();
	} else
		*field_str_at(f, p) = nasty(f->type == FIELD_TEXT);
}

static void
fill_generation(struct generation *g, int64_t dist)
{
	for (size_t i = 0; i < nfields; i++)
		if (fields[i].generation && random() % 4 != 0)
			fill(&fields[i], g);
	g->dist = dist;
	g->pid = 1 + random() % 4194304;
}

static void
fill_message(struct message *m, enum msgid id)
{
	int n;

	used = 0;
	message_init(m, id);
	for (size_t i = 0; i < nfields; i++)
		if (!fields[i].generation && (fields[i].msgids & 1 << id) &&
		    random() % 8 != 0)
			fill(&fields[i], m);
	m->seq = 1 + random() % 2147483647;	/* RFC 5424 section 7 */
	if (m->tzknown != NUM_NONE)
		m->tzknown = 1;
	if (m->synced != NUM_NONE)
		m->synced = 1;
	m->time = 1795334400000000 + random();
	m->hostid = m->boot = nasty(false);
	if (id == MSG_TEST)	/* all that it has */
		m->externalid = nasty(false);
	if (m->software.s != NULL)	/* at most 48 and 32 characters */
		m->software = (struct str){ "pid\"tree]d\\", 11 };
	if (m->swversion.s != NULL)
		m->swversion = (struct str){ "0.1", 3 };
	m->hostname = (struct str){ "web-7.example.org", 17 };
	m->app = (struct str){ "pidtreed", 8 };
	m->procid = 1 + random() % 4194304;
	m->text = nasty(true);
	if (id != MSG_CONNECT && id != MSG_OUTCOME)
		return;
	m->family = random() % 2 ? AF_INET : AF_INET6;
	n = 1 + random() % GENERATIONS;
	m->depth = n;
	for (int i = 0; i < n; i++)
		fill_generation(message_add_generation(m), i);
}

int
main(int argc, char **argv)
{
	static struct message m;
	char out[RFC5424_MAX];
	const int count = argc == 2 ? atoi(argv[1]) : 0;

	srandom(5424);
	for (int i = 0; i < count; i++) {
		fill_message(&m, i % NMSGIDS);
		fwrite(out, 1, rfc5424_write(&m, out), stdout);
		putchar('\n');
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
