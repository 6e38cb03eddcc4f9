/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of users and groups, from a helper process that alone calls NSS: a
 * name service that hangs costs no event, only names.  Answers are kept for
 * 10 minutes, failures for one; when a known name cannot be looked up again,
 * it stays.
 */
#ifndef PIDTREED_NAMES_H
#define PIDTREED_NAMES_H

#include <stdint.h>
#include <sys/types.h>

struct names;

/* Of which ids. */
enum name_of { NAME_OF_USER, NAME_OF_GROUP, NNAMES };

/* Forks the helper; call before anything else is opened.  The helper
   leaves root as the given user (NULL: stays) and ends with the collector.
   NULL with errno (ENOENT: no such user).  Borrows user. */
struct names *names_open(const char *user);
/* The machine's own (/etc/passwd, /etc/group) are known at once: after a start
   under load the first answers would come too late.  NSS is asked when these
   run out, as for any name. */
void names_learn_local(struct names *);
/*
 * The name of the user or group id, or NULL (none, or not known in time).
 * Waits at most *budget_us for an answer and subtracts what it used; the
 * caller sets 50,000 per message.  For a name that was not known in time
 * nobody waits again for a minute; an answer that comes late is used from
 * then on.  Borrowed until the next call.
 * A helper that died is said (log_warn) and started again, at most once a
 * minute: as whoever the collector is by then, without capabilities.
 */
const char *names_get(struct names *, enum name_of, uint32_t id,
    int64_t *budget_us);
pid_t names_pid(const struct names *);	/* the helper's; -1: none now */
void names_close(struct names *);

#endif
