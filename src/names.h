/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User names, from a helper process that alone calls NSS: a name service
 * that hangs costs no event, only names.
 */
#ifndef PIDTREED_NAMES_H
#define PIDTREED_NAMES_H

#include <stdint.h>

struct names;

/* Forks the helper; call before anything else is opened.  The helper
   leaves root as the given user (NULL: stays) and ends with the collector. */
struct names *names_open(const char *user);
/* The name of uid or NULL (none, or not known in time).  Waits at most
   budget_us of *budget_us for an answer and subtracts what it used; the
   caller sets 50,000 per message.  Borrowed until the next call. */
const char *names_get(struct names *, uint32_t uid, int64_t *budget_us);
void names_close(struct names *);

#endif
