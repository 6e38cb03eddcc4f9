/* SPDX-License-Identifier: BSD-2-Clause */
/* A lineage out of a line; see lookup_lineage.h. */
#define _GNU_SOURCE	/* memmem */
#include "lookup_lineage.h"

#include <string.h>

#include "lookup_once.h"
#include "text.h"

struct state {
	struct lineage *l;
	uint64_t hash;
	struct str comm;	/* of a process whose file is not known yet */
	struct str unit;
	bool container;
};

static bool
is(struct str s, const char *name, size_t n)
{
	return s.n == n && memcmp(s.s, name, n) == 0;
}

/* name, name1, name2 ... */
static bool
is_generation(struct str s, const char *name, size_t n)
{
	if (s.n < n || memcmp(s.s, name, n) != 0)
		return false;
	for (; n < s.n; n++)
		if (s.s[n] < '0' || s.s[n] > '9')
			return false;
	return true;
}

/* A process without a file is known by its name alone. */
static void
end_process(struct state *s)
{
	if (s->comm.s != NULL)
		s->hash = once_hash(s->hash, s->comm.s, s->comm.n);
	s->comm.s = NULL;
}

/* Of ACCEPT the process is the destination: dproc, duid. */
static void
take_process(struct state *s, struct str name, struct str value)
{
	struct str rest = { name.s + 1, name.n - 1 };

	if (is_generation(rest, "proc", 4)) {
		end_process(s);
		s->comm = value;
	} else if (is_generation(rest, "uid", 3))
		s->hash = once_hash(s->hash, value.s, value.n);
	else if (is_generation(name, "exe", 3)) {
		s->hash = once_hash(s->hash, value.s, value.n);
		s->comm.s = NULL;
	}
}

/* Of what it is without the escapes of RFC 5424. */
static uint64_t
plain_hash(struct str value)
{
	char plain[1024];
	size_t n = 0;

	for (size_t i = 0; i < value.n && n < sizeof(plain); i++) {
		if (value.s[i] == '\\' && i + 1 < value.n)
			i++;
		plain[n++] = value.s[i];
	}
	return once_hash(0, plain, n);
}

static void
take(struct state *s, struct str name, struct str value)
{
	switch (*name.s) {
	case 'a':
		if (is(name, "act", 3))
			s->l->asks = is(value, "ask", 3);
		break;
	case 's':
		take_process(s, name, value);
		break;
	case 'e':
		if (is(name, "externalId", 10))
			s->l->event = once_hash(0, value.s, value.n);
		else
			take_process(s, name, value);
		break;
	case 'd':
		if (is(name, "dst", 3))
			text_parse_addr(value.s, value.n, &s->l->dst);
		else if (is(name, "dpt", 3))
			s->l->dpt = text_parse_uint(value.s, value.n);
		else
			take_process(s, name, value);
		break;
	case 'p':
		if (is(name, "pkey", 4))
			s->l->process = once_hash(0, value.s, value.n);
		break;
	case 'q':
		if (is(name, "query", 5))
			s->l->query = plain_hash(value);
		break;
	case 'u':
		if (is(name, "unit", 4))
			s->unit = value;
		break;
	case 'c':
		if (is(name, "container", 9))
			s->container = true;
		break;
	}
}

/* session-42.scope is session-: the number is of one login. */
static struct str
without_number(struct str unit)
{
	static const char *const numbered[] = { "session-", "run-" };
	size_t i, n;

	for (i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
		n = strlen(numbered[i]);
		if (unit.n > n && memcmp(unit.s, numbered[i], n) == 0)
			return (struct str){ unit.s, n };
	}
	return unit;
}

/* The quote that ends a value that begins at p, or NULL. */
static const char *
closing(const char *p, const char *end)
{
	const char *q = p, *b;

	while ((q = memchr(q, '"', end - q)) != NULL) {
		for (b = q; b > p && b[-1] == '\\'; b--)
			continue;
		if ((q - b) % 2 == 0)
			return q;
		q++;
	}
	return NULL;
}

bool
lineage_read(struct lineage *l, const char *msg, size_t n)
{
	const char *end = msg + n, *p, *q, *eq;
	struct state s = { .l = l };

	*l = (struct lineage){ .dpt = NUM_NONE };
	if ((p = memmem(msg, n, "[event", 6)) == NULL)
		return false;
	/* Words NAME="VALUE"; what else there is begins an element. */
	while ((eq = memchr(p, '=', end - p)) != NULL && eq + 1 < end) {
		for (q = eq; q > p && q[-1] != ' ' && q[-1] != '['; q--)
			continue;
		p = eq + 1;
		if (*p != '"' || q == eq)
			continue;
		if ((end == p + 1) || (eq = closing(p + 1, end)) == NULL)
			return false;
		take(&s, (struct str){ q, p - 1 - q },
		    (struct str){ p + 1, eq - p - 1 });
		/* Behind `"]' there is an element or the sentence. */
		p = eq + 1;
		if (p + 1 < end && *p == ']' && p[1] != '[')
			break;
	}
	end_process(&s);
	s.unit = s.container ? (struct str){ "container", 9 } :
	    without_number(s.unit);
	l->id = s.unit.s == NULL ? s.hash :
	    once_hash(s.hash, s.unit.s, s.unit.n);
	return true;
}
