/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One log, read in blocks of whole lines: plain or gzip (told by its first
 * bytes, not by its name), a file, a pipe or standard input.  Nothing in a
 * log is fatal: what cannot be used is skipped and counted.
 */
#ifndef PIDTREED_LOGFILE_H
#define PIDTREED_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOGFILE_LINE	(1 << 20)	/* bytes; a longer line is skipped */

struct logfile;

struct logfile_stats {
	uint64_t bytes;		/* of text, after decompression */
	uint64_t lines;		/* handed out by logfile_line */
	uint64_t toolong;	/* lines over LOGFILE_LINE */
	bool torn;		/* the last line has no newline */
	bool damaged;		/* gzip: what follows is unreadable */
};

/* path "-" is standard input.  NULL with errno; a directory is EISDIR. */
struct logfile *logfile_open(const char *path);
/* The same of what is open already; fd is the log's from now on. */
struct logfile *logfile_fdopen(int fd, const char *path);
/* Before anything was read: as text, from this byte on. */
int logfile_seek(struct logfile *, uint64_t offset);
/*
 * The next block: whole lines, each with its newline but perhaps the last of
 * the log.  Borrowed until the next call.  1; 0 at the end; -1 with errno.
 * After 0 it may be called again: a log can grow.
 */
int logfile_block(struct logfile *, const char **, size_t *);
/* Where in the text the last block began. */
uint64_t logfile_offset(const struct logfile *);
/* The next line, without its newline.  As above. */
int logfile_line(struct logfile *, const char **, size_t *);
/* A line without newline at the end is held back until it is complete. */
void logfile_follow(struct logfile *);
/*
 * Has the file of this name become another one, or shorter than what was
 * read?  Then the log was rotated: read to the end, close, open again.
 */
bool logfile_rotated(const struct logfile *);
const char *logfile_name(const struct logfile *);
const struct logfile_stats *logfile_stats(const struct logfile *);
void logfile_close(struct logfile *);

#endif
