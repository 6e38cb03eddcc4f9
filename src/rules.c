/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of rules, and how it changes; see rules.h. */
#include "rules.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conffiles.h"
#include "expr.h"
#include "log.h"
#include "rules_impl.h"

void
rule_free(struct rule *r)
{
	if (r == NULL)
		return;
	expr_free(r->expr);
	free(r->name);
	free(r->where);
	free(r->place);
	free(r->tags);
	free(r->events);
	free(r);
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		rule_free(r->v[i]);
	for (size_t i = 0; i < r->ngone; i++)
		rule_free(r->gone[i]);
	rules_index_free(&r->index);
	free(r->v);
	free(r->gone);
	free(r);
}

bool
rules_asks_hosts_files(const struct rule *r)
{
	static const char *const box[] = { "runtime", "container",
	    "containerName", "image", "pod", "podUid", "namespace" };

	for (size_t i = 0; i < sizeof(box) / sizeof(box[0]); i++)
		if (expr_asks(r->expr, box[i]))
			return false;
	return expr_asks(r->expr, "exe") || expr_asks(r->expr, "script");
}

int
rules_insert(struct rules *r, size_t i, struct rule *rule)
{
	struct rule **more = reallocarray(r->v, r->n + 1, sizeof(*more));

	if (more == NULL)
		return -1;
	r->v = more;
	memmove(more + i + 1, more + i, (r->n - i) * sizeof(*more));
	more[i] = rule;
	r->n++;
	return 0;
}

static void
take_out(struct rules *r, size_t i)
{
	r->n--;
	memmove(r->v + i, r->v + i + 1, (r->n - i) * sizeof(*r->v));
}

static ssize_t
find(const struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i]->name, name) == 0)
			return i;
	return -1;
}

struct rule *
rules_find(const struct rules *r, const char *name)
{
	ssize_t i = find(r, name);

	return i == -1 ? NULL : r->v[i];
}

static void
hash_text(SHA2_CTX *ctx, const char *s)
{
	SHA256Update(ctx, (const uint8_t *)s, strlen(s) + 1);
}

/* In their order: it decides too. */
static void
make_hash(struct rules *r)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	for (size_t i = 0; i < r->n; i++) {
		hash_text(&ctx, r->v[i]->name);
		hash_text(&ctx, r->v[i]->events);
		hash_text(&ctx, r->v[i]->where);
		hash_text(&ctx, rule_action_names[r->v[i]->action]);
		hash_text(&ctx, r->v[i]->tags);
	}
	SHA256Final(digest, &ctx);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(r->hash + 2 * i, 3, "%02x", digest[i]);
}

/* After any change. */
static int
settle(struct rules *r)
{
	if (rules_index(r) == -1)
		return -1;
	make_hash(r);
	return 0;
}

struct rules *
rules_new(void)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r != NULL && settle(r) == -1) {
		rules_free(r);
		return NULL;
	}
	return r;
}

unsigned
rules_read_text(struct rules *r, const char *name, const char *text, size_t n)
{
	unsigned troubles = rules_yaml(r, name, text, n, false, NULL);

	if (troubles == 0 && settle(r) == -1) {
		log_error("%s: %s", name, strerror(errno));
		return 1;
	}
	return troubles;
}

/* A conffiles_fn. */
static unsigned
read_text(void *r, const char *name, const char *text, size_t n)
{
	return rules_yaml(r, name, text, n, false, NULL);
}

static bool
settled(struct rules *r, const char *path, unsigned troubles)
{
	if (troubles != 0)
		return false;
	if (settle(r) == 0)
		return true;
	log_error("%s: %s", path, strerror(errno));
	return false;
}

unsigned
rules_read_file(struct rules *r, const char *path)
{
	unsigned troubles = strcmp(path, "-") == 0 ?
	    conffiles_input(read_text, r) :
	    conffiles_one(path, true, read_text, r);

	return settled(r, path, troubles) ? 0 : troubles + (troubles == 0);
}

struct rules *
rules_read(const char *conf_path)
{
	struct rules *r = rules_new();

	if (r == NULL) {
		log_error("rules: %s", strerror(errno));
		return NULL;
	}
	if (settled(r, "rules", conffiles_beside(conf_path, "rules.d",
	    read_text, r)))
		return r;
	rules_free(r);
	return NULL;
}

/* How many were added: they are in front. */
static size_t
added(const struct rules *r)
{
	size_t i = 0;

	while (i < r->n && r->v[i]->added)
		i++;
	return i;
}

/* The new ones are read behind all others, where their names are held
   against these, and then put behind those that were added before. */
int
rules_add(struct rules *r, const char *name, const char *yaml, size_t n,
    struct buf *why)
{
	size_t first = added(r), was = r->n, more;
	struct rule *rule;

	if (rules_yaml(r, name, yaml, n, true, why) != 0)
		goto fail;
	more = r->n - was;
	if (more == 0) {
		buf_addf(why, "%s: no rule, expected one", name);
		goto fail;
	}
	for (size_t i = 0; i < more; i++) {
		rule = r->v[was + i];
		rule->added = true;
		memmove(r->v + first + i + 1, r->v + first + i,
		    (was - first) * sizeof(*r->v));
		r->v[first + i] = rule;
	}
	if (settle(r) == 0)
		return 0;
	buf_addf(why, "%s: %s", name, strerror(errno));
	for (; more > 0; more--) {
		rule_free(r->v[first]);
		take_out(r, first);
	}
	return -1;
fail:
	while (r->n > was)
		rule_free(r->v[--r->n]);
	return -1;
}

/* It is not told yet what this one decided. */
static int
keep_gone(struct rules *r, struct rule *rule)
{
	struct rule **more = reallocarray(r->gone, r->ngone + 1,
	    sizeof(*more));

	if (more == NULL)
		return -1;
	r->gone = more;
	more[r->ngone++] = rule;
	return 0;
}

int
rules_remove(struct rules *r, const char *name, struct buf *why)
{
	ssize_t i = find(r, name);
	struct rule *rule = i == -1 ? NULL : r->v[i];

	if (rule == NULL || !rule->added) {
		buf_addf(why, rule == NULL ? "no rule \"%.64s\"" :
		    "rule \"%.64s\" is of a file, change it there and reload: "
		    "%.300s", name, rule == NULL ? "" : rule->place);
		return -1;
	}
	take_out(r, i);
	if (settle(r) == -1 || keep_gone(r, rule) == -1) {
		rules_insert(r, i, rule);	/* there was room for it */
		buf_adds(why, strerror(errno));
		return -1;
	}
	return 0;
}

static bool
is_same(const struct rule *a, const struct rule *b)
{
	return a->action == b->action && strcmp(a->name, b->name) == 0 &&
	    strcmp(a->where, b->where) == 0 &&
	    strcmp(a->events, b->events) == 0 &&
	    strcmp(a->tags, b->tags) == 0;
}

static void
take_counts(struct rule *to, struct rule *from)
{
	to->hits += from->hits;
	to->decided += from->decided;
	to->told += from->told;
	from->decided = from->told = 0;
}

/* What was added to the old set, in front of the new one's. */
static struct rule **
merge(const struct rules *new, const struct rules *old, size_t *n)
{
	struct rule **v = calloc(new->n + old->n + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; v != NULL && i < old->n; i++)
		if (old->v[i]->added && new->n + *n < RULES_MOST &&
		    rules_find(new, old->v[i]->name) == NULL)
			v[(*n)++] = old->v[i];
	if (v != NULL && new->n > 0)
		memcpy(v + *n, new->v, new->n * sizeof(*v));
	return v;
}

/* What did not come along; the new set tells what it has decided. */
static void
leave(struct rules *new, struct rules *old)
{
	struct rule *r, *same;

	for (size_t i = 0; i < old->n; i++) {
		r = old->v[i];
		same = rules_find(new, r->name);
		if (same == r)
			continue;
		if (same != NULL && is_same(same, r))
			take_counts(same, r);
		new->gone[new->ngone++] = r;
	}
	for (size_t i = 0; i < old->ngone; i++)
		new->gone[new->ngone++] = old->gone[i];
	old->n = old->ngone = 0;
}

int
rules_move(struct rules *new, struct rules *old)
{
	size_t kept, n = new->ngone + old->n + old->ngone + 1;
	struct rule **v = merge(new, old, &kept), **was = new->v;
	struct rule **gone = reallocarray(new->gone, n, sizeof(*gone));

	if (gone != NULL)
		new->gone = gone;
	if (v == NULL || gone == NULL) {
		free(v);
		return -1;
	}
	new->v = v;
	new->n += kept;
	if (settle(new) == -1) {
		new->v = was;
		new->n -= kept;
		free(v);
		return -1;
	}
	free(was);
	leave(new, old);
	return 0;
}

size_t
rules_count(const struct rules *r)
{
	return r->n;
}

const struct rule *
rules_at(const struct rules *r, size_t i)
{
	return r->v[i];
}

const char *
rules_hash(const struct rules *r)
{
	return r->hash;
}
