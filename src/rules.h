/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules: what is normal here, said over the fields of a message.  A set is
 * read from rules.d/ *.yaml; what is added at run time comes before it.
 */
#ifndef PIDTREED_RULES_H
#define PIDTREED_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "leaveout.h"
#include "message.h"

#define RULES_MOST	4096	/* of a set */
#define RULES_NAME	64	/* bytes of a name, at most */
#define RULES_TAG	32	/* and of a tag */
#define RULES_TAGS	8	/* of a rule */
#define RULES_TAGS_TEXT	500	/* bytes of all tags of a message */

/* Messages that may be left out, as the others follow what these were; and
   those that have a destination to be counted by. */
#define RULES_DROPS	(FIELD_EVENTS & ~(1 << MSG_OUTCOME | \
	1 << MSG_CLOSE | 1 << MSG_DIGEST))
#define RULES_DIGESTS	(1 << MSG_CONNECT | 1 << MSG_UDP)

enum rule_action { RULE_TAG, RULE_DIGEST, RULE_RAISE, RULE_DROP };

struct expr;

/* One rule, for others to read; it lives until the next change of the set. */
struct rule {
	char *name, *where;
	char *place;		/* "file:line:column"; of a rule of run time
				   what its source was called */
	char *tags;		/* "a,b"; "" if there are none */
	char *events;		/* "connect,outcome" */
	enum rule_action action;
	unsigned msgids;	/* 1 << enum msgid */
	bool added;		/* at run time */
	bool hosts_files;	/* asks for exe, and for no container */
	uint64_t hits;		/* messages that it was true of */
	uint64_t decided;	/* and of these, where it was the first that
				   decided */
	uint64_t told;		/* of decided, what messages have said */
	struct expr *expr;
};

struct rules_verdict {
	enum rule_action action;
	const struct rule *rule;	/* that decided, else the first */
	struct str tags;		/* borrowed until the next decision;
					   s == NULL: none */
};

struct rules;

extern const char *const rule_action_names[];	/* "tag", ... */

/* NULL: no memory. */
struct rules *rules_new(void);
/*
 * rules.d/ *.yaml beside the configuration file conf_path, in name order; no
 * such directory is an empty set.  NULL after one line for each trouble has
 * gone to log_error: `file:line:column: what`.
 */
struct rules *rules_read(const char *conf_path);
/* Adds what one file ("-": standard input) says.  Returns the number of
   troubles, as above; then the set is to be freed. */
unsigned rules_read_file(struct rules *, const char *path);
unsigned rules_read_text(struct rules *, const char *name, const char *text,
    size_t n);
void rules_free(struct rules *);

/*
 * Decides about m, all of whose fields are known.  False: no rule is true of
 * it.  Counts hits; when one that drops has decided, those behind it are not
 * asked.  Rules whose expression has a text or address that m
 * must have in one field are found by it (see expr_literals), those that begin
 * with a regular expression by what it said of that value before (see
 * expr_first), and others are asked one by one.
 */
bool rules_decide(struct rules *, const struct message *m,
    struct rules_verdict *);
/* Is this rule, of the set or not, true of m? */
bool rule_matches(const struct rule *, const struct message *m);

/* What the kernel can decide of the rules that drop. */
struct rules_leave {
	struct leave_set set;
	struct rule *rule[LEAVE_TERMS];	/* of each term, until the next change
					   of the rules */
};

/* Decided by the kernel, a TCP connection is left out by the rule that would
   have dropped it, and no other rule would have been true of it before that
   was so.  cgroup: as in struct expr_aim. */
void rules_leave(struct rules *, uint64_t (*cgroup)(void *arg, struct str path),
    void *arg, struct rules_leave *);
/* Counts for the rules what the kernel has counted since the last call; the
   sum. */
uint64_t rules_leave_count(struct rules_leave *, const struct leave_set *now);

/* In the order in which they are asked. */
size_t rules_count(const struct rules *);
const struct rule *rules_at(const struct rules *, size_t);
/* SHA-256 of what decides, 64 hex digits; of an empty set too. */
const char *rules_hash(const struct rules *);

/*
 * Adds the rules of a text as a file of rules.d/ has it (a single one may be
 * without its dash; JSON is YAML too) in front of the others.  All of them,
 * or none and -1: *why says `name:line:column: what`.
 */
int rules_add(struct rules *, const char *name, const char *yaml, size_t n,
    struct buf *why);
/* Takes one away that was added.  -1: *why. */
int rules_remove(struct rules *, const char *name, struct buf *why);
/*
 * After a reload: moves what was added to the old set, and what was counted
 * for rules that are as they were, to the new one.  -1: no memory, and both
 * are as before.  The old one is then to be freed.
 */
int rules_move(struct rules *new, struct rules *old);
/*
 * `NAME=COUNT; NAME=COUNT`: the rules of this action, and for how many
 * messages it was taken since it was last asked for, those with the most
 * first; ends with "; ..." if not all fit.
 */
void rules_tell(struct rules *, enum rule_action, struct buf *);

#endif
