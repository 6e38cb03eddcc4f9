/* SPDX-License-Identifier: BSD-2-Clause */
/* The monotonic clock, for waiting; never for a message's time. */
#ifndef PIDTREED_CLOCK_H
#define PIDTREED_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static inline int64_t
clock_ms(void)
{
	return clock_us() / 1000;
}

#endif
