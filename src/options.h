/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options: one row says all that is known of one. */
#ifndef PIDTREED_OPTIONS_H
#define PIDTREED_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "conf.h"

enum option_type {
	OPT_WORD,	/* int: index of the word */
	OPT_NAME,	/* char *: printable ASCII without blanks */
	OPT_PATH,	/* char *: absolute */
	OPT_NUMBER,	/* unsigned */
	OPT_SIZE,	/* size_t: bytes; K, M, G */
	OPT_POWER,	/* the same, a power of two */
	OPT_MS,		/* unsigned: milliseconds */
	OPT_S,		/* unsigned: seconds */
	OPT_LIST,	/* struct items */
};

struct option {
	const char *key;	/* in its section: "connect.hold" */
	enum option_type type;
	size_t off;		/* in struct conf */
	const char *def;	/* as it would be written; NULL: not set */
	uint64_t min, max;	/* of the value; of times in milliseconds;
				   of names and paths, bytes; of lists, items */
	const char *const *words;	/* instead of, or besides, a number;
				   NULL at the end, "" is none */
	const char *doc;	/* sentences, for people */
};

extern const struct option options[];	/* a row without key at the end */

/* The row of this key (n bytes) of a section ("": of none), or NULL. */
const struct option *option_find(const char *section, const char *key,
    size_t n);
/* The first row in this section, or NULL. */
const struct option *option_section(const char *name);
/* Adds which key may have been meant, or if none is near, which there are. */
void option_suggest(const char *section, const char *key, struct buf *);
/* Bytes of the section's name in a full key; 0: it is in none. */
size_t option_in(const char *key);
/* Sets what is not a list.  -1: *why says what was expected. */
int option_set(const struct option *, struct conf *, const char *value,
    struct buf *why);
/* Writes what was expected: "auto, socket or file". */
void option_expects(const struct option *, struct buf *);
/* Writes the value as option_set takes it, or nothing if it is not set. */
void option_show(const struct option *, const struct conf *, struct buf *);

static inline struct items *
option_items(const struct option *o, const struct conf *c)
{
	return (struct items *)((char *)c + o->off);
}

#endif
