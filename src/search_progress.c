/* SPDX-License-Identifier: BSD-2-Clause */
/* The line on a terminal by which a person sees that a search goes on. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "search_impl.h"

#define FIRST_MS	1000
#define EVERY_MS	200

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

void
progress_start(struct progress *p)
{
	p->on = isatty(STDERR_FILENO);
	p->shown = false;
	p->next_ms = p->on ? now_ms() + FIRST_MS : 0;
}

void
progress_say(struct progress *p, const struct search_stats *s, size_t files)
{
	if (!p->on || now_ms() < p->next_ms)
		return;
	p->next_ms = now_ms() + EVERY_MS;
	p->shown = true;
	fprintf(stderr, "\r%" PRIu64 " of %zu files, %.1f GB, %" PRIu64
	    " lines found\033[K", s->files + s->excluded, files,
	    (double)s->bytes / 1e9, s->hits);
	fflush(stderr);
}

/* Leaves the terminal as if nothing had been said. */
void
progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
