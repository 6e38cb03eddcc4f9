/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of JSON (RFC 8259), a byte at a time: where in a stream values
 * begin and end, and which byte cannot be.  A value here is what follows
 * another in the stream, an element of a list, or of the list in an object
 * that is an envelope of them (its members "Findings", "Records" ...).
 */
#ifndef PIDTREED_JSONSTEP_H
#define PIDTREED_JSONSTEP_H

#include <stdbool.h>
#include <stddef.h>

#define JSONSTEP_DEPTH	32		/* of nesting, at most */

enum jsonstep_result {
	JSONSTEP_MORE,
	JSONSTEP_BEGIN,		/* with this byte a value begins */
	JSONSTEP_END,		/* with this byte it ends */
	JSONSTEP_BEFORE,	/* it ended before this byte: give it again */
	JSONSTEP_ENVELOPE,	/* it was none, but has them in a list */
	JSONSTEP_BAD,		/* see `expected` */
};

enum jsonstep_state {		/* what may come next */
	STEP_VALUE,
	STEP_FIRST_VALUE,	/* or ] */
	STEP_FIRST_NAME,	/* or } */
	STEP_NAME,
	STEP_COLON,
	STEP_AFTER,		/* a comma, or what closes */
	STEP_STRING, STEP_ESCAPE, STEP_LITERAL,
};

/* All zero at the start. */
struct jsonstep {
	enum jsonstep_state state;
	const char *expected;
	unsigned depth;		/* brackets that are open */
	bool in_value;
	unsigned outside;	/* depth of what the value is in */
	bool is_name;		/* STEP_STRING: of a member */
	struct {
		char close;	/* ] or } */
		char role;
	} level[JSONSTEP_DEPTH + 1];
	struct jsonstep_word {
		size_t n;	/* sizeof(s): too long */
		char s[40];
	} word;			/* name of a member; true, null, a number */
};

enum jsonstep_result jsonstep(struct jsonstep *, char);
/* The end of the stream: MORE (nothing is open), BEFORE or BAD. */
enum jsonstep_result jsonstep_end(struct jsonstep *);
/* Leaves what is damaged: the value, or with depth 0 everything. */
void jsonstep_leave(struct jsonstep *, unsigned depth,
    enum jsonstep_state);

#endif
