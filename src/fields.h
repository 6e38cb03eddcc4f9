/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The field table: one row a field.  The writer walks it, the parser looks
 * names up in it, the manual page pidtreed.log(5) is made of it.
 */
#ifndef PIDTREED_FIELDS_H
#define PIDTREED_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

#define FIELD_NAME	32	/* bytes of a name, at most (RFC 5424 6.3.3) */
#define FIELD_PEN	"32473"	/* RFC 5612, until one is registered */

/* Structured data elements, in the order in which they are written. */
enum sd {
	SD_META, SD_ORIGIN, SD_TIMEQUALITY, SD_HOST, SD_EVENT, SD_ANCESTRY,
	NSDS
};

enum field_type {
	FIELD_STR,	/* struct str: any bytes, escaped by text_escape */
	FIELD_TEXT,	/* struct str: clean text, never escaped so */
	FIELD_UINT,	/* int64_t >= 0 */
	FIELD_TIME,	/* int64_t, us since 1970, written to the us */
	FIELD_TIME_MS,	/* the same, written to the ms */
	FIELD_ADDR,	/* struct in6_addr */
};

struct field {
	char name[FIELD_NAME + 1];
	uint8_t len;		/* of name */
	uint8_t sd;		/* enum sd */
	uint8_t type;		/* enum field_type */
	bool generation;	/* of struct generation: in event@ for the
				   caller, for the others in ancestry@ with
				   the distance appended to the name */
	uint16_t offset;
	uint32_t msgids;	/* 1 << enum msgid: may carry it */
	const char *doc;	/* a line for the manual page */
};

/* Of what happened on the host; the others are the collector's own. */
#define FIELD_EVENTS	(1 << MSG_CONNECT | 1 << MSG_OUTCOME | \
	1 << MSG_UDP | 1 << MSG_CLOSE | 1 << MSG_DIGEST | 1 << MSG_LISTEN | \
	1 << MSG_DNS | 1 << MSG_EXEC | 1 << MSG_READLINE | \
	1 << MSG_CAPABLE | 1 << MSG_OPEN | 1 << MSG_ESCAPE | \
	1 << MSG_ACCEPT)

/* In the order in which they are written: the elements of connections, then
   what event@ has in the collector's own messages. */
extern const struct field fields[];
extern const size_t nfields;

/* What stands for an element or a MSGID in a message. */
struct name {
	const char *name;
	const char *doc;
};

extern const struct name sd_names[NSDS];	/* without @number */
extern const struct name msgid_names[NMSGIDS];

/* Is the SD-ID of this element "name@number" (or a registered "name")? */
bool sd_is_private(enum sd);
/*
 * The row of a parameter in an element of a message, or NULL.  *dist is its
 * generation: 0, or what is appended to the name in ancestry@.  *hint is
 * where to begin; it moves on, so names in the table's order are found fast.
 */
const struct field *field_find(enum sd, enum msgid, const char *name, size_t n,
    int64_t *dist, size_t *hint);

/* Takes the distance off the name (*n bytes) of an ancestor's parameter: 1 to
   nine digits without a zero in front; 0: there is none. */
int64_t field_distance(const char *name, size_t *n);

/*
 * Takes a value (n bytes, without RFC 5424's escapes) into m.  A string stays
 * where it is, unescaped in place; *kept bytes of value are its own then.
 * NULL, or a constant text: why not.
 */
const char *field_read(struct message *m, const struct field *, int64_t dist,
    char *value, size_t n, size_t *kept);

static inline bool
field_is_number(const struct field *f)
{
	return f->type == FIELD_UINT || f->type == FIELD_TIME ||
	    f->type == FIELD_TIME_MS;
}

/* Where a row's value is; p is the message, or the generation if the row is
   of one. */
static inline int64_t *
field_number_at(const struct field *f, void *p)
{
	return (int64_t *)((char *)p + f->offset);
}

static inline int64_t
field_number(const struct field *f, const void *p)
{
	return *(const int64_t *)((const char *)p + f->offset);
}

static inline struct str *
field_str_at(const struct field *f, void *p)
{
	return (struct str *)((char *)p + f->offset);
}

static inline const struct str *
field_str(const struct field *f, const void *p)
{
	return (const struct str *)((const char *)p + f->offset);
}

static inline struct in6_addr *
field_addr_at(const struct field *f, void *p)
{
	return (struct in6_addr *)((char *)p + f->offset);
}

static inline const struct in6_addr *
field_addr(const struct field *f, const void *p)
{
	return (const struct in6_addr *)((const char *)p + f->offset);
}

/* Is there a value of this row in p? */
static inline bool
field_is_known(const struct field *f, const void *p)
{
	if (field_is_number(f))
		return field_number(f, p) != NUM_NONE;
	if (f->type == FIELD_ADDR)
		return !IN6_IS_ADDR_UNSPECIFIED(field_addr(f, p));
	return field_str(f, p)->s != NULL;
}

#endif
