/* SPDX-License-Identifier: BSD-2-Clause */
/* What lineage.c and lineage_walk.c share. */
#ifndef PIDTREED_LINEAGE_IMPL_H
#define PIDTREED_LINEAGE_IMPL_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "filepath.h"
#include "lineage.h"
#include "message.h"
#include "names.h"

#define ASKED	8			/* names of each kind */

struct lineage {
	const struct conf *conf;
	struct known *known;
	struct execution *execution;
	struct opening *opening;
	struct names *names;
	struct boxes *boxes;
	struct filepath_host host;
	char boot[17];
	uint32_t netns;			/* our own */
	int64_t offset;			/* of the message in work */
	int64_t budget;			/* for names, us */
	struct asked {			/* the last ones */
		int64_t id;
		struct str name;
	} asked[NNAMES][ASKED];
	size_t nasked[NNAMES];
	size_t generations;		/* walked so far */
	char comm[GENERATIONS][COMM_LEN];	/* of those that stay */
	int64_t counter[NUCOUNTERS];
	struct buf text;		/* strings of the message in work */
	char mem[16384];
};

/* A copy that lives as long as the message; s NULL: no room. */
struct str lineage_keep(struct lineage *, const char *s, size_t n);
struct str lineage_keep_comm(struct lineage *, const char *comm);

/* Generations of the message, nearest first. */
void lineage_add_caller(struct lineage *, const struct attempt *,
    struct message *);
/*
 * The line of birth: each parent from the record of its child.  Of those who
 * live the event knows best how they are, of the others their record.  Where
 * nobody knows a parent, the line goes on with the living.
 */
void lineage_add_ancestors(struct lineage *, const struct attempt *,
    struct message *);
/* Who took over the nearest process whose parent by birth had gone. */
void lineage_set_adopter(struct lineage *, const struct attempt *,
    struct message *);

#endif
