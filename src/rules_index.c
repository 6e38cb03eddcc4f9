/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which rules can be true of a message, found by its values: most rules want
 * one text or address in one field, or a text in one (expr_literals), and a
 * message has few.  Of a text in a value the four bytes that the fewest rules
 * have are looked for, at every place.  Equal hashes of different values cost
 * time, nothing else: the rule itself decides.
 */
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "fields.h"
#include "lookup_once.h"
#include "rules_impl.h"

#define LITERALS	64	/* of a rule; one with more is always asked */
#define GRAM		4	/* bytes of a text in a value, at most */
#define COMMON		4096	/* a power of two */

/* While an index is made. */
struct making {
	struct rules_index *x;
	uint16_t *common;	/* how many texts have bytes of this hash */
};

/* The hash of a value of the key-th field. */
static uint64_t
value_hash(size_t key, const void *p, size_t n)
{
	return once_hash(key + 1, p, n);
}

static uint64_t
address_hash(size_t key, unsigned bits, const struct in6_addr *a)
{
	struct in6_addr net = *a;
	size_t i = bits / 8;

	if (bits % 8 != 0)
		net.s6_addr[i++] &= 0xff00 >> bits % 8;
	memset(net.s6_addr + i, 0, sizeof(net) - i);
	return value_hash(key, &net, sizeof(net));
}

static uint64_t
gram_hash(size_t key, const char *s, size_t n)
{
	uint32_t word = 0;
	uint64_t h;

	memcpy(&word, s, n);
	h = ((uint64_t)(key + 1) << 32 | word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static size_t
gram_of(const struct expr_literal *l)
{
	return !l->part ? 0 : l->value.n < GRAM ? l->value.n : GRAM;
}

/* The row that these messages carry. */
static const struct field *
row(const char *name, unsigned msgids)
{
	for (const struct field *f = fields; f < fields + nfields; f++)
		if ((f->msgids & msgids) != 0 && strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* The number of this field among the keys; -1: no memory. */
static ssize_t
key_of(struct rules_index *x, const struct field *f,
    const struct expr_literal *l)
{
	struct rules_key k = { f, l->generation, l->value.s == NULL ?
	    l->net.len : 0, gram_of(l) }, *more;

	for (size_t i = 0; i < x->nkeys; i++)
		if (x->key[i].f == k.f && x->key[i].bits == k.bits &&
		    x->key[i].generation == k.generation &&
		    x->key[i].gram == k.gram)
			return i;
	more = reallocarray(x->key, x->nkeys + 1, sizeof(k));
	if (more == NULL)
		return -1;
	x->key = more;
	x->key[x->nkeys] = k;
	return x->nkeys++;
}

/* Which of its bytes are the rarest? */
static void
choose_gram(const struct making *m, size_t key, struct rules_entry *e)
{
	size_t n = m->x->key[key].gram;
	uint16_t least = UINT16_MAX;
	uint64_t h;

	for (size_t i = 0; i + n <= e->part.n; i++) {
		h = gram_hash(0, e->part.s + i, n);
		if (i > 0 && m->common[h % COMMON] >= least)
			continue;
		least = m->common[h % COMMON];
		e->at = i;
	}
	e->hash = gram_hash(key, e->part.s + e->at, n);
}

static int
add_entry(const struct making *m, uint32_t rule, const struct expr_literal *l,
    const struct field *f)
{
	struct rules_index *x = m->x;
	struct rules_entry *more, *e;
	ssize_t k = key_of(x, f, l);

	if (k == -1)
		return -1;
	if ((x->nentries & (x->nentries - 1)) == 0) {
		more = reallocarray(x->entry, x->nentries == 0 ? 1 :
		    2 * x->nentries, sizeof(*more));
		if (more == NULL)
			return -1;
		x->entry = more;
	}
	e = x->entry + x->nentries++;
	*e = (struct rules_entry){ .rule = rule };
	if (l->part) {
		e->part = l->value;
		choose_gram(m, k, e);
	} else
		e->hash = l->value.s == NULL ?
		    address_hash(k, l->net.len, &l->net.addr) :
		    value_hash(k, l->value.s, l->value.n);
	return 0;
}

/* Nothing finds it. */
static int
add_asked(struct rules_index *x, uint32_t i, const struct rule *r)
{
	const struct field *f;
	bool any;

	if (expr_first(r->expr, &f, &any))
		return rules_recall_add(&x->recall, i, r->expr, f, any);
	x->always[i / 64] |= UINT64_C(1) << i % 64;
	return 0;
}

static int
add_rule(const struct making *m, uint32_t i, const struct rule *r)
{
	struct expr_literal l[LITERALS];
	const struct field *f[LITERALS];
	size_t n = expr_literals(r->expr, true, l, LITERALS), k;

	for (k = 0; k < n; k++)
		if ((f[k] = row(l[k].name, r->msgids)) == NULL)
			n = 0;
	if (n == 0)
		return add_asked(m->x, i, r);
	for (k = 0; k < n; k++)
		if (add_entry(m, i, l + k, f[k]) == -1)
			return -1;
	return 0;
}

static void
count_grams(const struct making *m, const struct rule *r)
{
	struct expr_literal l[LITERALS];
	size_t n = expr_literals(r->expr, true, l, LITERALS), gram;
	uint16_t *c;

	for (size_t k = 0; k < n; k++) {
		gram = gram_of(l + k);
		for (size_t i = 0; gram > 0 && i + gram <= l[k].value.n; i++) {
			c = m->common + gram_hash(0, l[k].value.s + i, gram) %
			    COMMON;
			*c += *c < UINT16_MAX;
		}
	}
}

static int
hang_up(struct rules_index *x)
{
	struct rules_entry *e;
	uint32_t *b;

	for (x->nbuckets = 16; x->nbuckets < 2 * x->nentries;)
		x->nbuckets *= 2;
	x->bucket = calloc(x->nbuckets, sizeof(*x->bucket));
	if (x->bucket == NULL)
		return -1;
	for (size_t i = 0; i < x->nentries; i++) {
		e = x->entry + i;
		b = x->bucket + (e->hash & (x->nbuckets - 1));
		e->next = *b;
		*b = i + 1;
	}
	return 0;
}

int
rules_index(struct rules *r)
{
	struct rules_index new = { 0 };
	struct making m = { &new, calloc(COMMON, sizeof(*m.common)) };

	if (m.common == NULL)
		return -1;
	for (size_t i = 0; i < r->n; i++)
		count_grams(&m, r->v[i]);
	for (size_t i = 0; i < r->n; i++)
		if (add_rule(&m, i, r->v[i]) == -1)
			goto fail;
	if (hang_up(&new) == -1)
		goto fail;
	free(m.common);
	rules_index_free(&r->index);
	r->index = new;
	return 0;
fail:
	free(m.common);
	rules_index_free(&new);
	return -1;
}

static void
look(const struct rules_index *x, uint64_t hash, uint64_t *maybe)
{
	const struct rules_entry *e;
	uint32_t at = x->bucket[hash & (x->nbuckets - 1)];

	for (; at != 0; at = e->next) {
		e = x->entry + at - 1;
		if (e->hash == hash)
			maybe[e->rule / 64] |= UINT64_C(1) << e->rule % 64;
	}
}

/* The texts around these n bytes, which are at `at` of s. */
static void
look_around(const struct rules_index *x, uint64_t hash, struct str s, size_t at,
    uint64_t *maybe)
{
	const struct rules_entry *e;
	uint32_t i = x->bucket[hash & (x->nbuckets - 1)];

	for (; i != 0; i = e->next) {
		e = x->entry + i - 1;
		if (e->hash == hash && e->at <= at &&
		    e->part.n <= s.n - (at - e->at) && memcmp(s.s + at - e->at,
		    e->part.s, e->part.n) == 0)
			maybe[e->rule / 64] |= UINT64_C(1) << e->rule % 64;
	}
}

/* No more of the value than a regular expression looks at. */
static void
look_inside(const struct rules_index *x, size_t key, struct str s,
    uint64_t *maybe)
{
	size_t n = x->key[key].gram;

	if (s.n > EXPR_SUBJECT)
		s.n = EXPR_SUBJECT;
	for (size_t i = 0; i + n <= s.n; i++)
		look_around(x, gram_hash(key, s.s + i, n), s, i, maybe);
}

/* The value that p, the message or a process, has of the key-th field; an
   address is also the IPv4 address inside it. */
static void
look_for(const struct rules_index *x, size_t key, const void *p,
    uint64_t *maybe)
{
	const struct rules_key *k = x->key + key;
	struct in6_addr inside;
	const struct str *s;

	if (!field_is_known(k->f, p))
		return;
	if (k->f->type != FIELD_ADDR) {
		s = field_str(k->f, p);
		if (k->gram > 0) {
			look_inside(x, key, *s, maybe);
			return;
		}
		look(x, value_hash(key, s->s, s->n), maybe);
		return;
	}
	look(x, address_hash(key, k->bits, field_addr(k->f, p)), maybe);
	inside = prefix_judged(field_addr(k->f, p));
	if (memcmp(&inside, field_addr(k->f, p), sizeof(inside)) != 0)
		look(x, address_hash(key, k->bits, &inside), maybe);
}

void
rules_candidates(const struct rules_index *x, const struct message *m,
    uint64_t maybe[RULES_WORDS])
{
	size_t n;

	memcpy(maybe, x->always, RULES_WORDS * sizeof(*maybe));
	rules_recall(x->recall, m, maybe);
	for (size_t k = 0; k < x->nkeys; k++) {
		if (!x->key[k].f->generation) {
			look_for(x, k, m, maybe);
			continue;
		}
		n = x->key[k].generation || m->ngen == 0 ? m->ngen : 1;
		for (size_t i = 0; i < n; i++)
			look_for(x, k, m->gen + i, maybe);
	}
}

void
rules_index_free(struct rules_index *x)
{
	free(x->key);
	free(x->entry);
	free(x->bucket);
	rules_recall_free(x->recall);
	memset(x, 0, sizeof(*x));
}
