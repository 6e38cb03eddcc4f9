/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a value to what its field can be compared with. */
#include <stdlib.h>
#include <string.h>

#include "expr_impl.h"
#include "lookup_when.h"
#include "number.h"
#include "pattern.h"
#include "text.h"

#define TIME_TEXT	40	/* bytes of a time, at most */

static void
wrong(struct buf *why, const char *s, size_t n, const char *expected)
{
	buf_addf(why, "\"%.*s\": expected %s", n > 40 ? 40 : (int)n, s,
	    expected);
}

static bool
pattern(union expr_value *v, const char *s, struct buf *why)
{
	const char *bad = pattern_unsuitable(s);
	struct expr_pattern *p = NULL;
	char reason[128];
	int e;

	if (bad == NULL && (p = malloc(sizeof(*p))) == NULL)
		bad = "out of memory";
	else if (bad == NULL && (e = regcomp(&p->re, s, REG_EXTENDED |
	    REG_NOSUB)) != 0) {
		regerror(e, &p->re, reason, sizeof(reason));
		free(p);
		bad = reason;
	}
	if (bad != NULL) {
		buf_addf(why, "regular expression \"%.40s\": %s", s, bad);
		return false;
	}
	pattern_needs(s, &p->needs);
	v->pattern = p;
	return true;
}

/* As the log shows it: \xHH is that byte, where the field has such. */
static bool
text(union expr_value *v, const struct field *f, char *s, size_t n,
    struct buf *why)
{
	if (n == 0) {
		buf_adds(why, "an empty text, expected the name of the field "
		    "alone to ask whether it is there");
		return false;
	}
	if (f->type == FIELD_STR)
		n = text_unescape(s, s, n);
	v->text = (struct str){ s, n };
	return true;
}

/* A name where the number of a user or group is expected. */
static const char *
expected_number(const struct expr_test *t)
{
	if (t->field.kind == EXPR_PORT)
		return t->op == EXPR_IN ?
		    "a port or a range of ports from 0 to 65535" :
		    "a port from 0 to 65535";
	if (t->field.f->generation &&
	    t->field.f->offset == offsetof(struct generation, uid))
		return "a number; names of users are in suser";
	if (t->field.f->generation &&
	    t->field.f->offset == offsetof(struct generation, auid))
		return "a number; names of users are in auser";
	if (t->field.f->generation &&
	    (t->field.f->offset == offsetof(struct generation, gid) ||
	    t->field.f->offset == offsetof(struct generation, egid)))
		return "a number; names of groups are in group";
	return t->op == EXPR_IN ? "a number or a range of numbers" :
	    "a number";
}

/* 443, and in a list 8000-8999. */
static bool
number(union expr_value *v, const struct expr_test *t, const char *s, size_t n,
    struct buf *why)
{
	uint64_t max = t->field.kind == EXPR_PORT ? UINT16_MAX : INT64_MAX;
	const char *dash = t->op == EXPR_IN ? memchr(s, '-', n) : NULL;
	size_t first = dash == NULL ? n : (size_t)(dash - s);
	uint64_t from, to;

	if (number_parse(s, first, max, &from) < 0 || (dash != NULL &&
	    number_parse(dash + 1, n - first - 1, max, &to) < 0)) {
		wrong(why, s, n, expected_number(t));
		return false;
	}
	if (dash != NULL && to < from) {
		wrong(why, s, n, "the smaller end first");
		return false;
	}
	v->range.from = from;
	v->range.to = dash == NULL ? from : to;
	return true;
}

/* A date is the whole day, a time without a fraction the whole second. */
static int64_t
last_of(const char *s, int64_t from)
{
	static const struct {
		size_t digits;
		int64_t us;
	} whole[] = { { 10, INT64_C(86400000000) }, { 16, 60000000 } };
	size_t i;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (strlen(s) == whole[i].digits)
			return from + whole[i].us - 1;
	return strchr(s, '.') == NULL ? from + 999999 : from;
}

static bool
moment(union expr_value *v, const char *s, size_t n, int64_t now,
    struct buf *why)
{
	bool relative = n > 0 && (*s < '0' || *s > '9');
	char mem[TIME_TEXT + 1];

	v->range.from = NUM_NONE;
	if (n <= TIME_TEXT && (!relative || now != NUM_NONE)) {
		memcpy(mem, s, n);
		mem[n] = '\0';
		v->range.from = when_parse(mem, now, false);
		v->range.to = !relative ? last_of(mem, v->range.from) :
		    when_parse(mem, now, true);
	}
	if (v->range.from != NUM_NONE)
		return true;
	wrong(why, s, n, now != NUM_NONE ? "a time: 2026-11-22T08:14:02Z, "
	    "2026-11-22, -2h, today, yesterday or now" :
	    "a time: 2026-11-22T08:14:02Z or 2026-11-22");
	return false;
}

static bool
address(union expr_value *v, const struct expr_test *t, const char *s,
    size_t n, struct buf *why)
{
	bool net = memchr(s, '/', n) != NULL;

	v->net.len = 128;
	if (net && t->op == EXPR_IN)
		return prefix_parse(&v->net, s, n, why) == 0;
	if (text_parse_addr(s, n, &v->net.addr) == 0)
		return true;
	wrong(why, s, n, net ? "an address; networks are asked for with in" :
	    t->op == EXPR_IN ? "an IPv4 or IPv6 address or network" :
	    "an IPv4 or IPv6 address");
	return false;
}

bool
expr_value(union expr_value *v, const struct expr_test *t, char *s, size_t n,
    int64_t now, struct buf *why)
{
	if (t->op == EXPR_MATCH)
		return pattern(v, s, why);
	switch (t->field.kind) {
	case EXPR_TEXT:
		return text(v, t->field.f, s, n, why);
	case EXPR_NUMBER:
	case EXPR_PORT:
		return number(v, t, s, n, why);
	case EXPR_TIME:
		return moment(v, s, n, now, why);
	case EXPR_ADDRESS:
		return address(v, t, s, n, why);
	}
	return false;
}
