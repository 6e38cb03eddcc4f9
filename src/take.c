/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of JSON objects taken as what they should be; see take.h. */
#include "take.h"

#include <libfastjson/json.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "message.h"
#include "text.h"

#define SHOWN		40	/* bytes of a value that is told */
#define MILLISECONDS	1e11	/* more cannot be seconds: the year 5138 */

static const char *
kind_of(struct fjson_object *o)
{
	switch (fjson_object_get_type(o)) {
	case fjson_type_object:
		return "an object";
	case fjson_type_array:
		return "an array";
	case fjson_type_boolean:
		return fjson_object_get_boolean(o) ? "true" : "false";
	default:
		return NULL;
	}
}

/* What it is, as a part of a message. */
static void
fail_value(struct take *t, struct node parent, const char *name,
    struct fjson_object *o, const char *expected)
{
	char mem[SHOWN * 4 + 64], shown[SHOWN];
	const char *kind = kind_of(o);
	struct buf b;
	size_t n;

	buf_init(&b, mem, sizeof(mem) - 1);
	buf_addf(&b, "expected %s, found ", expected);
	if (kind != NULL)
		buf_adds(&b, kind);
	else {
		n = fjson_object_get_string_len(o);
		if (fjson_object_get_type(o) != fjson_type_string)
			n = strlen(fjson_object_get_string(o));
		memcpy(shown, fjson_object_get_string(o),
		    n < SHOWN ? n : SHOWN);
		buf_addc(&b, '"');
		text_escape(&b, shown, n < SHOWN ? n : SHOWN);
		buf_adds(&b, n > SHOWN ? "...\"" : "\"");
	}
	mem[b.len] = '\0';
	take_fail(t, parent, name, mem);
}

struct fjson_object *
take_member(struct fjson_object *o, const char *name)
{
	struct fjson_object_iterator i, end;
	struct fjson_object *v;

	if (!fjson_object_is_type(o, fjson_type_object))
		return NULL;
	end = fjson_object_iter_end(o);
	for (i = fjson_object_iter_begin(o); !fjson_object_iter_equal(&i, &end);
	    fjson_object_iter_next(&i)) {
		v = fjson_object_iter_peek_value(&i);
		if (v != NULL &&
		    strcasecmp(fjson_object_iter_peek_name(&i), name) == 0)
			return v;
	}
	return NULL;
}

struct node
take_object(struct take *t, struct node parent, const char *name)
{
	struct fjson_object *o = take_member(parent.o, name);

	if (o != NULL && !fjson_object_is_type(o, fjson_type_object)) {
		fail_value(t, parent, name, o, "an object");
		o = NULL;
	}
	return (struct node){ o, name };
}

struct node
take_list(struct node parent, const char *name)
{
	return (struct node){ take_member(parent.o, name), name };
}

size_t
take_count(struct node list)
{
	if (list.o == NULL)
		return 0;
	return fjson_object_is_type(list.o, fjson_type_array) ?
	    (size_t)fjson_object_array_length(list.o) : 1;
}

static struct fjson_object *
at(struct node list, size_t i)
{
	return fjson_object_is_type(list.o, fjson_type_array) ?
	    fjson_object_array_get_idx(list.o, i) : list.o;
}

struct node
take_element(struct take *t, struct node list, size_t i)
{
	struct fjson_object *o = at(list, i);

	if (o != NULL && !fjson_object_is_type(o, fjson_type_object)) {
		fail_value(t, list, NULL, o, "objects");
		o = NULL;
	}
	return (struct node){ o, list.name };
}

/* A number counts as its digits: account numbers lose their quotes. */
static const char *
text(struct take *t, struct node parent, const char *name,
    struct fjson_object *o)
{
	size_t n, i;
	char *s;

	if (o == NULL || t->failed)
		return NULL;
	if (kind_of(o) != NULL) {
		fail_value(t, parent, name, o, "a string");
		return NULL;
	}
	n = fjson_object_is_type(o, fjson_type_string) ?
	    (size_t)fjson_object_get_string_len(o) :
	    strlen(fjson_object_get_string(o));
	if (n > TAKE_TEXT) {
		t->cut = true;
		n = TAKE_TEXT;
	}
	if (n == 0 || (s = take_alloc(t, n + 1)) == NULL)
		return NULL;
	memcpy(s, fjson_object_get_string(o), n);
	for (i = 0; i < n; i++)
		if (s[i] == '\0')
			s[i] = '?';
	return s;
}

const char *
take_text(struct take *t, struct node parent, const char *name)
{
	return text(t, parent, name, take_member(parent.o, name));
}

const char *
take_text_at(struct take *t, struct node list, size_t i)
{
	return text(t, list, NULL, at(list, i));
}

/* A number, or a string that is one and nothing else. */
static bool
real(struct fjson_object *o, double *d)
{
	const char *s;
	char *end;

	if (fjson_object_is_type(o, fjson_type_int) ||
	    fjson_object_is_type(o, fjson_type_double)) {
		*d = fjson_object_get_double(o);
		return isfinite(*d);
	}
	if (!fjson_object_is_type(o, fjson_type_string))
		return false;
	s = fjson_object_get_string(o);
	if (*s == '\0' || strspn(s, "0123456789.eE+-") !=
	    (size_t)fjson_object_get_string_len(o))
		return false;
	*d = strtod(s, &end);
	return *end == '\0' && isfinite(*d);
}

static bool
is_empty(struct fjson_object *o)
{
	return o == NULL || (fjson_object_is_type(o, fjson_type_string) &&
	    fjson_object_get_string_len(o) == 0);
}

int64_t
take_number(struct take *t, struct node parent, const char *name, int64_t max)
{
	struct fjson_object *o = take_member(parent.o, name);
	char expected[64];
	double d;

	if (is_empty(o))
		return NUM_NONE;
	if (real(o, &d) && d >= 0 && d <= max && d == (double)(int64_t)d)
		return (int64_t)d;
	snprintf(expected, sizeof(expected), "a number up to %lld",
	    (long long)max);
	fail_value(t, parent, name, o, expected);
	return NUM_NONE;
}

double
take_real(struct take *t, struct node parent, const char *name)
{
	struct fjson_object *o = take_member(parent.o, name);
	double d;

	if (is_empty(o))
		return -1;
	if (real(o, &d))
		return d;
	fail_value(t, parent, name, o, "a number");
	return -1;
}

bool
take_bool(struct take *t, struct node parent, const char *name)
{
	struct fjson_object *o = take_member(parent.o, name);

	if (is_empty(o))
		return false;
	if (fjson_object_is_type(o, fjson_type_boolean))
		return fjson_object_get_boolean(o);
	if (fjson_object_is_type(o, fjson_type_string)) {
		if (strcasecmp(fjson_object_get_string(o), "true") == 0)
			return true;
		if (strcasecmp(fjson_object_get_string(o), "false") == 0)
			return false;
	}
	fail_value(t, parent, name, o, "true or false");
	return false;
}

static int64_t
time_of(struct fjson_object *o)
{
	char s[64];
	size_t n;
	double d;

	if (real(o, &d))
		return d < 0 || d > MILLISECONDS * 1000 ? NUM_NONE :
		    (int64_t)(d < MILLISECONDS ? d * 1e6 : d * 1e3);
	if (!fjson_object_is_type(o, fjson_type_string))
		return NUM_NONE;
	n = fjson_object_get_string_len(o);
	if (n >= sizeof(s))
		return NUM_NONE;
	memcpy(s, fjson_object_get_string(o), n);
	if (n > 10 && s[10] == ' ')
		s[10] = 'T';
	return text_parse_time(s, n);
}

int64_t
take_time(struct take *t, struct node parent, const char *name)
{
	struct fjson_object *o = take_member(parent.o, name);
	int64_t us;

	if (is_empty(o))
		return NUM_NONE;
	if ((us = time_of(o)) == NUM_NONE)
		fail_value(t, parent, name, o,
		    "a time as 2026-11-22T08:14:02Z");
	return us;
}

static bool
address(struct take *t, struct node parent, const char *name,
    struct fjson_object *o, struct in6_addr *a)
{
	if (is_empty(o))
		return false;
	if (fjson_object_is_type(o, fjson_type_string) &&
	    text_parse_addr(fjson_object_get_string(o),
	    fjson_object_get_string_len(o), a) == 0)
		return true;
	fail_value(t, parent, name, o, "an IP address");
	return false;
}

bool
take_address(struct take *t, struct node parent, const char *name,
    struct in6_addr *a)
{
	return address(t, parent, name, take_member(parent.o, name), a);
}

bool
take_address_at(struct take *t, struct node list, size_t i, struct in6_addr *a)
{
	return address(t, list, NULL, at(list, i), a);
}
