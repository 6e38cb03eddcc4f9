/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments without their secrets; see redact.h. */
#include "redact.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "secrets.h"

struct redact {
	bool built_in;
	size_t n;
	regex_t re[];
};

static void
add(struct marks *m, size_t from, size_t to)
{
	struct mark *v = m->v;
	size_t i, k;

	for (i = 0; i < m->n && v[i].to < from; i++)
		;
	/* v[i] to v[k - 1] touch the new one. */
	for (k = i; k < m->n && v[k].from <= to; k++) {
		from = v[k].from < from ? v[k].from : from;
		to = v[k].to > to ? v[k].to : to;
	}
	memmove(v + i + 1, v + k, (m->n - k) * sizeof(*v));
	v[i] = (struct mark){ from, to };
	m->n += 1 + i - k;
	if (m->n > MARKS) {
		v[MARKS - 1].to = v[MARKS].to;
		m->n = MARKS;
	}
}

void
marks_add(struct marks *m, const char *s, size_t from, size_t to)
{
	const char *nul;
	size_t end;

	for (; from < to; from = end + 1) {
		nul = memchr(s + from, '\0', to - from);
		end = nul == NULL ? to : (size_t)(nul - s);
		if (from < end)
			add(m, from, end);
	}
}

static int
compile(regex_t *re, const char *pattern, const char **why)
{
	static char text[REDACT_PATTERN + 256];
	char reason[128];
	const char *bad = pattern_unsuitable(pattern);
	int e;

	if (bad == NULL && (e = regcomp(re, pattern, REG_EXTENDED)) != 0) {
		regerror(e, re, reason, sizeof(reason));
		bad = reason;
	} else if (bad == NULL && re->re_nsub > 1) {
		regfree(re);
		bad = "more than one group";
	}
	if (bad == NULL)
		return 0;
	snprintf(text, sizeof(text), "\"%.*s\": %s", REDACT_PATTERN, pattern,
	    bad);
	*why = text;
	return -1;
}

struct redact *
redact_new(bool built_in, const char *const *extra, size_t n, const char **why)
{
	struct redact *r = malloc(sizeof(*r) + n * sizeof(r->re[0]));

	*why = NULL;
	if (r == NULL)
		return NULL;
	r->built_in = built_in;
	for (r->n = 0; r->n < n; r->n++)
		if (compile(&r->re[r->n], extra[r->n], why) < 0) {
			redact_free(r);
			errno = EINVAL;
			return NULL;
		}
	return r;
}

void
redact_free(struct redact *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++)
		regfree(&r->re[i]);
	free(r);
}

/* s has n bytes and no NUL (arguments are joined by blanks); args has. */
static void
match(const regex_t *re, const char *s, const char *args, size_t n,
    struct marks *marks)
{
	regmatch_t m[2] = { { .rm_so = 0, .rm_eo = n } };
	size_t group = re->re_nsub;
	regoff_t end, tries = 0;

	while (m[0].rm_so < (regoff_t)n && tries++ < MARKS &&
	    regexec(re, s, group + 1, m, REG_STARTEND |
	    (tries > 1 ? REG_NOTBOL : 0)) == 0) {
		if (m[group].rm_so >= 0)
			marks_add(marks, args, m[group].rm_so, m[group].rm_eo);
		end = m[0].rm_eo > m[0].rm_so ? m[0].rm_eo : m[0].rm_eo + 1;
		m[0].rm_so = end;
		m[0].rm_eo = n;
	}
}

static void
match_all(const struct redact *r, const char *args, size_t n,
    struct marks *marks)
{
	char joined[REDACT_MAX];
	size_t i;

	for (i = 0; i < n; i++)
		joined[i] = args[i] == '\0' ? ' ' : args[i];
	for (i = 0; i < r->n; i++)
		match(&r->re[i], joined, args, n, marks);
}

static void
put(const struct marks *marks, const char *args, size_t n, struct buf *out)
{
	char label[32];
	struct buf b;
	size_t i, at = 0;

	for (i = 0; i < marks->n; i++) {
		buf_add(out, args + at, marks->v[i].from - at);
		at = marks->v[i].to;
		buf_init(&b, label, sizeof(label));
		buf_adds(&b, "[redacted:");
		buf_addu(&b, at - marks->v[i].from);
		buf_addc(&b, ']');
		buf_add(out, label, b.len);
	}
	buf_add(out, args + at, n - at);
}

bool
redact_args(const struct redact *r, const char *args, size_t n,
    struct buf *out)
{
	struct marks marks;

	marks.n = 0;
	if (n > REDACT_MAX)
		n = REDACT_MAX;
	if (r->built_in && secrets_possible(args, n))
		secrets_find(&marks, args, n);
	if (r->n > 0)
		match_all(r, args, n, &marks);
	put(&marks, args, n, out);
	return marks.n > 0;
}
