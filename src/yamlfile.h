/* SPDX-License-Identifier: BSD-2-Clause */
/* One YAML file as a row of events, of which the options need few kinds. */
#ifndef PIDTREED_YAMLFILE_H
#define PIDTREED_YAMLFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "buf.h"

struct yamlfile {
	const char *name, *text;	/* the caller's */
	size_t n;
	yaml_parser_t parser;
	yaml_event_t ev;	/* the current one */
	unsigned depth;		/* of mappings and sequences */
	unsigned troubles;
	bool over;		/* the end, or not worth going on */
	bool form;		/* only whether it is YAML is of interest */
	struct buf *said;	/* the first complaint; NULL: all of them go
				   to log_error */
};

/*
 * Is it YAML at all?  If not, that is the only complaint: what else there
 * may be wrong follows from it too often.
 */
bool yamlfile_valid(const char *name, const char *text, size_t n,
    struct buf *said);
/* ev is the stream's start.  -1 after a complaint: no memory. */
int yamlfile_open(struct yamlfile *, const char *name, const char *text,
    size_t n, struct buf *said);
void yamlfile_close(struct yamlfile *);
/* To the next event.  Anchors, aliases and tags are complained about. */
void yamlfile_next(struct yamlfile *);
/* Past the end of the node that the current event begins. */
void yamlfile_skip(struct yamlfile *);
/* The current event as a string, borrowed; NULL: not a scalar, or NUL in it. */
const char *yamlfile_scalar(const struct yamlfile *);
/* `key:` with nothing after it. */
bool yamlfile_nothing(const struct yamlfile *);
/* One line, for the current event if no mark is given; after too many the
   file is given up. */
void yamlfile_complain(struct yamlfile *, const yaml_mark_t *, const char *,
    ...) __attribute__((format(printf, 3, 4)));
/* `file:line:column`, likewise; to be freed; NULL: no memory. */
char *yamlfile_place(const struct yamlfile *, const yaml_mark_t *);

#endif
