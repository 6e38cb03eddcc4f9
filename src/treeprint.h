/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection as a person reads it: who, where to, and the line of
   processes behind it, from the first ancestor down to the caller. */
#ifndef PIDTREED_TREEPRINT_H
#define PIDTREED_TREEPRINT_H

#include "message.h"
#include "term.h"

void treeprint(struct term *, const struct message *);
/* The processes alone; on a terminal at most so many lines, each with as much
   of the command line as fits. */
void treeprint_short(struct term *, const struct message *, size_t most);
/* Is it a message with an ancestry of its own?  The others are a line. */
static inline bool
treeprint_has(const struct message *m)
{
	return m->id == MSG_CONNECT || m->id == MSG_UDP ||
	    m->id == MSG_DIGEST || m->id == MSG_LISTEN ||
	    m->id == MSG_DNS || m->id == MSG_EXEC ||
	    m->id == MSG_READLINE || m->id == MSG_CAPABLE ||
	    m->id == MSG_OPEN || m->id == MSG_ESCAPE ||
	    m->id == MSG_ACCEPT;
}

#endif
