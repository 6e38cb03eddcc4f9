/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of the wire (event.h): questions of DNS, and the answers to them. */
#ifndef PIDTREED_WIRE_DNS_H
#define PIDTREED_WIRE_DNS_H

#include "wire_process.h"

#define DNS_NAMES	16384	/* that are counted, of all lineages */
#define DNS_PENDING	4096	/* attempts that are questions */
#define DNS_RING	(512 * 1024)
#define DNS_QUESTION	272	/* header, name of 255 bytes, type, class */
#define DNS_ANSWER	1232	/* bytes of an answer that are looked at; what
				   resolvers ask for by default today */

/* What goes with an attempt that is a question. */
struct dns_exchange {
	__u64 id;		/* of the attempt */
	__u16 question_len;	/* header and question, as they were sent */
	__u16 answer_len;	/* 0: none came */
	__u16 answer_whole;	/* bytes that it had */
	__u16 many;		/* 1: it stands for many names */
	__u8 question[DNS_QUESTION];
	__u8 answer[DNS_ANSWER];
};

/* Each answer, for the names of addresses; in a ring of its own. */
struct dns_answer {
	struct proc_key owner;	/* who asked */
	__u64 time;		/* ns since boot */
	__u32 len;
	__u32 pad;
	__u8 packet[];
};

_Static_assert(sizeof(struct dns_exchange) == 16 + DNS_QUESTION + DNS_ANSWER,
    "dns_exchange");
_Static_assert(sizeof(struct dns_answer) == 32, "dns_answer");

#endif
