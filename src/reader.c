/* SPDX-License-Identifier: BSD-2-Clause */
/* From a line of a log to a message; see reader.h. */
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "rfc5424.h"

#define ROOM	1024	/* over the line's length, for rfc5424_parse */

struct reader {
	struct record *record;
	char *mem;
	size_t size;
	struct reader_stats stats;
	struct message message;
};

struct reader *
reader_new(void)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r != NULL && (r->record = record_new()) == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

static int
parse(struct reader *r, const char *msg, size_t n)
{
	const char *why;
	size_t where;

	if (n + ROOM > r->size) {
		free(r->mem);
		r->size = 0;
		if ((r->mem = malloc(n + ROOM)) == NULL)
			return -1;
		r->size = n + ROOM;
	}
	if (rfc5424_parse(&r->message, msg, n, r->mem, r->size, &where,
	    &why) == 0) {
		r->stats.messages++;
		return 1;
	}
	if (r->stats.malformed++ == 0) {
		r->stats.at_line = r->stats.lines;
		r->stats.at = where;
		r->stats.why = why;
	}
	return 0;
}

int
reader_line(struct reader *r, const char *line, size_t n,
    const struct message **m)
{
	const char *msg;
	size_t len;

	r->stats.lines++;
	*m = &r->message;
	switch (record_find(r->record, line, n, &msg, &len)) {
	case RECORD_MESSAGE:
		return parse(r, msg, len);
	case RECORD_BARE:
		r->stats.bare++;
		return 0;
	case RECORD_FOREIGN:
		break;
	}
	r->stats.foreign++;
	return 0;
}

const struct reader_stats *
reader_stats(const struct reader *r)
{
	return &r->stats;
}

void
reader_reset(struct reader *r)
{
	memset(&r->stats, 0, sizeof(r->stats));
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	record_free(r->record);
	free(r->mem);
	free(r);
}
