/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of DNS in questions to the logs; see lookup_name.h. */
#include "lookup_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST	4096	/* bytes of a domain that are looked at */

char *
name_clean(const char *domain)
{
	size_t n = strnlen(domain, MOST);
	char *name = malloc(4 * n + 1), *p = name;

	if (name == NULL)
		return NULL;
	if (n > 1 && domain[n - 1] == '.')
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = domain[i];

		if (c >= 'A' && c <= 'Z')
			*p++ = c + ('a' - 'A');
		else if (c > ' ' && c < 0x7f && c != '"')
			*p++ = c;
		else
			p += sprintf(p, "\\x%02x", c);
	}
	*p = '\0';
	return name;
}

bool
name_is(const struct query *q, struct str s)
{
	return q->name != NULL && s.s != NULL && s.n == strlen(q->name) &&
	    memcmp(s.s, q->name, s.n) == 0;
}

static bool
is_below(const struct query *q, struct str s)
{
	size_t n = strlen(q->name);

	return s.n > n + 1 && s.s[s.n - n - 1] == '.' &&
	    memcmp(s.s + s.n - n, q->name, n) == 0;
}

static bool
is_ask(struct str act)
{
	return act.n == 3 && memcmp(act.s, "ask", 3) == 0;
}

bool
name_asks(const struct message *m)
{
	return m->id == MSG_DNS || (m->id == MSG_DIGEST && is_ask(m->act) &&
	    m->query.s != NULL);
}

enum match
name_match(const struct query *q, const struct message *m)
{
	bool digest = m->id == MSG_DIGEST;
	int64_t first = digest && m->start != NUM_NONE ? m->start : m->time;
	int64_t last = digest && m->end != NUM_NONE ? m->end : m->time;

	if (q->name == NULL || m->query.s == NULL ||
	    (q->until != NUM_NONE && first > q->until) ||
	    (!name_is(q, m->query) && !is_below(q, m->query)))
		return MATCH_NONE;
	if (q->from != NUM_NONE && last < q->from)
		return !digest && last >= q->from - NAME_HOUR &&
		    name_is(q, m->query) ? MATCH_BEFORE : MATCH_NONE;
	return name_is(q, m->query) ? MATCH_EXACT : MATCH_NAME;
}
