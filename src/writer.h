/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the writer share: rfc5424.c, budget.c, sentence.c. */
#ifndef PIDTREED_WRITER_H
#define PIDTREED_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emit.h"
#include "fields.h"
#include "message.h"
#include "rfc5424.h"
#include "text.h"

/* A parameter without its value, a number, a time, an address: written after
   one look at the end. */
#define WRITER_SLACK	128

/* What is left out of a message that would be too long.  Sizes are bytes of a
   value as written, at most RFC5424_VALUE. */
struct plan {
	uint16_t cmd[GENERATIONS], exe[GENERATIONS];	/* of ancestors */
	uint16_t rest;			/* any other value */
	bool born, chain;		/* of ancestors; and the sentence's */
	uint8_t from, to;		/* gen[from] to gen[to - 1] are out */
};

struct writer {
	const struct message *m;
	const struct plan *plan;
	char *p, *end;			/* WRITER_SLACK bytes are behind end */
	const struct field *generation;	/* the first row of one, when passed */
	bool full;
	bool open;			/* the element has been begun */
	bool cut;			/* the last value was cut */
	char *base;			/* measuring: all is written here */
	size_t total, most;		/* and counted, until it is too much */
	char names[1024];		/* of what was cut: "cmd,cmd2" */
	size_t nnames;
	struct text_day day;
	char tag[24];			/* `12="`: behind the names of gen[i] */
	uint8_t ntag;
};

extern const struct plan writer_whole;	/* nothing is left out */

/* Plans what to leave out so that the message fits; w->m is set. */
void budget_plan(struct writer *w, struct plan *);

void writer_init(struct writer *, const struct message *, const struct plan *,
    char out[RFC5424_MAX]);
/* From here on what is written is only counted, in total; full means that
   it is more than most. */
void writer_measure(struct writer *, size_t most);
void writer_message(struct writer *);
/* A field of the struct at p; strings of at most size bytes. */
void writer_field(struct writer *, const struct field *, const void *p,
    int64_t dist, size_t size);
void writer_uint(struct writer *, const struct field *, int64_t dist,
    int64_t v);
void writer_str(struct writer *, const struct field *, int64_t dist,
    const struct str *s, size_t size);
/* Names of fields end in the distance from now on, unless it is 0. */
void writer_tag(struct writer *, int64_t dist);
/* ` name="` or ` name12="`, in front of the first `[event@32473`; and the
   end of it. */
void writer_begin(struct writer *, const struct field *, int64_t dist);
void writer_finish(struct writer *);
/* Notes for `truncated`, and looks in such a list. */
void writer_note(struct writer *, const char *name, int64_t dist);
bool writer_listed(const struct str *list, const char *name, size_t n);
/* s, as how says, in at most size bytes, else cut; without name. */
void writer_value(struct writer *, const struct str *s, enum emit how,
    size_t size);
/* Constant text, number: no look at the end, keep to WRITER_SLACK between
   two writer_settle. */
void writer_text(struct writer *, const char *);
void writer_number(struct writer *, uint64_t);
void writer_settle_slow(struct writer *);
/* Here the end is looked at. */
static inline void
writer_settle(struct writer *w)
{
	if (w->base != NULL || w->p > w->end)
		writer_settle_slow(w);
}

bool writer_addr_known(const struct message *, const struct in6_addr *);

/* comm(pid)<comm(pid)...; the value of `chain`. */
void sentence_chain(struct writer *);
/* What a person reads at the end of the line. */
void sentence(struct writer *);

#endif
