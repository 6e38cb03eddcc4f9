/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of an answer for people: times, addresses, counts. */
#include "lookup_say.h"

#include <inttypes.h>
#include <string.h>

#include "lookup_cover.h"
#include "text.h"

void
say(struct term *t, const char *s)
{
	term_put(t, (struct str){ s, strlen(s) });
}

void
say_word(struct term *t, const char *s)
{
	term_word(t, (struct str){ s, s == NULL ? 0 : strlen(s) });
}

void
say_count(struct term *t, uint64_t n, const char *what)
{
	term_printf(t, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

void
say_moment(struct term *t, int64_t us)
{
	char text[COVER_TIME];

	term_puts(t, cover_time(text, us));
}

/* The date is not said again. */
void
say_range(struct term *t, int64_t a, int64_t b)
{
	char from[COVER_TIME], until[COVER_TIME];

	say_moment(t, a);
	if (a == b)
		return;
	cover_time(from, a);
	cover_time(until, b);
	term_puts(t, " to ");
	term_puts(t, strncmp(from, until, 10) == 0 && strlen(until) > 11 ?
	    until + 11 : until);
}

void
say_begin(struct term *t, unsigned column, const char *s)
{
	term_pad(t, column);
	t->indent = column + SAY_INDENT;
	term_puts(t, s);
}

void
say_address(struct term *t, const struct in6_addr *a, int64_t port)
{
	char text[TEXT_ADDR];
	size_t n = text_put_addr(text, a);
	bool v6 = memchr(text, ':', n) != NULL && port != NUM_NONE;

	if (IN6_IS_ADDR_UNSPECIFIED(a))
		term_puts(t, "?");
	else {
		term_puts(t, v6 ? "[" : "");
		term_put(t, (struct str){ text, n });
		term_puts(t, v6 ? "]" : "");
	}
	if (port != NUM_NONE)
		term_printf(t, ":%" PRId64, port);
}

void
say_host(struct term *t, const struct host *h)
{
	say_word(t, h->name != NULL ? h->name : h->id);
}

void
say_seen(struct term *t, const struct seen *s, const char *what)
{
	term_puts(t, what);
	if (s->n == 0) {
		term_puts(t, " never");
		return;
	}
	term_puts(t, " ");
	say_count(t, s->n, "time");
	term_puts(t, " since ");
	say_moment(t, s->first);
	if (s->nhosts > 1 || s->here == 0) {
		term_puts(t, " on ");
		say_count(t, s->nhosts, "host");
		if (s->here == 0)
			term_puts(t, ", not this one");
	}
}
