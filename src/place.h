/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where each field of the table (fields.h) goes in other worlds: Elastic
 * Common Schema and CEF.  One row a field; pidtree-export(1) is made of it.
 */
#ifndef PIDTREED_PLACE_H
#define PIDTREED_PLACE_H

#include "fields.h"

#define PLACE_ECS	"8.11.0"	/* of the schema that is meant */
#define PLACE_ARRAY	"pidtree.ancestors"	/* the second and beyond */

enum place_how {
	PLACE_KEYWORD	= 1 << 0,	/* ECS: a number is a string there */
	PLACE_LIST	= 1 << 1,	/* ECS: words become an array */
	PLACE_LOWER	= 1 << 2,	/* ECS: in small letters */
	PLACE_DIRECTION	= 1 << 3,	/* ECS: 0 ingress, 1 egress */
	PLACE_EPOCH	= 1 << 4,	/* CEF: milliseconds since 1970 */
	PLACE_COLLECTOR	= 1 << 5,	/* of the collector's own messages
					   alone: some names are in both */
};

struct place {
	const char *name;
	uint8_t sd;
	uint8_t how;		/* enum place_how */
	const char *ecs;	/* path; of a generation: of the caller */
	const char *parent;	/* of generation 1 */
	const char *ancestor;	/* of those beyond, in an entry of the array */
	const char *cef;	/* of an ancestor: the name and its distance */
	const char *cef6;	/* of an IPv6 address */
};

/* What a message is there: constants of its MSGID. */
struct place_kind {
	const char *title;		/* CEF: Name */
	const char *kind, *category, *type, *type2;	/* ECS: event.* */
};

extern const struct place places[];
extern const size_t nplaces;
extern const struct place_kind place_kinds[NMSGIDS];

/* The row of a field, or NULL; hint as in field_find. */
const struct place *place_find(const struct field *, size_t *hint);
/* Does this CEF key want a label that names what it holds? */
bool place_wants_label(const char *key);
/* event.outcome: success, failure, unknown; NULL: the message has none. */
const char *place_outcome(const struct message *);

#endif
