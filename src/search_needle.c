/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The needles of a search, grouped by what is in front of them in a line: the
 * text is scanned for that alone and the value looked up, so that a thousand
 * addresses cost what one does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "fields.h"
#include "search_find.h"
#include "search_impl.h"
#include "text.h"

#define APP	" pidtreed "	/* as record.c looks for it */

static struct anchor *
anchor_for(struct needles *ns, enum anchor_kind kind, const char *text,
    size_t n)
{
	struct anchor *a;
	size_t i;

	if (n < FIND_BYTES) {
		errno = EINVAL;
		return NULL;
	}
	for (i = 0; i < ns->nanchors; i++) {
		a = ns->anchor + i;
		if (a->kind == kind && a->n == n &&
		    memcmp(a->text, text, n) == 0)
			return a;
	}
	a = realloc(ns->anchor, (ns->nanchors + 1) * sizeof(*a));
	if (a == NULL)
		return NULL;
	ns->anchor = a;
	a += ns->nanchors;
	*a = (struct anchor){ .n = n, .kind = kind };
	/* The end of a name and what is behind it: not ` exe12=', ` spid=';
	   and "tre" of our own. */
	if (kind == ANCHOR_PARAM || kind == ANCHOR_MSGID)
		a->look = kind == ANCHOR_MSGID ? 3 : n < 5 ? 0 : n - 5;
	if ((a->text = malloc(n + 1)) == NULL)
		return NULL;
	memcpy(a->text, text, n);
	ns->nanchors++;
	return a;
}

/* ` name="', or ` name' if a number can follow. */
static struct anchor *
param_anchor(struct needles *ns, const char *name, enum anchor_kind kind)
{
	char text[FIELD_NAME + 4];
	size_t n = strlen(name);

	if (n == 0 || n > FIELD_NAME) {
		errno = EINVAL;
		return NULL;
	}
	text[0] = ' ';
	memcpy(text + 1, name, n);
	memcpy(text + 1 + n, "=\"", 2);
	return anchor_for(ns, kind, text, n + (kind == ANCHOR_PARAM ? 3 : 1));
}

static const struct field *
field_named(const char *name)
{
	size_t i;

	for (i = 0; i < nfields; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields + i;
	return NULL;
}

/* The value as the writer has it in a line. */
static int
add_value(struct anchor *a, const char *name, const struct str *value,
    struct needles *ns)
{
	const struct field *f = field_named(name);
	size_t n = value->n, room = 6 * n + TEXT_ADDR;
	struct in6_addr addr;
	char *s, *end;
	int rc;

	if ((s = malloc(room + EMIT_SLACK)) == NULL)
		return -1;
	if (f != NULL && f->type == FIELD_ADDR &&
	    text_parse_addr(value->s, n, &addr) == 0)
		end = s + text_put_addr(s, &addr);
	else
		end = emit(s, s + room, value->s, n, f != NULL &&
		    f->type == FIELD_TEXT ? EMIT_TEXT : EMIT_STR);
	rc = keys_add(&a->values, s, end - s, ns);
	free(s);
	return rc;
}

/* The key of a network: the address without its host part, and the length. */
static void
net_key(char key[17], const struct in6_addr *a, int bits)
{
	int whole = bits / 8;

	memset(key, 0, 16);
	memcpy(key, a, whole);
	if (bits % 8 != 0)
		key[whole] = a->s6_addr[whole] & 0xff00 >> bits % 8;
	key[16] = bits;
}

static int
add_net(struct anchor *a, const struct search_needle *needle,
    struct needles *ns)
{
	char key[17];

	if (needle->bits < 0 || needle->bits > 128) {
		errno = EINVAL;
		return -1;
	}
	net_key(key, &needle->net, needle->bits);
	if (a->nbits == 0 || memchr(a->bits, needle->bits, a->nbits) == NULL)
		a->bits[a->nbits++] = needle->bits;
	return keys_add(&a->nets, key, sizeof(key), ns);
}

/* The number, that of the same one if there is one; -1. */
static int
add(struct needles *ns, const struct search_needle *needle)
{
	struct anchor *a;

	switch (needle->what) {
	case SEARCH_PARAM:
	case SEARCH_GENERATION:
		a = param_anchor(ns, needle->name,
		    needle->what == SEARCH_PARAM ? ANCHOR_PARAM :
		    ANCHOR_GENERATION);
		return a == NULL ? -1 :
		    add_value(a, needle->name, &needle->value, ns);
	case SEARCH_NET:
		a = param_anchor(ns, needle->name, ANCHOR_PARAM);
		return a == NULL ? -1 : add_net(a, needle, ns);
	case SEARCH_MSGID:
		a = anchor_for(ns, ANCHOR_MSGID, APP, strlen(APP));
		return a == NULL ? -1 : keys_add(&a->values,
		    needle->value.n == 0 ? "" : needle->value.s,
		    needle->value.n, ns);
	case SEARCH_TEXT:
		a = anchor_for(ns, ANCHOR_TEXT, needle->value.s,
		    needle->value.n);
		return a == NULL ? -1 : keys_add(&a->values, "", 0, ns);
	}
	errno = EINVAL;
	return -1;
}

int
needles_add(struct needles *ns, const struct search_needle *needle)
{
	struct window *w;

	if (ns->n % 64 == 0) {
		w = realloc(ns->window, (ns->n + 64) * sizeof(*w));
		if (w == NULL)
			return -1;
		ns->window = w;
	}
	if (ns->n == INT32_MAX) {
		errno = ENOSPC;
		return -1;
	}
	ns->window[ns->n] = (struct window){ needle->since, needle->until };
	if (needle->since != 0 || needle->until != 0)
		ns->windows = true;
	return add(ns, needle);
}

void
needles_clear(struct needles *ns)
{
	size_t i;

	for (i = 0; i < ns->nanchors; i++) {
		keys_clear(&ns->anchor[i].values);
		keys_clear(&ns->anchor[i].nets);
		free(ns->anchor[i].text);
	}
	free(ns->anchor);
	free(ns->window);
	*ns = (struct needles){ .anchor = NULL };
}

bool
needles_in_window(const struct needles *ns, uint32_t needle, int64_t time)
{
	const struct window *w = ns->window + needle;

	return time == NUM_NONE || ((w->since == 0 || time >= w->since) &&
	    (w->until == 0 || time <= w->until));
}

/* To the quote that ends a value; NULL: none in what can be a value here. */
static const char *
value_end(const char *p, const char *end, size_t longest)
{
	if ((size_t)(end - p) > longest + 1)
		end = p + longest + 1;
	for (; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p : NULL;
}

static void
match_value(const struct anchor *a, const char *p, const char *end,
    needle_hit *hit, void *arg)
{
	size_t longest = a->values.longest, i;
	const char *quote;
	struct in6_addr addr;
	char key[17];

	if (a->nbits == 0 && (!keys_can_begin(&a->values, p, end) ||
	    keys_try(&a->values, p, end, hit, arg)))
		return;
	if (a->nbits != 0 && longest < TEXT_ADDR)
		longest = TEXT_ADDR;
	if ((quote = value_end(p, end, longest)) == NULL)
		return;
	keys_find(&a->values, p, quote - p, hit, arg);
	if (a->nbits == 0 || text_parse_addr(p, quote - p, &addr) < 0)
		return;
	for (i = 0; i < a->nbits; i++) {
		net_key(key, &addr, a->bits[i]);
		keys_find(&a->nets, key, sizeof(key), hit, arg);
	}
}

/* After ` exe': the number of the generation, and the quote. */
static void
match_generation(const struct anchor *a, const char *p, const char *end,
    needle_hit *hit, void *arg)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (end - p > 2 && p[0] == '=' && p[1] == '"')
		match_value(a, p + 2, end, hit, arg);
}

/* After APP: PROCID, MSGID, and what begins the structured data. */
static void
match_msgid(const struct anchor *a, const char *p, const char *end,
    needle_hit *hit, void *arg)
{
	const char *id;

	while (p < end && ((*p >= '0' && *p <= '9') || *p == '-'))
		p++;
	if (p == end || *p != ' ')
		return;
	for (id = ++p; p < end && *p >= 'A' && *p <= 'Z'; p++)
		continue;
	if (p == id || end - p < 2 || *p != ' ' ||
	    (p[1] != '[' && p[1] != '-'))
		return;
	keys_find(&a->values, id, p - id, hit, arg);
	keys_find(&a->values, "", 0, hit, arg);
}

void
anchor_match(const struct anchor *a, const char *p, const char *end,
    needle_hit *hit, void *arg)
{
	switch (a->kind) {
	case ANCHOR_PARAM:
		match_value(a, p, end, hit, arg);
		return;
	case ANCHOR_GENERATION:
		match_generation(a, p, end, hit, arg);
		return;
	case ANCHOR_MSGID:
		match_msgid(a, p, end, hit, arg);
		return;
	case ANCHOR_TEXT:
		keys_find(&a->values, "", 0, hit, arg);
		return;
	}
}
