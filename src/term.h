/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output of the command.  Everything that is printed goes through one
 * function here, which lets no control character of a logged value pass: not
 * C0, DEL or C1, nothing that reorders, hides or breaks a line.  They are
 * shown as \xHH (bytes that are not UTF-8, and C0) or \uHHHH.
 */
#ifndef PIDTREED_TERM_H
#define PIDTREED_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "message.h"

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

enum style {
	STYLE_PLAIN,
	STYLE_STRONG,		/* what one looks for */
	STYLE_FAINT,		/* what repeats */
	STYLE_NOTE,		/* unusual */
	STYLE_BAD,		/* something is missing or failed */
};

#define WIDTH_AUTO	(-1)

struct term {
	FILE *out;
	bool colour, utf8;
	unsigned width;		/* columns; 0: lines are never broken */
	unsigned indent;	/* of the lines after a break */
	unsigned column;	/* where the next character goes */
	unsigned blanks;	/* held back: they go at a break */
	unsigned word_columns;
	size_t word_len;	/* held back: not to be broken if it fits */
	char word[1024];
};

/*
 * Colours and width are what out can show: none without a terminal, or as
 * asked.  Call setlocale(LC_CTYPE, "") before: without UTF-8 only ASCII is
 * written.
 */
void term_init(struct term *, FILE *out, enum colour, int width);
/* Writes out what is held back; -1 with errno if anything was not written. */
int term_flush(struct term *);
void term_style(struct term *, enum style);
/* Text of our own, and values. */
void term_puts(struct term *, const char *);
void term_put(struct term *, struct str);
void term_printf(struct term *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* A value that others chose, among text of ours: in quotes unless it is
   one plain word; "?" if it is not known. */
void term_word(struct term *, struct str);
/* At most so many columns (0: any); what is left out is counted. */
void term_put_cut(struct term *, struct str, unsigned columns);
/* Columns that term_put would take, without breaks. */
unsigned term_columns(const struct term *, struct str);
void term_pad(struct term *, unsigned column);	/* blanks up to column */
/* Lines after a break begin where the next character would go now, or at
   half the width; until the newline. */
void term_indent(struct term *);
void term_newline(struct term *);
/* A JSON string, quotes included; with `escape` the value as the log has it,
   escaped by text_escape. */
void term_json(struct term *, struct str, bool escape);
/* JSON that somebody else wrote, without white space between: as it is, but
   in its strings nothing that drives a terminal. */
void term_json_text(struct term *, struct str);

#endif
