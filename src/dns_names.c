/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of addresses out of answers; see dns_names.h. */
#include "dns_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "dns.h"
#include "log.h"

#define SECOND_NS	UINT64_C(1000000000)
#define LEAST_NS	(3600 * SECOND_NS)	/* programs hold on to an
						   address for longer than they
						   should */
#define NAME_MOST	255			/* longer ones have escapes */
#define MOST_NS		(86400 * SECOND_NS)

/* A name from a time until another; the older one's is kept for what began
   before and is told later. */
struct one {
	uint64_t since, until;
	uint32_t at, n;		/* in text */
};
struct entry {
	struct in6_addr addr;
	struct proc_key who;	/* 0: the host */
	struct one one[2];	/* the newest first */
	char text[];
};

struct dns_names {
	struct cache *own, *host;
};

struct dns_names *
dns_names_new(void)
{
	struct dns_names *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->own = cache_new(DNS_NAMES_MOST);
	d->host = cache_new(DNS_NAMES_MOST);
	if (d->own == NULL || d->host == NULL) {
		dns_names_free(d);
		return NULL;
	}
	return d;
}

void
dns_names_free(struct dns_names *d)
{
	if (d == NULL)
		return;
	cache_free(d->own);
	cache_free(d->host);
	free(d);
}

/* The two numbers of the cache's key; a collision is told by the entry. */
static void
key_of(const struct in6_addr *addr, const struct proc_key *who,
    uint64_t key[2])
{
	memcpy(key, addr, sizeof(*addr));
	key[0] = (key[0] ^ who->start) * UINT64_C(0x9e3779b97f4a7c15);
	key[1] = (key[1] ^ who->tgid) * UINT64_C(0xc2b2ae3d27d4eb4f);
}

static bool
is_of(const struct entry *e, const struct in6_addr *addr,
    const struct proc_key *who)
{
	return memcmp(&e->addr, addr, sizeof(*addr)) == 0 &&
	    e->who.start == who->start && e->who.tgid == who->tgid;
}

static struct entry *
find(struct cache *c, const struct in6_addr *addr, const struct proc_key *who)
{
	struct entry *e;
	uint64_t key[2];

	key_of(addr, who, key);
	e = cache_get(c, key[0], key[1]);
	return e != NULL && is_of(e, addr, who) ? e : NULL;
}

static void
learn(struct cache *c, const struct in6_addr *addr,
    const struct proc_key *who, const struct dns *d, uint64_t since,
    uint64_t until)
{
	struct entry *old = find(c, addr, who), *e;
	size_t before = 0;
	uint64_t key[2];

	if (old != NULL && old->one[0].n == d->len &&
	    memcmp(old->text + old->one[0].at, d->name, d->len) == 0) {
		if (old->one[0].until < since)
			old->one[0].since = since;
		old->one[0].until = until;
		return;
	}
	if (old != NULL)
		before = old->one[0].n;
	e = calloc(1, sizeof(*e) + d->len + before);
	if (e == NULL) {
		log_warn("names of addresses: %s", strerror(errno));
		return;
	}
	e->addr = *addr;
	e->who = *who;
	e->one[0] = (struct one){ since, until, 0, d->len };
	memcpy(e->text, d->name, d->len);
	if (old != NULL) {
		e->one[1] = old->one[0];
		e->one[1].at = d->len;
		memcpy(e->text + d->len, old->text + old->one[0].at, before);
	}
	key_of(addr, who, key);
	if (cache_put(c, key[0], key[1], e) == -1)
		free(e);
}

void
dns_names_learn(struct dns_names *n, const struct dns *d,
    const struct proc_key *who, uint64_t time)
{
	const struct proc_key host = { 0 };
	const struct proc_key bare = { who->start, who->tgid, 0 };

	if (d->len > NAME_MOST)
		return;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t ns = d->address[i].ttl * SECOND_NS;

		ns = ns < LEAST_NS ? LEAST_NS : ns > MOST_NS ? MOST_NS : ns;
		learn(n->own, &d->address[i].addr, &bare, d, time, time + ns);
		learn(n->host, &d->address[i].addr, &host, d, time, time + ns);
	}
}

static bool
stamp(struct cache *c, const struct proc_key *who, uint64_t time,
    const char *source, struct message *m)
{
	const struct entry *e = find(c, &m->dst, who);

	for (int i = 0; e != NULL && i < 2; i++) {
		if (e->one[i].since > time || e->one[i].until < time ||
		    e->one[i].n == 0)
			continue;
		m->dhost = (struct str){ e->text + e->one[i].at,
		    e->one[i].n };
		m->dhostsource = (struct str){ source, strlen(source) };
		return true;
	}
	return false;
}

void
dns_names_stamp(struct dns_names *n, const struct proc_key *who,
    uint64_t time, struct message *m)
{
	const struct proc_key host = { 0 };
	const struct proc_key bare = { who->start, who->tgid, 0 };

	if (m->family == 0 || m->dhost.s != NULL)
		return;
	if (!stamp(n->own, &bare, time, "dns", m))
		stamp(n->host, &host, time, "dns-host", m);
}
