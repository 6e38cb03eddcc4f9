/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where four bytes occur in a text, sixteen places looked at at once with the
 * compiler's vectors.  glibc's memmem is half as fast for what is short and
 * occurs in every line.
 */
#ifndef PIDTREED_SEARCH_FIND_H
#define PIDTREED_SEARCH_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FIND_BYTES	4	/* of a text, at least */
#define FIND_STEP	64	/* bytes looked at in one go */

typedef uint8_t find_vector __attribute__((vector_size(16)));
typedef uint64_t find_words __attribute__((vector_size(16)));

static inline find_vector
find_load(const char *p)
{
	find_vector v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline find_vector
find_splat(char c)
{
	return (find_vector){ 0 } + (uint8_t)c;
}

/* Which of the places p[0..15] look like it: 0xff; p[18] is the last byte
   that may be read. */
typedef find_vector find_mask(const find_vector *what, const char *p);

static inline __attribute__((always_inline)) uint64_t
find_bits(const find_vector m[4])
{
	const find_words bit = { 0x8040201008040201, 0x8040201008040201 };
	uint64_t bits = 0;
	int i, j;

	/* The eight bytes of a word, 0 or 0xff, become the bits of one: each
	   has its bit, and the product adds them up at the top. */
	for (i = 3; i >= 0; i--)
		for (j = 1; j >= 0; j--) {
			find_words w = (find_words)m[i] & bit;

			bits = bits << 8 |
			    w[j] * 0x0101010101010101 >> 56;
		}
	return bits;
}

/* Calls found(arg, place) for each place in [p, end) that has the mask, in
   order; the last ones, which are less than a step, are not looked at: returns
   the first of them. */
static inline __attribute__((always_inline)) const char *
find_all(const char *p, const char *end, find_mask *mask,
    const find_vector *what, void (*found)(void *arg, const char *place),
    void *arg)
{
	for (; end - p >= FIND_STEP + FIND_BYTES; p += FIND_STEP) {
		find_vector m[4] = { mask(what, p), mask(what, p + 16),
		    mask(what, p + 32), mask(what, p + 48) };
		find_words any;
		uint64_t bits;

		any = (find_words)(m[0] | m[1] | m[2] | m[3]);
		if ((any[0] | any[1]) == 0)
			continue;
		for (bits = find_bits(m); bits != 0; bits &= bits - 1)
			found(arg, p + __builtin_ctzll(bits));
	}
	return p;
}

#endif
