/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of the configuration: which there are, and their text. */
#ifndef PIDTREED_CONFFILES_H
#define PIDTREED_CONFFILES_H

#include <stdbool.h>
#include <stddef.h>

/* What to do with one file's text; returns the number of troubles, after one
   line to log_error for each. */
typedef unsigned conffiles_fn(void *arg, const char *name, const char *text,
    size_t n);

/* All return the number of troubles.  A missing file is one only if `must`
   is set. */
unsigned conffiles_one(const char *path, bool must, conffiles_fn *, void *arg);
/* Standard input, whatever it is; its name is "-". */
unsigned conffiles_input(conffiles_fn *, void *arg);
/* Each *.yaml of a directory, in the order of the names' bytes; that there is
   no such directory is no trouble. */
unsigned conffiles_all(const char *dir, conffiles_fn *, void *arg);
/* The same of the directory of this name beside the file path. */
unsigned conffiles_beside(const char *path, const char *dir, conffiles_fn *,
    void *arg);

#endif
