/* SPDX-License-Identifier: BSD-2-Clause */
#define LOOP_PORT	4242	/* in a network namespace of its own */
