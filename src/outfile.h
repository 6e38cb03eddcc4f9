/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file, or standard output, that takes messages as lines.  A line is
 * there whole or not at all: what a full file system cut short is completed
 * later, and removed again if that cannot be.
 */
#ifndef PIDTREED_OUTFILE_H
#define PIDTREED_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "put.h"

struct outfile;

/*
 * While root: makes the file's directory if it is missing (not its parents)
 * and sees to it that `user` will be able to make new files in it when logs
 * have been rotated: owner user, group adm, mode 2750.  A directory that is
 * there already changes hands only if it is root's and holds this log and
 * its rotated predecessors alone.  Quiet: outfile_open finds out.
 */
void outfile_prepare(const char *path, const char *user);
/* NULL with errno.  Appends; made with mode 0640.  A half line at the end,
   left by a crash, is cut off: *cut says how many bytes. */
struct outfile *outfile_open(const char *path, size_t *cut);
/* Standard output; SIGPIPE is ignored from now on. */
struct outfile *outfile_stdout(void);
/* The message and a newline.  After PUT_WAIT and PUT_RETRY the same message
   has to come first. */
enum put outfile_put(struct outfile *, const char *msg, size_t len);
/* The file at the path, if that is another one by now or none: 1; 0: it is
   the same; -1 with errno: the old one stays in use. */
int outfile_reopen(struct outfile *);
/* To wait for with poll(2), or -1: it is a file. */
int outfile_fd(const struct outfile *);
void outfile_close(struct outfile *);

#endif
