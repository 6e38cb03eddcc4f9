/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the search share; see search.h. */
#ifndef PIDTREED_SEARCH_IMPL_H
#define PIDTREED_SEARCH_IMPL_H

#include <sys/types.h>

#include "search.h"
#include "search_keys.h"

#define SEARCH_THREADS	16	/* at most */

enum anchor_kind {
	ANCHOR_PARAM, ANCHOR_GENERATION, ANCHOR_MSGID, ANCHOR_TEXT
};

/* A text in front of all values of many needles: it is what is scanned for,
   then the value behind it is looked up. */
struct anchor {
	char *text;		/* ` dst="' */
	size_t n;
	size_t look;		/* text[look + 1] to [look + 3] are rare */
	enum anchor_kind kind;
	struct keys values;
	struct keys nets;	/* masked address, then a byte: the bits */
	uint8_t bits[129];	/* which lengths nets has */
	size_t nbits;
};

struct window {
	int64_t since, until;	/* 0: no limit */
};

struct needles {
	struct anchor *anchor;
	size_t nanchors;
	struct window *window;	/* of each needle */
	size_t n;
	bool windows;		/* one at least has a limit */
};

int needles_add(struct needles *, const struct search_needle *);
void needles_clear(struct needles *);
/* Is there a needle that a line of this time (NUM_NONE: any) can hit? */
bool needles_in_window(const struct needles *, uint32_t needle, int64_t time);

/* Calls hit(arg, needle) for each needle whose anchor ends at p. */
void anchor_match(const struct anchor *, const char *p, const char *end,
    needle_hit *hit, void *arg);

/* A scanner of blocks of whole lines; one for each thread. */
struct scan;

/* A line that hit: false ends the scan of the block. */
typedef bool scan_hit(void *arg, const struct search_hit *);

struct scan *scan_new(const struct needles *);
/* Which needles matter in what is scanned next, for the caller to fill in;
   NULL: all do, for none has a window. */
bool *scan_matters(struct scan *);
/* offset is that of the block in its text.  -1: no memory, or ended. */
int scan_block(struct scan *, const char *, size_t n, uint64_t offset,
    scan_hit *hit, void *arg);
void scan_free(struct scan *);

/* JSON's escapes taken out of a line; out has room for n bytes; the length. */
size_t json_unescape(char *out, const char *line, size_t n);
/* Does record_find take this line for JSON? */
bool json_line(const char *line, const char *end);
/* TIMESTAMP of the message in a line, us; NUM_NONE: none was found. */
int64_t line_time(const char *line, size_t n);

struct found_file {
	char *path;
	uint64_t size;		/* bytes in the file system */
	int64_t changed;	/* mtime, us */
	dev_t dev;
	ino_t ino;
	int fd;			/* kept open, or -1: it is read in parts, or is
				   the copy of what can be read only once */
	unsigned parts;		/* being searched */
	bool named;		/* by the user, not found in a directory */
	bool once;		/* not a regular file */
	bool done;		/* in this run */
	bool missed;		/* its name is another's now */
};

struct files {
	struct found_file *file;
	size_t n, size;
	char **log;		/* what was asked for */
	size_t nlogs;
	struct search_problem *problem;
	size_t nproblems;
};

int files_add(struct files *, const char *path);
/* Looks again for what was asked for: files that were rotated or are new. */
int files_again(struct files *);
/* Copies what can be read only once. */
int files_copy(struct files *);
int files_problem(struct files *, enum search_trouble, const char *path,
    int error, uint64_t count);
void files_free(struct files *);

/* A new descriptor of a file as it was listed: ESTALE if its name is
   another's now. */
int file_open(const struct found_file *);
const char *file_name(const struct found_file *);
/* Can lines of it be in the window of each needle, of any? */
bool file_can_matter(const struct needles *, const struct found_file *,
    bool *matters);

/* Signal-safe: set once, for good. */
bool search_interrupted(void);

/*
 * One round over all files that are not done, on all processors.  -1 with
 * errno.  *missed: files whose name is another's now.
 */
int search_round(struct files *, const struct needles *,
    const struct search_calls *, unsigned nthreads, uint64_t part,
    struct search_stats *, size_t *missed);

/* What a person at a terminal sees after a second. */
struct progress {
	bool on, shown;
	int64_t next_ms;	/* of CLOCK_MONOTONIC: when to say more */
};

void progress_start(struct progress *);
void progress_say(struct progress *, const struct search_stats *,
    size_t files);
void progress_end(struct progress *);

#endif
