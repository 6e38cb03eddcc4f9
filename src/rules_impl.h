/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the rules share. */
#ifndef PIDTREED_RULES_IMPL_H
#define PIDTREED_RULES_IMPL_H

#include "prefix.h"
#include "rules.h"

struct expr;
struct field;
struct rules_recall;

#define RULES_WORDS	(RULES_MOST / 64)

/* A field by whose values rules are found. */
struct rules_key {
	const struct field *f;
	bool generation;	/* of any process, else of the caller or the
				   message */
	unsigned bits;		/* of an address */
	unsigned gram;		/* bytes that are looked for everywhere in a
				   value; 0: it is looked for as a whole */
};

/* One value of a field: the rule that wants it, and the next of its bucket. */
struct rules_entry {
	uint64_t hash;
	uint32_t rule, next;	/* next: number + 1; 0 is the end */
	struct str part;	/* of a text in a value: all of it, borrowed */
	size_t at;		/* where in it the bytes of the hash are */
};

/* Which rules a message can be of interest for. */
struct rules_index {
	struct rules_key *key;
	size_t nkeys;
	struct rules_entry *entry;
	size_t nentries;
	uint32_t *bucket;	/* number of an entry + 1 */
	size_t nbuckets;	/* a power of two */
	struct rules_recall *recall;	/* of rules without such a value those
					   that begin with a pattern */
	uint64_t always[RULES_WORDS];	/* bits: the others */
};

struct rules {
	struct rule **v;	/* what was added, then the files' */
	size_t n;
	struct rule **gone;	/* what they decided is not told yet */
	size_t ngone;
	struct rules_index index;
	char hash[65];
	char tags[RULES_TAGS_TEXT + 8];	/* of the last verdict */
};

void rule_free(struct rule *);
/* Does it ask for files, without naming a container? */
bool rules_asks_hosts_files(const struct rule *);
/* Puts r at the place i; it is the set's then.  -1: no memory. */
int rules_insert(struct rules *, size_t i, struct rule *);
struct rule *rules_find(const struct rules *, const char *name);

/* After every change, before the first decision.  -1: no memory, and the
   index is as before. */
int rules_index(struct rules *);
/* Sets the bits of the rules that may be true of m. */
void rules_candidates(const struct rules_index *, const struct message *,
    uint64_t maybe[RULES_WORDS]);
void rules_index_free(struct rules_index *);

/*
 * What regular expressions say of values, remembered.  Adds a rule whose
 * expression begins with one for this field (see expr_first); *at is NULL at
 * first.  -1: no memory.
 */
int rules_recall_add(struct rules_recall **at, uint32_t rule,
    const struct expr *, const struct field *, bool any);
/* Sets the bits of those of them whose regular expression m matches. */
void rules_recall(struct rules_recall *, const struct message *m,
    uint64_t *maybe);
void rules_recall_free(struct rules_recall *);

/* The rules of one text, in their order, behind those at hand.  Returns the
   number of troubles; the first goes to *said instead of log_error if that is
   not NULL.  single: a mapping alone is taken too. */
unsigned rules_yaml(struct rules *, const char *name, const char *text,
    size_t n, bool single, struct buf *said);

#endif
