/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a decision costs with many rules:
 *	rules [RULES]		1,000 by default
 * Rules as people write them (a file, a user, a destination, tags by name),
 * none of which, or one in a hundred, is true of a message of typical size;
 * then as many of other kinds.  Prints microseconds an event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rfc5424.h"
#include "rules.h"

#define ROUNDS	20000

static const char line[] =
"<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
"[meta sequenceId=\"1041\"][host@32473 id=\"i-0abc\" boot=\"5c1f2e90\"]"
"[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
" src=\"10.0.3.17\" spt=\"51514\" dst=\"203.0.113.4\" dpt=\"443\" spid=\"42\""
" sproc=\"curl\" suid=\"1000\" suser=\"alice\" auid=\"1000\" ses=\"4\""
" exe=\"/usr/bin/curl\" cmd=\"curl -s 'https://updates.example.net/'\""
" born=\"2026-11-22T08:14:02.101Z\" unit=\"ssh.service\"]"
"[ancestry@32473 depth=\"5\" spid1=\"40\" sproc1=\"bash\" suid1=\"1000\""
" exe1=\"/usr/bin/bash\" spid2=\"39\" sproc2=\"sshd\" suid2=\"1000\""
" exe2=\"/usr/sbin/sshd\" spid3=\"20\" sproc3=\"sshd\" suid3=\"0\""
" exe3=\"/usr/sbin/sshd\" spid4=\"1\" sproc4=\"systemd\" suid4=\"0\""
" exe4=\"/usr/lib/systemd/systemd\"] x";

static const char *const usual[] = {
	"exe = /opt/app%d/bin/app and suser = app and dpt = 443",
	"exe in (/usr/bin/a%d, /usr/sbin/a%d) and dst in 198.51.100.0/24",
	"any.exe = /opt/job%d/run and cmd ~ 'https://[a-z]+'",
	"dst = 2001:db8::%d or dst = 2001:db8:1::%d",
	"unit = app%d.service and not dpt in (80, 443)",
};
static const char *const asked[] = { "dpt = %d and suid = 7" };
static const char *const patterns[] = { "cmd ~ 'x%d://[a-z]+'" };
static const char *const vague[] = { "exe ~ '^/[x%d]'" };

static struct rules *
make(const char *const *form, size_t nforms, int n)
{
	size_t size = 256 * (size_t)n + 1, at = 0;
	char *text = malloc(size);
	struct rules *r = rules_new();

	if (text == NULL || r == NULL)
		exit(1);
	for (int i = 0; i < n; i++) {
		at += snprintf(text + at, size - at, "- {name: r%d, tags: "
		    "[t], where: \"", i);
		if (i % 100 == 99 && nforms > 1)
			at += snprintf(text + at, size - at,
			    "exe = /usr/bin/curl");
		else
			at += snprintf(text + at, size - at, form[i % nforms],
			    i, i);
		at += snprintf(text + at, size - at, "\"}\n");
	}
	if (rules_read_text(r, "rules", text, at) != 0)
		exit(1);
	free(text);
	return r;
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* new: each message has an executable that was not there before. */
static void
measure(const char *what, struct rules *r, struct message *m, int rounds,
    bool new)
{
	struct str exe = m->gen[0].exe;
	struct rules_verdict v;
	char path[64];
	double begun = now_us();

	for (int i = 0; i < rounds; i++) {
		if (new)
			m->gen[0].exe = (struct str){ path, snprintf(path,
			    sizeof(path), "/usr/bin/curl-%d", i) };
		rules_decide(r, m, &v);
	}
	m->gen[0].exe = exe;
	printf("%-48s %8.2f us\n", what, (now_us() - begun) / rounds);
	rules_free(r);
}

int
main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1000;
	char mem[sizeof(line) + 1024];
	struct message m;
	const char *why;
	size_t where;

	if (n < 1 || n > RULES_MOST || rfc5424_parse(&m, line,
	    sizeof(line) - 1, mem, sizeof(mem), &where, &why) < 0)
		return 1;
	printf("a decision, %d rules:\n", n);
	measure("  found by a text or an address", make(usual,
	    sizeof(usual) / sizeof(usual[0]), n), &m, ROUNDS, false);
	measure("  numbers alone, each asked", make(asked, 1, n), &m,
	    ROUNDS / 10, false);
	measure("  regular expressions, found by a text", make(patterns, 1,
	    n), &m, ROUNDS, false);
	measure("  regular expressions without a text, known values",
	    make(vague, 1, n), &m, ROUNDS, false);
	measure("  and of values that were not there before",
	    make(vague, 1, n), &m, ROUNDS / 100, true);
	return 0;
}
