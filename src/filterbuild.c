/* SPDX-License-Identifier: BSD-2-Clause */
/* From the lists of the configuration to tries and bitmaps: filter_new. */
#include "filter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ports.h"
#include "rule.h"

/* A rule whose ports were put among the shared bitmaps. */
struct compiled {
	struct prefix prefix;
	struct filter_value value;
	const struct item *item;	/* NULL: made here */
	size_t order;
};

struct build {
	const struct filter_spec *spec;
	struct filter *f;
	struct compiled *v;
	size_t n;
	struct portset ports;	/* what `ports` admits */
	bool fold;		/* it is worked into every rule */
	filter_trouble *trouble;
	void *arg;
	bool failed, full;
};

static void __attribute__((format(printf, 3, 4)))
complain(struct build *b, const struct item *it, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	b->trouble(b->arg, it != NULL ? it->place : NULL, what);
	b->failed = true;
}

/* The index of a bitmap equal to s, made if there is none; -1: errno. */
static int
intern(struct filter *f, const struct portset *s)
{
	struct portset *sets;

	for (size_t i = 1; i < f->nsets; i++)
		if (memcmp(&f->sets[i], s, sizeof(*s)) == 0)
			return i;
	if (f->nsets == PORTSETS) {
		errno = ENOSPC;
		return -1;
	}
	sets = reallocarray(f->sets, f->nsets + 1, sizeof(*sets));
	if (sets == NULL)
		return -1;
	f->sets = sets;
	f->sets[f->nsets] = *s;
	return f->nsets++;
}

/* Compiles r, with `ports` and the proxies worked in where they must be. */
static void
add_rule(struct build *b, struct rule *r, const struct item *it)
{
	const struct filter_spec *spec = b->spec;
	int set = 0;

	if (b->fold)
		rule_fold(r, &b->ports);
	for (size_t i = 0; r->prefix.len == 128 && i < spec->nproxies; i++)
		if (IN6_ARE_ADDR_EQUAL(&spec->proxies[i].addr, &r->prefix.addr))
			rule_admit(r, spec->proxies[i].port);
	if (b->n < FILTER_PREFIXES &&
	    (r->all || (set = intern(b->f, &r->ports)) != -1)) {
		b->v[b->n] = (struct compiled){ r->prefix,
		    { .log = r->log, .portset = set }, it, b->n };
		b->n++;
		return;
	}
	b->full = true;
	if (b->n == FILTER_PREFIXES)
		complain(b, it, "more than %d prefixes", FILTER_PREFIXES);
	else if (errno == ENOSPC)
		complain(b, it, "more than %d different sets of ports",
		    PORTSETS - 1);
	else
		complain(b, it, "%s", strerror(errno));
}

static void
add_list(struct build *b, const struct items *list, bool include)
{
	struct rule r;
	char mem[256];
	struct buf why;

	for (size_t i = 0; i < list->n && !b->full; i++) {
		buf_init(&why, mem, sizeof(mem));
		if (rule_parse(&r, list->v[i].text, include, &why) == -1)
			complain(b, &list->v[i], "%s", buf_cstr(&why));
		else
			add_rule(b, &r, &list->v[i]);
	}
}

/* Only negations: all but these.  Else the positive ones minus these. */
static void
read_ports(struct build *b)
{
	const struct items *list = b->spec->ports;
	struct portset not = { 0 };
	bool positive = false;
	char mem[256];
	struct buf why;

	for (size_t i = 0; i < list->n; i++) {
		const char *s = list->v[i].text;
		bool negated = *s == '!';

		buf_init(&why, mem, sizeof(mem));
		if (ports_parse(negated ? &not : &b->ports, s + negated,
		    &why) == -1)
			complain(b, &list->v[i], "%s", buf_cstr(&why));
		positive |= !negated;
	}
	if (!positive)
		ports_add(&b->ports, 0, 65535);
	ports_without(&b->ports, &not);
	if (!b->failed && ports_empty(&b->ports))
		complain(b, &list->v[0], "no port is left to be logged");
}

static int
by_prefix(const void *va, const void *vb)
{
	const struct compiled *a = va, *b = vb;
	int d = memcmp(&a->prefix.addr, &b->prefix.addr,
	    sizeof(a->prefix.addr));

	if (d == 0)
		d = (int)a->prefix.len - (int)b->prefix.len;
	return d != 0 ? d : a->order < b->order ? -1 : 1;
}

static void
refuse_twice(struct build *b)
{
	char mem[INET6_ADDRSTRLEN + 8];
	struct buf p;

	qsort(b->v, b->n, sizeof(*b->v), by_prefix);
	for (size_t i = 1; i < b->n; i++) {
		const struct compiled *c = &b->v[i], *first = c - 1;

		if (first->prefix.len != c->prefix.len ||
		    !IN6_ARE_ADDR_EQUAL(&first->prefix.addr, &c->prefix.addr))
			continue;
		buf_init(&p, mem, sizeof(mem));
		prefix_write(&c->prefix, &p);
		if (first->item->place == NULL)
			complain(b, c->item, "%s is in the default list "
			    "already, expected an exclude: without it",
			    buf_cstr(&p));
		else
			complain(b, c->item, "%s is given twice, first at %s",
			    buf_cstr(&p), first->item->place);
	}
}

/* The longest prefix that has addr, or NULL. */
static const struct compiled *
deciding(const struct build *b, const struct in6_addr *addr)
{
	const struct compiled *best = NULL;

	for (const struct compiled *c = b->v; c < b->v + b->n; c++)
		if (prefix_has(&c->prefix, addr) &&
		    (best == NULL || best->prefix.len < c->prefix.len))
			best = c;
	return best;
}

static bool
has_rule(const struct build *b, const struct prefix *p)
{
	for (const struct compiled *c = b->v; c < b->v + b->n; c++)
		if (c->prefix.len == p->len &&
		    IN6_ARE_ADDR_EQUAL(&c->prefix.addr, &p->addr))
			return true;
	return false;
}

/* A rule of our own where the lists have none for just that prefix. */
static void
add_own(struct build *b, const char *const *text, bool log, bool digest)
{
	struct rule r;
	char mem[256];
	struct buf why;

	for (; *text != NULL; text++) {
		buf_init(&why, mem, sizeof(mem));
		if (rule_parse(&r, *text, log, &why) == -1)
			complain(b, NULL, "%s", buf_cstr(&why));
		else if (!has_rule(b, &r.prefix)) {
			add_rule(b, &r, NULL);
			if (!b->full)
				b->v[b->n - 1].value.digest = digest;
		}
	}
}

/* A proxy's other ports stay as the prefix around it decides. */
static void
add_proxies(struct build *b)
{
	const struct filter_spec *spec = b->spec;

	for (size_t i = 0; i < spec->nproxies && !b->full; i++) {
		const struct in6_addr *addr = &spec->proxies[i].addr;
		const struct compiled *around = deciding(b, addr);
		struct rule r = { .prefix = { *addr, 128 } };

		if (around == NULL || around->prefix.len == 128)
			continue;
		r.log = around->value.log;
		r.all = around->value.portset == 0;
		r.ports = b->f->sets[around->value.portset];
		add_rule(b, &r, NULL);
	}
}

/* Is there a proxy whose port `ports` does not admit? */
static bool
must_fold(const struct build *b)
{
	const struct filter_spec *spec = b->spec;

	for (size_t i = 0; i < spec->nproxies; i++)
		if (!ports_has(&b->ports, spec->proxies[i].port))
			return true;
	return false;
}

/* The tries: IPv4 by itself, and all in order, so that equal filters have
   equal texts. */
static int
lay_out(struct build *b)
{
	struct filter *f = b->f;

	qsort(b->v, b->n, sizeof(*b->v), by_prefix);
	f->v4 = calloc(b->n + 1, sizeof(*f->v4));
	f->v6 = calloc(b->n + 1, sizeof(*f->v6));
	if (f->v4 == NULL || f->v6 == NULL)
		return -1;
	for (const struct compiled *c = b->v; c < b->v + b->n; c++) {
		const struct in6_addr *a = &c->prefix.addr;

		if (prefix_is_v4(&c->prefix)) {
			f->v4[f->n4].key.prefixlen = c->prefix.len - 96;
			memcpy(f->v4[f->n4].key.addr, &a->s6_addr[12], 4);
			f->v4[f->n4++].value = c->value;
		} else {
			f->v6[f->n6].key.prefixlen = c->prefix.len;
			memcpy(f->v6[f->n6].key.addr, a, 16);
			f->v6[f->n6++].value = c->value;
		}
	}
	if (b->spec->boxes != NULL &&
	    (f->boxes = strdup(b->spec->boxes)) == NULL)
		return -1;
	return filter_describe(f);
}

static void
build(struct build *b)
{
	static const char *const everything[] = { "0.0.0.0/0", "::/0", NULL };

	read_ports(b);
	b->fold = must_fold(b);
	if (b->fold)
		ports_add(&b->f->sets[0], 0, 65535);
	else
		b->f->sets[0] = b->ports;
	add_list(b, b->spec->exclude, false);
	add_list(b, b->spec->include, true);
	refuse_twice(b);
	if (b->fold)
		add_own(b, everything, true, false);
	if (!b->spec->local)
		add_own(b, filter_metadata, b->spec->metadata != METADATA_OFF,
		    b->spec->metadata == METADATA_DIGEST);
	add_proxies(b);
}

struct filter *
filter_new(const struct filter_spec *spec, filter_trouble *trouble, void *arg)
{
	struct build b = { .spec = spec, .trouble = trouble, .arg = arg };

	b.f = calloc(1, sizeof(*b.f));
	b.v = calloc(FILTER_PREFIXES, sizeof(*b.v));
	if (b.f == NULL || b.v == NULL)
		goto fail;
	b.f->sets = calloc(1, sizeof(*b.f->sets));
	if (b.f->sets == NULL)
		goto fail;
	b.f->nsets = 1;
	build(&b);
	if (b.failed || lay_out(&b) == -1)
		goto fail;
	free(b.v);
	return b.f;
fail:
	free(b.v);
	filter_free(b.f);
	return NULL;
}
