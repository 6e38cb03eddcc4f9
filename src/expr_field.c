/* SPDX-License-Identifier: BSD-2-Clause */
/* Names in an expression: those of the field table, of a generation with its
   distance behind or with `any.` in front, and of the message's header. */
#include <stdio.h>
#include <string.h>

#include "expr_impl.h"
#include "nearest.h"

#define ANY	"any."
#define AT(m)	offsetof(struct message, m)

/* What a message has before its elements. */
static const struct field header[] = {
	{ "hostname", 8, SD_META, FIELD_STR, false, AT(hostname),
	    EXPR_ANY_MESSAGE, "HOSTNAME" },
	{ "time", 4, SD_META, FIELD_TIME, false, AT(time),
	    EXPR_ANY_MESSAGE, "TIMESTAMP" },
	{ "msgid", 5, SD_META, FIELD_STR, false, AT(id),
	    EXPR_ANY_MESSAGE, "MSGID" },
};

#define NHEADER	(sizeof(header) / sizeof(header[0]))

static const struct field *
row(size_t i)
{
	return i < NHEADER ? header + i : fields + i - NHEADER;
}

/* One that these messages carry, else one that any does, else NULL. */
static const struct field *
find(const char *name, size_t n, unsigned msgids)
{
	const struct field *other = NULL, *f;
	size_t i;

	for (i = 0; i < NHEADER + nfields; i++) {
		f = row(i);
		if (f->len != n || memcmp(f->name, name, n) != 0)
			continue;
		if ((f->msgids & msgids) != 0)
			return f;
		other = f;
	}
	return other;
}

/* Another row of this name: a field of events can be a counter of STATS. */
static const struct field *
find_other(const struct field *f, unsigned msgids)
{
	const struct field *o;

	for (o = f + 1; !f->generation && o < fields + nfields; o++)
		if ((o->msgids & msgids) != 0 && strcmp(o->name, f->name) == 0)
			return o;
	return NULL;
}

static bool
is(const struct field *f, size_t offset)
{
	return !f->generation && f->offset == offset;
}

static void
kind_of(struct expr_field *e)
{
	switch ((enum field_type)e->f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		e->kind = EXPR_TEXT;
		e->msgid = is(e->f, AT(id));
		e->fold = e->msgid || is(e->f, AT(proto));
		break;
	case FIELD_UINT:
		e->kind = is(e->f, AT(spt)) || is(e->f, AT(dpt)) ? EXPR_PORT :
		    EXPR_NUMBER;
		break;
	case FIELD_TIME:
	case FIELD_TIME_MS:
		e->kind = EXPR_TIME;
		break;
	case FIELD_ADDR:
		e->kind = EXPR_ADDRESS;
	}
}

/* What others call it; a name that is near would mislead. */
static bool
is_group(const char *name)
{
	static const char *const names[] = { "sgid", "sgroup", "groups" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Without regard to case first: externalID. */
static void
suggest(const char *wrote, size_t n, unsigned msgids, struct buf *why)
{
	char name[NEAREST_LONGEST];
	const struct field *f, *best = NULL;
	unsigned d, least;
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)n, wrote);
	if (is_group(name)) {
		buf_adds(why, ", the real group of a process is in "
		    "group; others that its user is in are not recorded");
		return;
	}
	least = nearest_limit(name);
	for (i = 0; i < NHEADER + nfields && n < sizeof(name); i++) {
		f = row(i);
		if ((f->msgids & msgids) == 0)
			continue;
		d = strcasecmp(name, f->name) == 0 ? 0 :
		    nearest_distance(name, f->name);
		if (d < least) {
			least = d;
			best = f;
		}
	}
	if (best != NULL)
		buf_addf(why, ", did you mean \"%s\"?", best->name);
	else
		buf_adds(why, ", expected one that pidtreed.log(5) has");
}

static void
carried_by(const struct field *f, struct buf *why)
{
	const char *before = "";
	int i;

	for (i = 0; i < NMSGIDS; i++)
		if (f->msgids >> i & 1) {
			buf_addf(why, "%s%s", before, msgid_names[i].name);
			before = ", ";
		}
}

/* Of a process, with the number or the `any.` that it was written with. */
static bool
of_process(struct expr_field *e, const char *name, size_t n, unsigned msgids,
    bool any, struct buf *why)
{
	size_t len = n;

	e->dist = any ? EXPR_ANY : field_distance(name, &len);
	e->f = find(name, len, msgids);
	if (e->f != NULL && e->f->generation)
		return true;
	if (e->f != NULL && (any || len < n)) {
		buf_addf(why, "\"%s\" is of the message and not of a process, "
		    "expected it without %s", e->f->name, any ? "\"" ANY "\"" :
		    "a number");
		return false;
	}
	buf_addf(why, "unknown field \"%.*s\"", n > 40 ? 40 : (int)n, name);
	suggest(name, len, msgids, why);
	return false;
}

bool
expr_field(struct expr_field *e, const char *name, size_t n, unsigned msgids,
    struct buf *why)
{
	bool any = n > strlen(ANY) && memcmp(name, ANY, strlen(ANY)) == 0;

	*e = (struct expr_field){ .f = any ? NULL : find(name, n, msgids) };
	if (e->f == NULL && !of_process(e, name + (any ? strlen(ANY) : 0),
	    n - (any ? strlen(ANY) : 0), msgids, any, why))
		return false;
	if ((e->f->msgids & msgids) == 0) {
		buf_addf(why, "\"%s\" is not in these messages, but in ",
		    e->f->name);
		carried_by(e->f, why);
		return false;
	}
	if (e->f->sd != SD_META)
		e->other = find_other(e->f, msgids);
	kind_of(e);
	return true;
}

const char *
expr_refuses(const struct expr_field *e, enum expr_op op)
{
	bool order = op == EXPR_LESS || op == EXPR_MORE;

	switch (e->kind) {
	case EXPR_TEXT:
		return order ? "a text, expected =, !=, ~, !~ or in" : NULL;
	case EXPR_NUMBER:
	case EXPR_PORT:
		return op == EXPR_MATCH ? "a number, expected =, !=, <, >, <=, "
		    ">= or in" : NULL;
	case EXPR_TIME:
		return op == EXPR_MATCH ? "a time, expected =, !=, <, >, <=, "
		    ">= or in" : NULL;
	case EXPR_ADDRESS:
		break;
	}
	return order || op == EXPR_MATCH ?
	    "an address, expected =, != or in" : NULL;
}
