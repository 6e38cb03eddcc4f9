/* SPDX-License-Identifier: BSD-2-Clause */
/* What pidtree act says on standard error: bounded, and what was left out is
   counted. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "act_impl.h"
#include "buf.h"
#include "log.h"

#define LINES		200	/* in */
#define WHILE_MS	10000

int64_t
act_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

int64_t
act_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static bool
may_say(struct act_say *s)
{
	int64_t now = act_now_ms();

	if (s->lines == 0 || now - s->since >= WHILE_MS) {
		if (s->left_out > 0)
			log_warn("act: %" PRIu64 " lines like the last ones "
			    "left out", s->left_out);
		*s = (struct act_say){ .since = now };
	}
	if (s->lines < LINES) {
		s->lines++;
		return true;
	}
	s->left_out++;
	return false;
}

void
act_tell(struct act *a, const char *fmt, ...)
{
	char line[1536];
	va_list ap;

	if (!may_say(&a->say))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_info("act: %s", line);
}

void
act_summary(struct act *a)
{
	static const char *const doc[] = {
#define X(name, text) text,
	ACT_COUNTS(X)
#undef X
	};
	char line[1024];
	struct buf b;
	size_t i;

	buf_init(&b, line, sizeof(line));
	for (i = 0; i < ACT_NCOUNTS; i++)
		if (i == ACT_lines || a->count[i] > 0)
			buf_addf(&b, "%s%" PRIu64 " %s", i == 0 ? "" : "; ",
			    a->count[i], doc[i]);
	if (a->say.left_out > 0)
		buf_addf(&b, "; %" PRIu64 " lines left out here",
		    a->say.left_out);
	if (buf_cstr(&b) != NULL)
		log_info("act: %s", line);
}
