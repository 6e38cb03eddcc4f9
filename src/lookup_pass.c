/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over the logs; see lookup_pass.h. */
#include "lookup_pass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_group.h"
#include "rfc5424.h"
#include "text.h"

#define ROOM	1024	/* over the line's length, for the parser */

int
pass_open(struct pass *p, struct lookup *l)
{
	memset(p, 0, offsetof(struct pass, message));
	p->l = l;
	p->record = record_new();
	return p->record == NULL ? -1 : 0;
}

int
pass_needle(struct pass *p, enum search_what what, const char *name,
    struct str value, int64_t from, int64_t until)
{
	struct search_needle n = { .what = what, .name = name, .value = value,
	    .since = from == NUM_NONE ? 0 : from,
	    .until = until == NUM_NONE ? 0 : until };

	return search_needle(p->l->search, &n);
}

/* An IPv4 address as destination of IPv6 (RFC 6052): CONNECT says what it is,
   CLOSE does not. */
static int
translated(struct pass *p, const struct in6_addr *a, int64_t from,
    int64_t until)
{
	struct in6_addr six = *a;
	char text[TEXT_ADDR];

	memset(&six, 0, 12);
	memcpy(&six, "\0\x64\xff\x9b", 4);
	return pass_needle(p, SEARCH_PARAM, "dst",
	    (struct str){ text, text_put_addr(text, &six) }, from, until);
}

int
pass_address(struct pass *p, const struct in6_addr *a, int64_t from,
    int64_t until)
{
	char text[TEXT_ADDR];
	struct str s = { text, text_put_addr(text, a) };

	if (IN6_IS_ADDR_V4MAPPED(a) && (pass_needle(p, SEARCH_PARAM, "nat64",
	    s, from, until) < 0 || translated(p, a, from, until) < 0))
		return -1;
	return pass_needle(p, SEARCH_PARAM, "dst", s, from, until);
}

int
pass_search(struct pass *p, const struct search_calls *calls)
{
	errno = 0;
	if (search_run(p->l->search, calls) < 0 || errno == ENOMEM)
		return -1;
	p->l->interrupted |= search_stats(p->l->search)->interrupted;
	search_forget_needles(p->l->search);
	return 0;
}

int
pass_hit(struct pass *p, const struct search_hit *hit)
{
	if (record_find(p->record, hit->line, hit->n, &p->msg, &p->n) !=
	    RECORD_MESSAGE || !light_read(&p->light, p->msg, p->n))
		return 0;
	/* A line that was cut off names no host: no host is made of it. */
	return p->light.hostid.s != NULL ? 1 : pass_parse(p);
}

int
pass_parse(struct pass *p)
{
	size_t where;

	if (p->n + ROOM > p->size) {
		free(p->mem);
		p->size = 0;
		if ((p->mem = malloc(p->n + ROOM)) == NULL)
			return -1;
		p->size = p->n + ROOM;
	}
	return rfc5424_parse(&p->message, p->msg, p->n, p->mem, p->size,
	    &where, &p->why) == 0;
}

bool
pass_new(struct pass *p)
{
	return p->message.externalid.s == NULL ||
	    once_add(&p->met, group_id(p->message.externalid));
}

void
pass_close(struct pass *p)
{
	record_free(p->record);
	once_free(&p->met);
	free(p->mem);
}
