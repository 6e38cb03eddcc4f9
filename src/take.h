/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of JSON objects taken as what they should be: in any letter case,
 * null as absent, numbers written as strings.  The first that is something
 * else is told, with its name and what was expected; after it nothing counts.
 */
#ifndef PIDTREED_TAKE_H
#define PIDTREED_TAKE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fjson_object;

struct take {
	struct take_chunk *chunks;	/* what was taken is kept in here */
	size_t kept;			/* bytes, of all chunks */
	bool cut;			/* a string was longer than TAKE_TEXT */
	bool failed;
	char why[256];			/* printable */
};

#define TAKE_TEXT	4096		/* bytes of a string */

/* An object, or a list of things; o NULL: absent.  name is for messages. */
struct node {
	struct fjson_object *o;
	const char *name;
};

/* All of these return nothing (NULL, NUM_NONE, false) for what is absent. */
struct fjson_object *take_member(struct fjson_object *, const char *name);
struct node take_object(struct take *, struct node, const char *name);
/* An array; anything else counts as a list of one. */
struct node take_list(struct node, const char *name);
size_t take_count(struct node);
struct node take_element(struct take *, struct node, size_t i);
/* Not empty, kept until take_free; a NUL within is a "?". */
const char *take_text(struct take *, struct node, const char *name);
const char *take_text_at(struct take *, struct node, size_t i);
/* 0 to max, which is at most 2^53. */
int64_t take_number(struct take *, struct node, const char *name, int64_t max);
double take_real(struct take *, struct node, const char *name);
bool take_bool(struct take *, struct node, const char *name);
/* RFC 3339, perhaps with a blank for the T, or seconds or milliseconds since
   1970 -> us since 1970. */
int64_t take_time(struct take *, struct node, const char *name);
bool take_address(struct take *, struct node, const char *name,
    struct in6_addr *);
bool take_address_at(struct take *, struct node, size_t i, struct in6_addr *);

/* Memory that take_free frees; NULL: none, and then it has failed. */
void *take_alloc(struct take *, size_t);
/* A list of n things of this size, NULL if n is 0, with room for one more. */
void *take_more(struct take *, void *list, size_t n, size_t size);
/* "node.name: why", unless it has failed before. */
void take_fail(struct take *, struct node, const char *name,
    const char *why);
void take_free(struct take_chunk *);

#endif
