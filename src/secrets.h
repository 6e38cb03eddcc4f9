/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the secrets are in a command line: the built-in rules. */
#ifndef PIDTREED_SECRETS_H
#define PIDTREED_SECRETS_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

#define MARKS	64

struct mark {
	size_t from, to;	/* offsets into the arguments */
};

/* What is to be replaced, in order and apart from each other. */
struct marks {
	struct mark v[MARKS + 1];	/* one more while adding */
	size_t n;
};

/* Marks what is from s[from] to s[to]; no mark goes over a NUL, but when
   there are too many the last two become one. */
void marks_add(struct marks *, const char *s, size_t from, size_t to);

/* A cheap look: false if no rule can match. */
bool secrets_possible(const char *s, size_t n);
/* Arguments as of redact_args. */
void secrets_find(struct marks *, const char *s, size_t n);

/* For secrets.c, secrets_word.c, secrets_form.c. */
struct text {
	struct marks *marks;
	const char *s;
	size_t n;
	bool cut;		/* the end is perhaps not the true one */
};

/* A part of the text that is looked at as one. */
struct word {
	size_t from, to;
	bool script;		/* a shell will expand it */
	bool whole;		/* if it begins with `name=`, the rest of it
				   is the value */
};

/* Takes one pair of quotes around the word off. */
void secrets_unquote(const struct text *, struct word *);
/* Marks the whole word or, if sep is not NUL, what follows the first sep in
   it; quotes around it stay, and what a shell will replace. */
void secrets_mark(struct text *, struct word, char sep);
/* Marks what shows by itself that it is a secret; true if it goes on in the
   next word. */
bool secrets_in_word(struct text *, const struct word *);
/* A word of a script, that was looked at as a whole: name=value alone. */
void secrets_in_assignment(struct text *, struct word);
/* The name that begins at i; what it announces is marked.  Its end. */
size_t secrets_take_name(struct text *, const struct word *, size_t i);
static inline bool
secrets_in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}
/* Does the name from s to end end like one of a secret?  *part: its last
   word only, as in db_pass. */
bool secrets_name(const char *s, const char *end, bool *part);

#endif
