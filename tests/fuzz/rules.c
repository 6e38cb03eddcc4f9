/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a file of rules: refused with a place inside it and a clean
   text, or each rule is found for a message that it is true of, and the set
   can be added to another, and taken away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rfc5424.h"
#include "rules.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const lines[] = {
"<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
"[meta sequenceId=\"1041\"][host@32473 id=\"i-0abc\" boot=\"5c1f2e90\"]"
"[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
" src=\"10.0.3.17\" spt=\"51514\" dst=\"203.0.113.4\" dpt=\"443\" spid=\"42\""
" sproc=\"curl\" suid=\"1000\" suser=\"alice\" exe=\"/usr/bin/curl\""
" cmd=\"curl -s 'https://updates.example.net/'\" ses=\"4\""
" born=\"2026-11-22T08:14:02.101Z\" unit=\"ssh.service\"]"
"[ancestry@32473 depth=\"3\" spid1=\"40\" sproc1=\"sshd\" suid1=\"1000\""
" exe1=\"/usr/sbin/nginx\" state1=\"exited\" spid2=\"1\" suid2=\"0\"] x",
"<86>1 2026-11-22T08:14:02Z web-7 pidtreed 712 CLOSE "
"[host@32473 id=\"h\"][event@32473 act=\"close\" outcome=\"closed\""
" dst=\"64:ff9b::cb00:7104\" dpt=\"80\" in=\"2\"] x",
"<86>1 2026-11-22T08:14:02Z web-7 pidtreed 712 CONNECT "
"[host@32473 id=\"h\"][event@32473 dst=\"2001:db8::1\" dpt=\"80\" spid=\"7\""
" exe=\"/usr/lib/apt/methods/http\" suser=\"_apt\" container=\"ab\""
" runtime=\"docker\"][ancestry@32473 depth=\"1\"] x",
};

#define NLINES	(sizeof(lines) / sizeof(lines[0]))

static struct message message[NLINES];

static void
want(bool ok)
{
	if (!ok)
		abort();
}

static void
read_messages(void)
{
	static char mem[NLINES][4096];
	const char *why;
	size_t i, where;

	for (i = 0; i < NLINES; i++)
		want(rfc5424_parse(message + i, lines[i], strlen(lines[i]),
		    mem[i], sizeof(mem[i]), &where, &why) == 0);
}

static uint64_t
hits(const struct rules *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < rules_count(r); i++)
		n += rules_at(r, i)->hits;
	return n;
}

static void
check_decisions(struct rules *r)
{
	struct rules_verdict v;
	uint64_t before, n;
	size_t i, k;
	bool decided;

	for (i = 0; i < NLINES; i++) {
		before = hits(r);
		decided = rules_decide(r, message + i, &v);
		for (k = 0, n = 0; k < rules_count(r); k++)
			n += rule_matches(rules_at(r, k), message + i);
		want(hits(r) - before == n && decided == (n > 0));
		want(!decided || rule_matches(v.rule, message + i));
		want(!decided || v.tags.s == NULL ||
		    (v.tags.n > 0 && v.tags.n < RULES_TAGS_TEXT + 8));
	}
}

/* `fuzz:1:2: what`, and nothing in it that a terminal would act on. */
static void
check_error(struct buf *why)
{
	const char *s = buf_cstr(why);
	size_t len;

	want(s != NULL && strncmp(s, "fuzz:", 5) == 0);
	for (; *s != '\0'; s += len)
		want((len = text_char(s, strlen(s))) > 0);
}

static void
check_add(const char *text, size_t n, const struct rules *same)
{
	struct rules *r = rules_new();
	char mem[2048], hash[65];
	struct buf why;

	want(r != NULL);
	buf_init(&why, mem, sizeof(mem));
	strcpy(hash, rules_hash(r));
	if (rules_add(r, "fuzz", text, n, &why) == -1) {
		check_error(&why);
		want(same == NULL || rules_count(same) == 0);
		want(rules_count(r) == 0);
	} else
		want(same == NULL || (rules_count(r) == rules_count(same) &&
		    strcmp(rules_hash(r), rules_hash(same)) == 0));
	check_decisions(r);
	while (rules_count(r) > 0)
		want(rules_remove(r, rules_at(r, 0)->name, &why) == 0);
	want(strcmp(rules_hash(r), hash) == 0);
	rules_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rules *r = rules_new();
	char *s = malloc(n == 0 ? 1 : n);	/* ends where it ends */
	unsigned troubles;

	/* The complaints are not for the fuzzer's own log. */
	if (fileno(stderr) == 2 && (stderr = fopen("/dev/null", "w")) == NULL)
		abort();
	want(s != NULL && r != NULL);
	if (message[0].time == 0)
		read_messages();
	memcpy(s, data, n);
	troubles = rules_read_text(r, "fuzz", s, n);
	if (troubles == 0)
		check_decisions(r);
	check_add(s, n, troubles == 0 ? r : NULL);
	rules_free(r);
	free(s);
	return 0;
}
