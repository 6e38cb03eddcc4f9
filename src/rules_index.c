/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which rules can be true of a message, found by its values: most rules want
 * one text or address in one field (expr_literals), and a message has few.
 * Equal hashes of different values cost time, nothing else: the rule itself
 * decides.
 */
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "fields.h"
#include "lookup_once.h"
#include "rules_impl.h"

#define LITERALS	64	/* of a rule; one with more is always asked */

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
	    l->net.len : 0 }, *more;

	for (size_t i = 0; i < x->nkeys; i++)
		if (x->key[i].f == k.f && x->key[i].bits == k.bits &&
		    x->key[i].generation == k.generation)
			return i;
	more = reallocarray(x->key, x->nkeys + 1, sizeof(k));
	if (more == NULL)
		return -1;
	x->key = more;
	x->key[x->nkeys] = k;
	return x->nkeys++;
}

static int
add_entry(struct rules_index *x, uint32_t rule, const struct expr_literal *l,
    const struct field *f)
{
	ssize_t k = key_of(x, f, l);
	struct rules_entry *more;

	if (k == -1)
		return -1;
	if ((x->nentries & (x->nentries - 1)) == 0) {
		more = reallocarray(x->entry, x->nentries == 0 ? 1 :
		    2 * x->nentries, sizeof(*more));
		if (more == NULL)
			return -1;
		x->entry = more;
	}
	x->entry[x->nentries++] = (struct rules_entry){ .rule = rule,
	    .hash = l->value.s == NULL ? address_hash(k, l->net.len,
	    &l->net.addr) : value_hash(k, l->value.s, l->value.n) };
	return 0;
}

static int
add_rule(struct rules_index *x, uint32_t i, const struct rule *r)
{
	struct expr_literal l[LITERALS];
	const struct field *f[LITERALS];
	size_t n = expr_literals(r->expr, l, LITERALS), k;

	for (k = 0; k < n; k++)
		if ((f[k] = row(l[k].name, r->msgids)) == NULL)
			n = 0;
	if (n == 0)
		x->always[i / 64] |= UINT64_C(1) << i % 64;
	for (k = 0; k < n; k++)
		if (add_entry(x, i, l + k, f[k]) == -1)
			return -1;
	return 0;
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

	for (size_t i = 0; i < r->n; i++)
		if (add_rule(&new, i, r->v[i]) == -1)
			goto fail;
	if (hang_up(&new) == -1)
		goto fail;
	rules_index_free(&r->index);
	r->index = new;
	return 0;
fail:
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
	memset(x, 0, sizeof(*x));
}
