/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of the control protocol, read; see request.h. */
#include "request.h"

#include <json.h>
#include <string.h>
#include <time.h>

#include "expr.h"
#include "text.h"

#define DEPTH	8		/* of the JSON; what is asked needs one */

/* What can be asked for, and the one member that goes with it. */
static const struct row {
	const char *name, *member;
	size_t most;		/* bytes of its value */
	bool must, changes;
} rows[NREQUESTS] = {
	[DO_STATUS] = { "status", NULL, 0, false, false },
	[DO_TRACE] = { "trace", "where", REQUEST_WHERE, false, false },
	[DO_RULES] = { "rules", NULL, 0, false, false },
	[DO_ADD] = { "add", "rule", REQUEST_LINE, true, true },
	[DO_REMOVE] = { "remove", "rule", REQUEST_NAME, true, true },
};

static struct fjson_object *
parse(const char *line, size_t n, struct buf *why)
{
	struct fjson_tokener *t = fjson_tokener_new_ex(DEPTH);
	struct fjson_object *o = NULL;
	bool whole;

	if (t == NULL) {
		buf_adds(why, "no memory");
		return NULL;
	}
	o = fjson_tokener_parse_ex(t, line, (int)n);
	whole = fjson_tokener_get_error(t) == fjson_tokener_success &&
	    (size_t)t->char_offset == n;
	fjson_tokener_free(t);
	if (whole && fjson_object_is_type(o, fjson_type_object))
		return o;
	buf_adds(why, "expected a line that is one JSON object, like "
	    "{\"do\":\"status\"}");
	fjson_object_put(o);
	return NULL;
}

/* A text of others into a complaint. */
static void
quote(struct buf *why, const char *s)
{
	size_t n = strlen(s);

	buf_addc(why, '"');
	text_escape(why, s, n > 64 ? 64 : n);
	buf_adds(why, n > 64 ? "...\"" : "\"");
}

static const struct row *
find(struct fjson_object *o, struct buf *why)
{
	struct fjson_object *v = NULL;
	const char *name;

	if (!fjson_object_object_get_ex(o, "do", &v) ||
	    !fjson_object_is_type(v, fjson_type_string))
		buf_adds(why, "\"do\": ");
	else {
		name = fjson_object_get_string(v);
		for (size_t i = 0; i < NREQUESTS; i++)
			if (strcmp(rows[i].name, name) == 0)
				return rows + i;
		buf_adds(why, "\"do\": ");
		quote(why, name);
		buf_adds(why, ": ");
	}
	buf_adds(why, "expected status, trace, rules, add or remove");
	return NULL;
}

static bool
members(const struct row *row, struct fjson_object *o, struct buf *why)
{
	struct fjson_object_iterator i = fjson_object_iter_begin(o);
	struct fjson_object_iterator end = fjson_object_iter_end(o);

	for (; !fjson_object_iter_equal(&i, &end); fjson_object_iter_next(&i)) {
		const char *name = fjson_object_iter_peek_name(&i);

		if (strcmp(name, "do") == 0 || (row->member != NULL &&
		    strcmp(name, row->member) == 0))
			continue;
		quote(why, name);
		buf_addf(why, ": unknown, with \"do\":\"%s\" expected %s%s",
		    row->name, row->member != NULL ? "at most " : "nothing "
		    "else", row->member != NULL ? row->member : "");
		return false;
	}
	return true;
}

/* The member's value; *s stays NULL if there is none. */
static bool
argument(const struct row *row, struct fjson_object *o, const char **s,
    size_t *n, struct buf *why)
{
	struct fjson_object *v = NULL;

	if (row->member == NULL ||
	    !fjson_object_object_get_ex(o, row->member, &v)) {
		if (row->must)
			buf_addf(why, "\"%s\": expected with \"do\":\"%s\"",
			    row->member, row->name);
		return !row->must;
	}
	if (fjson_object_is_type(v, fjson_type_string)) {
		*s = fjson_object_get_string(v);
		*n = fjson_object_get_string_len(v);
		if (*n > 0 && *n <= row->most && strlen(*s) == *n)
			return true;
	}
	buf_addf(why, "\"%s\": expected a string of 1 to %zu bytes without "
	    "NUL", row->member, row->most);
	return false;
}

static struct expr *
where(const char *s, size_t n, struct buf *why)
{
	struct expr_error error;
	struct timespec now;
	struct expr *e;

	clock_gettime(CLOCK_REALTIME, &now);
	e = expr_new(s, n, EXPR_ANY_MESSAGE, now.tv_sec * INT64_C(1000000) +
	    now.tv_nsec / 1000, &error);
	if (e == NULL)
		buf_addf(why, "\"where\": column %u: %s", error.column,
		    error.text);
	else if (expr_patterns(e) > 0) {
		buf_adds(why, "\"where\": regular expressions (~) are for the "
		    "client to decide");
		expr_free(e);
		e = NULL;
	}
	return e;
}

int
request_read(struct request *r, const char *line, size_t n, struct buf *why)
{
	const char *s = NULL;
	const struct row *row;
	size_t len = 0;

	memset(r, 0, sizeof(*r));
	if ((r->json = parse(line, n, why)) == NULL)
		return -1;
	if ((row = find(r->json, why)) == NULL ||
	    !members(row, r->json, why) ||
	    !argument(row, r->json, &s, &len, why))
		goto fail;
	r->todo = row - rows;
	if (r->todo != DO_TRACE) {
		r->rule = s;
		r->rule_len = len;
	} else if (s != NULL && (r->where = where(s, len, why)) == NULL)
		goto fail;
	return 0;
fail:
	request_free(r);
	return -1;
}

bool
request_changes(const struct request *r)
{
	return rows[r->todo].changes;
}

void
request_free(struct request *r)
{
	expr_free(r->where);
	fjson_object_put(r->json);
	r->where = NULL;
	r->json = NULL;
}
