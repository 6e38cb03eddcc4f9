/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of exclude or include: a prefix and which of its ports are
   logged. */
#ifndef PIDTREED_RULE_H
#define PIDTREED_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"
#include "prefix.h"

struct rule {
	struct prefix prefix;
	bool log;		/* logged: ports if log, all others if not */
	bool all;		/* ports is not looked at: all of them */
	struct portset ports;
};

/* PREFIX, PREFIX except PORTS, PREFIX only PORTS.  -1: *why says what is
   wrong and what was expected. */
int rule_parse(struct rule *, const char *, bool include, struct buf *why);
/* Works `ports` into the rule, for when it is not looked at afterwards. */
void rule_fold(struct rule *, const struct portset *admitted);
/* Makes the rule log this port too. */
void rule_admit(struct rule *, uint16_t port);

#endif
