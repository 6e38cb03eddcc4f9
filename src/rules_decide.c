/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rules say of one message; see rules.h. */
#include <string.h>

#include "expr.h"
#include "fields.h"
#include "rules_impl.h"

/*
 * A rule about files means the host's: in a container, or below another root
 * that somebody made for himself, any file can be /usr/bin/apt.  One that
 * raises is not kept from it: there it is better to say too much.
 */
static bool
other_files(const struct message *m)
{
	return m->container.s != NULL || m->userns != NUM_NONE;
}

bool
rule_matches(const struct rule *r, const struct message *m)
{
	if (!(r->msgids >> m->id & 1))
		return false;
	if (r->hosts_files && r->action != RULE_RAISE && other_files(m))
		return false;
	return expr_match(r->expr, m);
}

static bool
has_tag(const char *list, size_t len, const char *tag, size_t n)
{
	const char *p = list, *end;

	for (; p < list + len; p = end + 1) {
		end = memchr(p, ',', list + len - p);
		if (end == NULL)
			end = list + len;
		if ((size_t)(end - p) == n && memcmp(p, tag, n) == 0)
			return true;
	}
	return false;
}

/* Each tag once; what has no room is a sign that there is more. */
static size_t
add_tags(struct rules *r, size_t len, const char *tags)
{
	size_t n;

	for (; *tags != '\0'; tags += n, tags += *tags == ',') {
		n = strcspn(tags, ",");
		if (has_tag(r->tags, len, tags, n))
			continue;
		if (len + 1 + n > RULES_TAGS_TEXT) {
			if (!has_tag(r->tags, len, "...", 3))
				len += strlen(strcpy(r->tags + len, ",..."));
			return len;
		}
		if (len > 0)
			r->tags[len++] = ',';
		memcpy(r->tags + len, tags, n);
		len += n;
	}
	return len;
}

/* What one rule says of the message, and of those before it. */
struct deciding {
	struct rule *decides, *first;
	size_t len;		/* of the tags */
};

/* True: it drops, and the others need not be asked. */
static bool
ask(struct rules *r, struct rule *rule, const struct message *m,
    struct deciding *d)
{
	if (!rule_matches(rule, m))
		return false;
	rule->hits++;
	d->len = add_tags(r, d->len, rule->tags);
	if (d->first == NULL)
		d->first = rule;
	if (d->decides != NULL || rule->action == RULE_TAG)
		return false;
	d->decides = rule;
	return rule->action == RULE_DROP;
}

static void
ask_all(struct rules *r, const struct message *m, struct deciding *d)
{
	uint64_t maybe[RULES_WORDS], bits;

	rules_candidates(&r->index, m, maybe);
	for (size_t w = 0; w * 64 < r->n; w++)
		for (bits = maybe[w]; bits != 0; bits &= bits - 1)
			if (ask(r, r->v[w * 64 + __builtin_ctzll(bits)], m, d))
				return;
}

bool
rules_decide(struct rules *r, const struct message *m, struct rules_verdict *v)
{
	struct deciding d = { NULL, NULL, 0 };

	if (r->n == 0)
		return false;
	ask_all(r, m, &d);
	if (d.first == NULL)
		return false;
	if (d.decides == NULL)
		d.decides = d.first;
	d.decides->decided++;
	v->rule = d.decides;
	v->action = v->rule->action;
	v->tags = (struct str){ d.len > 0 ? r->tags : NULL, d.len };
	return true;
}
