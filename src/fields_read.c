/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a value to the member of a message; see fields.h. */
#include "fields.h"

#include "rfc5424.h"
#include "text.h"

/* The ancestor at this distance; nearest first is part of the format. */
static struct generation *
generation(struct message *m, int64_t dist)
{
	struct generation *g;
	size_t i;

	if (m->ngen == 0)
		message_add_generation(m)->dist = 0;
	for (i = m->ngen; i > 0 && m->gen[i - 1].dist > dist; i--)
		;
	if (i > 0 && m->gen[i - 1].dist == dist)
		return m->gen + i - 1;
	if (i < m->ngen)
		return NULL;
	g = message_add_generation(m);
	g->dist = dist;
	return g;
}

static const char *
set_addr(struct message *m, struct in6_addr *to, const struct str *value)
{
	struct in6_addr a;
	int family;

	if (text_parse_addr(value->s, value->n, &a) < 0)
		return "address expected";
	if (IN6_IS_ADDR_UNSPECIFIED(&a) ||
	    (IN6_IS_ADDR_V4MAPPED(&a) && a.s6_addr32[3] == 0))
		return NULL;
	family = IN6_IS_ADDR_V4MAPPED(&a) ? AF_INET : AF_INET6;
	if (m->family != 0 && m->family != family)
		return "addresses of two families";
	m->family = family;
	*to = a;
	return NULL;
}

static const char *
set_number(const struct field *f, int64_t *to, const struct str *value)
{
	int64_t v;

	if (*to != NUM_NONE)
		return "parameter given twice";
	if (f->type == FIELD_UINT) {
		if ((v = text_parse_uint(value->s, value->n)) == NUM_NONE)
			return "number expected";
		if (f->sd == SD_META && v > RFC5424_SEQ &&
		    f->offset == offsetof(struct message, seq))
			return "number up to 2147483647 expected";
	} else {
		if ((v = text_parse_time(value->s, value->n)) == NUM_NONE)
			return "time expected";
		if (f->type == FIELD_TIME_MS)
			v -= (v % 1000 + 1000) % 1000;
	}
	*to = v;
	return NULL;
}

static const char *
set_str(const struct field *f, struct str *to, char *value, size_t *n)
{
	if (to->s != NULL)
		return "parameter given twice";
	if (f->type == FIELD_TEXT)
		text_clean(value, *n);
	else
		*n = text_unescape(value, value, *n);
	*to = (struct str){ value, *n };
	return NULL;
}

const char *
field_read(struct message *m, const struct field *f, int64_t dist, char *value,
    size_t n, size_t *kept)
{
	struct str s = { value, n };
	void *p = m;

	*kept = 0;
	/* Nothing is what is not known. */
	if (n == 0)
		return NULL;
	if (f->generation && (p = generation(m, dist)) == NULL)
		return "an ancestor nearer than the one before";
	switch ((enum field_type)f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		*kept = n;
		return set_str(f, field_str_at(f, p), value, kept);
	case FIELD_UINT:
	case FIELD_TIME:
	case FIELD_TIME_MS:
		return set_number(f, field_number_at(f, p), &s);
	case FIELD_ADDR:
		return set_addr(m, field_addr_at(f, p), &s);
	}
	return NULL;
}
