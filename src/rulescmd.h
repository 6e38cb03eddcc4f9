/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree rules. */
#ifndef PIDTREED_RULESCMD_H
#define PIDTREED_RULESCMD_H

#include "rules.h"

int rulescmd_main(int argc, char *argv[]);

/* Writes the usage and ends the program. */
void rulescmd_help(void) __attribute__((noreturn));
/* The rules of these files, as if they were all of rules.d/; NULL: each
   trouble went to log_error. */
struct rules *rulescmd_read(char *const file[], size_t n);
/* pidtree rules test. */
int rulescmd_test(int argc, char *argv[]);
/* pidtree rules ls, add, rm: those of the running collector. */
int rulescmd_live(int argc, char *argv[]);

#endif
