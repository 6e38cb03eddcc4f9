/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a log could not be used; see skipped.h. */
#include "skipped.h"

#include <inttypes.h>

#include "log.h"

void
skipped(const struct logfile *lf, const struct reader_stats *r)
{
	const struct logfile_stats *l = logfile_stats(lf);
	const char *name = logfile_name(lf);

	if (r->foreign != 0)
		log_info("%s: %" PRIu64 " lines of other programs skipped",
		    name, r->foreign);
	if (r->bare != 0)
		log_warn("%s: %" PRIu64 " lines without header or structured "
		    "data skipped: RSYSLOG_SyslogProtocol23Format keeps them",
		    name, r->bare);
	if (r->malformed != 0)
		log_warn("%s:%" PRIu64 ": offset %zu: %s (%" PRIu64
		    " malformed lines skipped)", name, r->at_line, r->at,
		    r->why, r->malformed);
	if (l->toolong != 0)
		log_warn("%s: %" PRIu64 " lines over %d bytes skipped", name,
		    l->toolong, LOGFILE_LINE);
	if (l->damaged)
		log_warn("%s: gzip data damaged or cut off: "
		    "what follows is missing", name);
	if (l->torn && r->malformed != 0)
		log_warn("%s: the last line is incomplete", name);
}
