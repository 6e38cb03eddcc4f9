/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that ask a field for a regular expression before anything else, and
 * need nothing by which they could be found: which of them a value was good
 * for is remembered, as the same programs and users come again and again.
 */
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "fields.h"
#include "lookup_once.h"
#include "rules_impl.h"

#define SLOTS		256	/* values; a new one takes another's place */
#define LONGEST		512	/* bytes of a value that is remembered */

struct asks {
	uint32_t rule;
	const struct expr *expr;	/* the rule's */
};

/* A field, and who asks it. */
struct subject {
	const struct field *f;
	bool any;		/* of all processes */
	struct asks *asks;
	size_t n;
};

/* A value, behind the bits of the rules that go on with it. */
struct recalled {
	uint64_t hash;
	size_t subject, n;
	uint64_t bits[];
};

struct rules_recall {
	struct subject *subject;
	size_t nsubjects, words;	/* words: of bits, for all rules */
	struct recalled *slot[SLOTS];
};

static struct subject *
subject_of(struct rules_recall *c, const struct field *f, bool any)
{
	struct subject *more;

	for (size_t i = 0; i < c->nsubjects; i++)
		if (c->subject[i].f == f && c->subject[i].any == any)
			return c->subject + i;
	more = reallocarray(c->subject, c->nsubjects + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	c->subject = more;
	more += c->nsubjects++;
	*more = (struct subject){ .f = f, .any = any };
	return more;
}

int
rules_recall_add(struct rules_recall **at, uint32_t rule,
    const struct expr *expr, const struct field *f, bool any)
{
	struct rules_recall *c = *at;
	struct subject *s;
	struct asks *more;

	if (c == NULL)
		c = *at = calloc(1, sizeof(*c));
	if (c == NULL || (s = subject_of(c, f, any)) == NULL)
		return -1;
	if ((s->n & (s->n - 1)) == 0) {
		more = reallocarray(s->asks, s->n == 0 ? 1 : 2 * s->n,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		s->asks = more;
	}
	s->asks[s->n++] = (struct asks){ rule, expr };
	if (c->words < rule / 64 + 1)
		c->words = rule / 64 + 1;
	return 0;
}

static void
ask(const struct subject *s, struct str value, uint64_t *bits)
{
	for (size_t i = 0; i < s->n; i++)
		if (expr_first_matches(s->asks[i].expr, value))
			bits[s->asks[i].rule / 64] |=
			    UINT64_C(1) << s->asks[i].rule % 64;
}

static bool
is_of(const struct rules_recall *c, const struct recalled *r, uint64_t hash,
    size_t subject, struct str value)
{
	return r != NULL && r->hash == hash && r->subject == subject &&
	    r->n == value.n && memcmp(r->bits + c->words, value.s, r->n) == 0;
}

/* NULL: no memory. */
static struct recalled *
learn(const struct rules_recall *c, uint64_t hash, size_t subject,
    struct str value)
{
	struct recalled *r = calloc(1, sizeof(*r) +
	    c->words * sizeof(*r->bits) + value.n);

	if (r == NULL)
		return NULL;
	r->hash = hash;
	r->subject = subject;
	r->n = value.n;
	memcpy(r->bits + c->words, value.s, value.n);
	ask(c->subject + subject, value, r->bits);
	return r;
}

static void
recall(struct rules_recall *c, size_t subject, struct str value,
    uint64_t *maybe)
{
	uint64_t hash = once_hash(subject + 1, value.s, value.n);
	struct recalled **at = c->slot + hash % SLOTS, *r = *at;

	if (!is_of(c, r, hash, subject, value)) {
		r = value.n > LONGEST ? NULL : learn(c, hash, subject, value);
		if (r == NULL) {
			ask(c->subject + subject, value, maybe);
			return;
		}
		free(*at);
		*at = r;
	}
	for (size_t i = 0; i < c->words; i++)
		maybe[i] |= r->bits[i];
}

/* Of p, the message or a process. */
static void
recall_of(struct rules_recall *c, size_t subject, const void *p,
    uint64_t *maybe)
{
	const struct field *f = c->subject[subject].f;

	if (field_is_known(f, p))
		recall(c, subject, *field_str(f, p), maybe);
}

void
rules_recall(struct rules_recall *c, const struct message *m, uint64_t *maybe)
{
	const struct subject *s;
	size_t n;

	for (size_t k = 0; c != NULL && k < c->nsubjects; k++) {
		s = c->subject + k;
		if (!s->f->generation) {
			recall_of(c, k, m, maybe);
			continue;
		}
		n = s->any || m->ngen == 0 ? m->ngen : 1;
		for (size_t i = 0; i < n; i++)
			recall_of(c, k, m->gen + i, maybe);
	}
}

void
rules_recall_free(struct rules_recall *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nsubjects; i++)
		free(c->subject[i].asks);
	for (size_t i = 0; i < SLOTS; i++)
		free(c->slot[i]);
	free(c->subject);
	free(c);
}
