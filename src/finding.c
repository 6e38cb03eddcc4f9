/* SPDX-License-Identifier: BSD-2-Clause */
/* GuardDuty findings out of a file; see finding.h. */
#include "finding.h"

#include <libfastjson/json.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "finding_impl.h"
#include "jsonsplit.h"
#include "text.h"

#define WRAPPED		8	/* envelopes in envelopes, at most */
#define NAMED		64	/* bytes of an id that is told */
#define PLACE		4096	/* bytes of a file's name, escaped */
#define LINE		(PLACE + 1024)

/* One file while it is read. */
struct input {
	struct findings *all;
	struct fjson_tokener *tokener;
	char file[PLACE];	/* as messages name it */
	uint64_t number;	/* of the last finding, damaged ones too */
	uint64_t line;		/* of the value at hand */
	uint64_t values;
	bool failed, full;
};

/* What a finding can be wrapped in; the first that has anything is it. */
static const char *const wrappers[] = {
	"detail",		/* EventBridge */
	"Findings", "Records", "Messages",
	"Message",		/* SNS */
	"body",			/* SQS */
	"data", "finding",
	"_raw", "result",	/* Splunk */
	"_source", "event", "original", "event.original",	/* Elastic */
};

struct findings *
findings_new(void)
{
	return calloc(1, sizeof(struct findings));
}

void
findings_free(struct findings *all)
{
	size_t i;

	if (all == NULL)
		return;
	for (i = 0; i < all->n; i++)
		take_free(((struct finding_made *)all->finding[i])->chunks);
	for (i = 0; i < all->nerrors; i++)
		free(all->error[i]);
	free(all->finding);
	free(all->error);
	free(all);
}

static void
fail(struct input *in, const char *fmt, ...)
{
	struct findings *all = in->all;
	char line[LINE];
	struct buf b;
	va_list ap;
	char **more;

	in->failed = true;
	if (all->nerrors == FINDING_ERRORS) {
		all->more_errors++;
		return;
	}
	buf_init(&b, line, sizeof(line) - 1);
	buf_adds(&b, in->file);
	va_start(ap, fmt);
	vsnprintf(line + b.len, sizeof(line) - b.len, fmt, ap);
	va_end(ap);
	more = realloc(all->error, (all->nerrors + 1) * sizeof(*more));
	if (more != NULL)
		all->error = more;
	if (more == NULL || (more[all->nerrors] = strdup(line)) == NULL)
		all->more_errors++;
	else
		all->nerrors++;
}

/* " (ID)" of a finding that cannot be taken, if it has one at least. */
static const char *
named(struct fjson_object *o, char *mem, size_t size)
{
	struct fjson_object *id = take_member(o, "id");
	struct buf b;
	int n;

	mem[0] = '\0';
	if (!fjson_object_is_type(id, fjson_type_string))
		return mem;
	n = fjson_object_get_string_len(id);
	buf_init(&b, mem, size);
	buf_adds(&b, " (");
	text_escape(&b, fjson_object_get_string(id), n < NAMED ? n : NAMED);
	buf_addc(&b, ')');
	return buf_cstr(&b) == NULL ? "" : mem;
}

static bool
keep(struct input *in, struct take *t, struct finding *f)
{
	struct findings *all = in->all;
	struct finding **more = all->finding;
	char *file = take_alloc(t, strlen(in->file) + 1);

	if (file == NULL)
		return false;
	f->file = strcpy(file, in->file);
	f->line = in->line;
	f->number = in->number;
	if ((all->n & (all->n - 1)) == 0)
		more = realloc(more, (all->n == 0 ? 1 : 2 * all->n) *
		    sizeof(*more));
	if (more == NULL)
		return false;
	all->finding = more;
	more[all->n++] = f;
	all->kept += t->kept;
	return true;
}

static void
add(struct input *in, struct fjson_object *o, struct fjson_object *envelope)
{
	struct take t = { .chunks = NULL };
	struct finding_made *made;
	char name[4 * NAMED + 8];

	in->number++;
	if (in->all->kept > FINDINGS_KEPT) {
		if (!in->full)
			fail(in, ":%" PRIu64 ": finding %" PRIu64 " and what "
			    "follows: expected findings that fit into %d MiB "
			    "of memory", in->line, in->number,
			    FINDINGS_KEPT >> 20);
		in->full = true;
		return;
	}
	made = finding_make(&t, o, envelope);
	if (made != NULL && keep(in, &t, &made->f)) {
		made->chunks = t.chunks;
		return;
	}
	fail(in, ":%" PRIu64 ": finding %" PRIu64 "%s: %s", in->line,
	    in->number, named(o, name, sizeof(name)),
	    t.failed ? t.why : "out of memory");
	take_free(t.chunks);
}

/* What is no finding, and what it could be. */
static void
refuse(struct input *in, struct fjson_object *o)
{
	const char *found = "something else";

	in->number++;
	if (take_member(o, "AwsAccountId") != NULL)
		found = "one of Security Hub (ASFF)";
	else if (take_member(o, "FindingIds") != NULL)
		found = "ids alone (get-findings prints the findings)";
	else if (!fjson_object_is_type(o, fjson_type_object))
		found = "no object";
	fail(in, ":%" PRIu64 ": finding %" PRIu64 ": expected a GuardDuty "
	    "finding (with resource and service), found %s", in->line,
	    in->number, found);
}

static bool
is_finding(struct fjson_object *o)
{
	return take_member(o, "service") != NULL ||
	    take_member(o, "resource") != NULL;
}

/* An object, an array, or a string that has one of them as JSON. */
static bool
can_hold(struct fjson_object *o)
{
	const char *s;

	if (!fjson_object_is_type(o, fjson_type_string))
		return fjson_object_is_type(o, fjson_type_object) ||
		    fjson_object_is_type(o, fjson_type_array);
	s = fjson_object_get_string(o);
	s += strspn(s, " \t\r\n");
	return *s == '{' || *s == '[';
}

static void unwrap(struct input *, struct fjson_object *,
    struct fjson_object *, int);

static void
unwrap_string(struct input *in, struct fjson_object *o, int depth)
{
	struct fjson_tokener *tokener = fjson_tokener_new();
	struct fjson_object *inner = NULL;

	if (tokener != NULL)
		inner = fjson_tokener_parse_ex(tokener,
		    fjson_object_get_string(o),
		    fjson_object_get_string_len(o));
	if (inner != NULL)
		unwrap(in, inner, NULL, depth);
	else {
		in->number++;
		fail(in, ":%" PRIu64 ": finding %" PRIu64 ": the JSON in a "
		    "string is damaged", in->line, in->number);
	}
	fjson_object_put(inner);
	if (tokener != NULL)
		fjson_tokener_free(tokener);
}

/* All findings in o, whatever is around them. */
static void
unwrap(struct input *in, struct fjson_object *o,
    struct fjson_object *envelope, int depth)
{
	struct fjson_object *inner;
	size_t i, n;

	if (depth == WRAPPED)
		refuse(in, o);
	else if (fjson_object_is_type(o, fjson_type_array)) {
		n = fjson_object_array_length(o);
		for (i = 0; i < n; i++)
			unwrap(in, fjson_object_array_get_idx(o, i), envelope,
			    depth + 1);
	} else if (fjson_object_is_type(o, fjson_type_string) && can_hold(o))
		unwrap_string(in, o, depth + 1);
	else if (is_finding(o))
		add(in, o, envelope);
	else {
		for (i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
			inner = take_member(o, wrappers[i]);
			if (inner == NULL || !can_hold(inner))
				continue;
			unwrap(in, inner, o, depth + 1);
			return;
		}
		refuse(in, o);
	}
}

static void
value(struct input *in, const struct jsonsplit_value *v)
{
	struct fjson_object *o;

	in->line = v->first_line;
	if (*v->text != '{' && *v->text != '"') {
		refuse(in, NULL);
		return;
	}
	fjson_tokener_reset(in->tokener);
	o = fjson_tokener_parse_ex(in->tokener, v->text, v->n);
	if (o != NULL)
		unwrap(in, o, NULL, 0);
	else {
		in->number++;
		fail(in, ":%" PRIu64 ": finding %" PRIu64 ": %s", in->line,
		    in->number, fjson_tokener_error_desc(
		    fjson_tokener_get_error(in->tokener)));
	}
	fjson_object_put(o);
}

static void
damage(struct input *in, const struct jsonsplit_value *v)
{
	if (!v->inside) {
		fail(in, ":%" PRIu64 ":%" PRIu64 ": %s", v->line, v->column,
		    v->why);
		return;
	}
	in->number++;
	if (v->line == v->first_line)
		fail(in, ":%" PRIu64 ":%" PRIu64 ": finding %" PRIu64 ": %s",
		    v->line, v->column, in->number, v->why);
	else
		fail(in, ":%" PRIu64 ":%" PRIu64 ": finding %" PRIu64
		    ", which begins in line %" PRIu64 ": %s", v->line,
		    v->column, in->number, v->first_line, v->why);
}

static void
read_all(struct input *in, struct jsonsplit *s)
{
	struct jsonsplit_value v;
	int rc;

	while (!in->full && (rc = jsonsplit_next(s, &v)) != 0) {
		in->values++;
		if (rc > 0)
			value(in, &v);
		else
			damage(in, &v);
	}
}

int
findings_read(struct findings *all, const char *path)
{
	struct input in = { .all = all };
	struct jsonsplit *s = jsonsplit_open(path);
	struct buf b;

	buf_init(&b, in.file, sizeof(in.file));
	if (strcmp(path, "-") == 0)
		buf_adds(&b, "standard input");
	else
		text_escape(&b, path, strlen(path));
	if (buf_cstr(&b) == NULL)
		strcpy(in.file, "(a long name)");
	if (s == NULL)
		fail(&in, ": %s", strerror(errno));
	else if ((in.tokener = fjson_tokener_new()) == NULL)
		fail(&in, ": out of memory");
	else
		read_all(&in, s);
	if (in.tokener != NULL)
		fjson_tokener_free(in.tokener);
	jsonsplit_close(s);
	return in.failed ? -1 : 0;
}
