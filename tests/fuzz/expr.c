/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an expression: refused with a place inside it and a clean
   text, or it decides, and `not` decides the opposite. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "rfc5424.h"
#include "text.h"

#define NOW	INT64_C(1795334400000000)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const lines[] = {
"<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
"[meta sequenceId=\"1041\"][host@32473 id=\"i-0abc\" boot=\"5c1f2e90\"]"
"[event@32473 act=\"connect\" outcome=\"established\" proto=\"TCP\""
" src=\"10.0.3.17\" spt=\"51514\" dst=\"203.0.113.4\" dpt=\"443\" spid=\"42\""
" sproc=\"curl\" suid=\"1000\" suser=\"alice\" exe=\"/usr/bin/curl\""
" cmd=\"curl -s 'https://updates.example.net/'\""
" born=\"2026-11-22T08:14:02.101Z\" unit=\"ssh.service\"]"
"[ancestry@32473 depth=\"3\" spid1=\"40\" sproc1=\"bash\" suid1=\"1000\""
" exe1=\"/usr/bin/bash\" spid2=\"1\" sproc2=\"systemd\" suid2=\"0\"] x",
"<86>1 2026-11-22T08:14:02Z web-7 pidtreed 712 LOST "
"[host@32473 id=\"h\"][event@32473 cause=\"attempts_full\" cnt=\"2\"] x",
};

#define NLINES	(sizeof(lines) / sizeof(lines[0]))

static struct message message[NLINES];

static void
read_messages(void)
{
	static char mem[NLINES][4096];
	const char *why;
	size_t i, where;

	for (i = 0; i < NLINES; i++)
		if (rfc5424_parse(message + i, lines[i], strlen(lines[i]),
		    mem[i], sizeof(mem[i]), &where, &why) < 0)
			abort();
}

/* The place is a character of the text, or the one behind it. */
static void
check_error(const struct expr_error *e, size_t n)
{
	const char *s;
	size_t len;

	if (e->column < 1 || e->column > n + 1 || e->text[0] == '\0' ||
	    strlen(e->text) >= sizeof(e->text))
		abort();
	for (s = e->text; *s != '\0'; s += len)
		if ((len = text_char(s, strlen(s))) == 0)
			abort();
}

static void
check_opposite(const struct expr *e, const char *s, size_t n)
{
	char *no = malloc(n + 6);
	struct expr_error error;
	struct expr *not;
	size_t i;

	if (no == NULL)
		abort();
	memcpy(no, "not (", 5);
	memcpy(no + 5, s, n);
	no[n + 5] = ')';
	not = expr_new(no, n + 6, EXPR_ANY_MESSAGE, NOW, &error);
	if (not == NULL && strstr(error.text, "expected at most") == NULL)
		abort();
	for (i = 0; i < NLINES && not != NULL; i++)
		if (expr_match(e, message + i) == expr_match(not, message + i))
			abort();
	expr_free(not);
	free(no);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct expr_error error;
	struct expr *e;
	char *s = malloc(n == 0 ? 1 : n);	/* ends where it ends */

	if (s == NULL)
		abort();
	if (message[0].time == 0)
		read_messages();
	memcpy(s, data, n);
	if ((e = expr_new(s, n, EXPR_ANY_MESSAGE, NOW, &error)) != NULL)
		check_opposite(e, s, n);
	else
		check_error(&error, n);
	expr_free(e);
	free(s);
	return 0;
}
