/* SPDX-License-Identifier: BSD-2-Clause */
/* An expression as what the kernel can decide of a TCP connection. */
#ifndef PIDTREED_EXPR_TERMS_H
#define PIDTREED_EXPR_TERMS_H

#include <stddef.h>

#include "expr.h"
#include "leaveout.h"

struct expr_aim {
	bool certain;		/* else: what is possible */
	/* The id of the control group with this path; 0: not known. */
	uint64_t (*cgroup)(void *arg, struct str path);
	void *arg;
};

/*
 * Terms of which one at least is true of each connection that the expression
 * is true of (possible); or of which none is true of any other (certain).
 * Returns how many; *exact: both hold.
 */
size_t expr_terms(const struct expr *, const struct expr_aim *,
    struct leave_term[LEAVE_TERMS], bool *exact);
/* Can there be a connection that both are true of? */
bool expr_terms_meet(const struct leave_term *, const struct leave_term *);

#endif
