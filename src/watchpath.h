/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of files whose opens are looked for, as open.paths has them. */
#ifndef PIDTREED_WATCHPATH_H
#define PIDTREED_WATCHPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"

extern const char *const watchpath_default[];	/* NULL at the end */

/* Absolute, of names and *, the last one a name. */
bool watchpath_is(const char *);
/* Are the n bytes at path it, or below it?  Both are absolute. */
bool watchpath_has(const char *watched, const char *path, size_t n);
/* What the kernel knows it by; parent is empty if it is any. */
void watchpath_key(const char *watched, struct watch_key *);
/* Where a path without * leads now, if that is somewhere else; malloc'd, or
   NULL. */
char *watchpath_real(const char *watched);
/* The n bytes at path, without ., .. and what is twice between names; *n is how
   many are left. */
void watchpath_tidy(char *path, size_t *n);

#endif
