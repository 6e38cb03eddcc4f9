/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where four bytes occur in a text, many places looked at at once with the
 * compiler's vectors, which are as wide as the function that all of this is
 * inlined into can have them.  glibc's memmem is half as fast for what is
 * short and occurs in every line.
 */
#ifndef PIDTREED_SEARCH_FIND_H
#define PIDTREED_SEARCH_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FIND_BYTES	4	/* of a text, at least */
#define FIND_STEP	64	/* bytes looked at in one go */
#define FIND_WIDE	32	/* bytes of a vector */
#define FIND_WORDS	(FIND_WIDE / 8)
#define FIND_VECTORS	(FIND_STEP / FIND_WIDE)

/* Where the processor has none so wide, the compiler takes two.  They go from
   function to function by pointer alone. */
typedef uint8_t find_vector __attribute__((vector_size(FIND_WIDE)));
typedef uint64_t find_words __attribute__((vector_size(FIND_WIDE)));

#define FIND_INLINE	static inline __attribute__((always_inline))

FIND_INLINE void
find_splat(find_vector *v, char c)
{
	*v = (find_vector){ 0 } + (uint8_t)c;
}

/* Which of the places p[0] to [FIND_WIDE - 1] look like it: 0xff; three bytes
   behind them may be read. */
typedef void find_mask(find_vector *mask, const find_vector *what,
    const char *p);

FIND_INLINE uint64_t
find_bits(const find_vector *m)
{
	const uint64_t bit = 0x8040201008040201;
	uint64_t bits = 0;
	int i, j;

	/* The eight bytes of a word, 0 or 0xff, become the bits of one: each
	   has its bit, and the product adds them up at the top. */
	for (i = FIND_VECTORS - 1; i >= 0; i--)
		for (j = FIND_WORDS - 1; j >= 0; j--)
			bits = bits << 8 | (((find_words)m[i])[j] & bit) *
			    0x0101010101010101 >> 56;
	return bits;
}

FIND_INLINE bool
find_any(const find_vector *m)
{
	find_words any = (find_words)m[0];
	uint64_t word = 0;
	int i;

	for (i = 1; i < FIND_VECTORS; i++)
		any |= (find_words)m[i];
	for (i = 0; i < FIND_WORDS; i++)
		word |= any[i];
	return word != 0;
}

/* Calls found(arg, place) for each place in [p, end) that has the mask, in
   order; the last ones, which are less than a step, are not looked at: returns
   the first of them. */
FIND_INLINE const char *
find_all(const char *p, const char *end, find_mask *mask,
    const find_vector *what, void (*found)(void *arg, const char *place),
    void *arg)
{
	for (; end - p >= FIND_STEP + FIND_BYTES; p += FIND_STEP) {
		find_vector m[FIND_VECTORS];
		uint64_t bits;
		int i;

		for (i = 0; i < FIND_VECTORS; i++)
			mask(m + i, what, p + i * FIND_WIDE);
		if (!find_any(m))
			continue;
		for (bits = find_bits(m); bits != 0; bits &= bits - 1)
			found(arg, p + __builtin_ctzll(bits));
	}
	return p;
}

#endif
