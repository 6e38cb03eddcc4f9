/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of many logs in which something is said: which files can matter,
 * then a scan for up to many thousand needles at once, on all processors.
 * What is found is a line; whether it really is a message that says so is
 * for reader.h to tell.  Nothing in a log is fatal: what cannot be used is
 * counted and named.
 */
#ifndef PIDTREED_SEARCH_H
#define PIDTREED_SEARCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

#define SEARCH_LOGS	LOCALSTATEDIR "/log/pidtreed"
#define SEARCH_DEPTH	16	/* directories below one that is searched */
/*
 * How much later than its TIMESTAMP a message may have reached a file (what
 * waited in a forwarder's queue), and how far ahead of the clock of who wrote
 * the file a host's may be: a file is left out of a window only beyond.
 */
#define SEARCH_LATE	(7 * 86400 * INT64_C(1000000))	/* us */
#define SEARCH_SKEW	(86400 * INT64_C(1000000))

struct search;

enum search_what {
	SEARCH_PARAM,		/* name="value" */
	SEARCH_GENERATION,	/* the same of any process of the line: name,
				   name1, name2 ... */
	SEARCH_NET,		/* name="address", the address in net/bits */
	SEARCH_MSGID,		/* messages of this MSGID: value, or all */
	SEARCH_TEXT,		/* these bytes anywhere in a line, 4 at least;
				   not as cheap: no more than a few */
};

/* One thing to look for; what is not set does not matter. */
struct search_needle {
	enum search_what what;
	const char *name;	/* "dst"; a constant */
	struct str value;	/* as in struct message: without the escapes
				   of the line; an address in any spelling */
	struct in6_addr net;	/* IPv4 in the v4-mapped form */
	int bits;		/* of net: 0 to 128 (IPv4: 96 to 128) */
	int64_t since, until;	/* us since 1970, both included; 0: no limit.
				   Of the line's TIMESTAMP; a line without a
				   readable one counts */
};

struct search_hit {
	const char *file;	/* "standard input" for "-" */
	uint64_t offset;	/* of the line in the (decompressed) text */
	const char *line;	/* without newline; JSON as it was */
	size_t n;
	const uint32_t *needle;	/* numbers of those that hit, ascending */
	size_t nneedles;
};

/*
 * What to do with a hit; borrowed until it returns.  `check', if there is
 * one, is asked first by the searching threads, many at a time: thread is
 * below search_threads(); false drops the line.  `found' gets the rest in
 * the thread that called search_run, the file that changed last first, each
 * file's lines in their order.  Not 0 ends the search.
 */
struct search_calls {
	bool (*check)(void *arg, unsigned thread, const struct search_hit *);
	int (*found)(void *arg, const struct search_hit *);
	void *arg;
};

/* What could not be used. */
enum search_trouble {
	SEARCH_UNREADABLE,	/* errno in `error'; directories too */
	SEARCH_VANISHED,	/* and was not found under another name */
	SEARCH_DAMAGED,		/* gzip, from somewhere on */
	SEARCH_TOOLONG,		/* lines over LOGFILE_LINE: `count' */
	SEARCH_PACKED,		/* xz, zstd, bzip2: only gzip is read */
	SEARCH_DEEP,		/* a directory below SEARCH_DEPTH */
};

struct search_problem {
	enum search_trouble what;
	const char *file;
	int error;
	uint64_t count;
};

struct search_stats {
	uint64_t files;		/* searched */
	uint64_t excluded;	/* outside of every needle's window */
	uint64_t bytes;		/* of text, after decompression */
	uint64_t hits;		/* lines given to `found' */
	uint64_t toolong;	/* lines over LOGFILE_LINE */
	bool interrupted;	/* by search_interrupt, or by `found' */
};

/* NULL: no memory. */
struct search *search_new(void);
/*
 * Adds logs: a file, a directory with all below it (no symbolic link to a
 * directory is followed, nothing hidden), a glob(7) pattern, "-".  A file
 * that was added under another name is not added again.  -1 with errno;
 * ENOENT: nothing of that name.
 */
int search_log(struct search *, const char *path);
/* The number of this needle, from 0; the same needle has the same.  -1 with
   errno, EINVAL if it cannot be one.  Value is copied. */
int search_needle(struct search *, const struct search_needle *);
/* Without needles again, the files stay. */
void search_forget_needles(struct search *);
/*
 * Looks for all needles; may be called again, also with others.  "-" is kept
 * in a temporary file for that, unless it is a file.  0; -1 with errno: no
 * memory, no thread.
 */
int search_run(struct search *, const struct search_calls *);
unsigned search_threads(const struct search *);
/* As many threads, each taking so many bytes of a text at once; 0: as is
   best. */
void search_tune(struct search *, unsigned threads, uint64_t part);
/* Of the last run. */
const struct search_stats *search_stats(const struct search *);
const struct search_problem *search_problems(const struct search *, size_t *n);
/* The problems for a person: a line each on standard error. */
void search_say_problems(const struct search *);
void search_free(struct search *);

/*
 * For sigaction(2), without SA_RESTART: the search that runs ends soon, and so
 * do later ones.
 */
void search_interrupt(int signo);

#endif
