/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of rsyslog's omprog with confirmMessages: one line in, one "OK"
 * out, which means that the message has arrived and may be forgotten.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"

static int
confirm(int out)
{
	static const char ok[] = "OK\n";
	size_t done = 0;
	ssize_t n;

	while (done < sizeof(ok) - 1) {
		n = write(out, ok + done, sizeof(ok) - 1 - done);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			done += n;
	}
	return 0;
}

static void
keep(struct act_lines *l, const char *p, size_t n)
{
	if (l->skipping || n > sizeof(l->line) - l->have) {
		l->skipping = true;
		return;
	}
	memcpy(l->line + l->have, p, n);
	l->have += n;
}

int
act_input(struct act *a, const char *p, size_t n, int out,
    void (*take)(struct act *, const char *, size_t))
{
	struct act_lines *l = &a->lines;
	const char *end = p + n, *nl;

	for (; (nl = memchr(p, '\n', end - p)) != NULL; p = nl + 1) {
		keep(l, p, nl - p);
		a->count[ACT_lines]++;
		if (l->skipping)
			a->count[ACT_too_long]++;
		else
			take(a, l->line, l->have);
		l->have = 0;
		l->skipping = false;
		if (confirm(out) < 0)
			return -1;
	}
	keep(l, p, end - p);
	return 0;
}
