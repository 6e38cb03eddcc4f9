/* SPDX-License-Identifier: BSD-2-Clause */
/* A DNS message taken apart; see dns.h.  All of it is an attacker's. */
#include "dns.h"

#include <stdio.h>
#include <string.h>

#define HEADER		12
#define WIRE		255	/* bytes of a name, RFC 1035, 2.3.4 */
#define RECORDS		256	/* of an answer that are looked at */
#define CHAIN		16	/* aliases that are followed */
#define WORK		32768	/* bytes of names that are read of a packet */
#define JUMP		8	/* is as much work as so many of them */

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, CLASS_IN = 1 };

/* A name without compression, in lower case; with its end. */
struct wire {
	uint8_t b[WIRE];
	size_t n;
};

struct packet {
	const uint8_t *p;
	size_t n, at;
	size_t *work;		/* that is left */
};

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool
work(struct packet *k, size_t n)
{
	if (*k->work < n)
		return false;
	*k->work -= n;
	return true;
}

/*
 * The name at k->at, which moves behind it.  A pointer leads to what is before
 * all that was read of this name so far, so there is no circle, and a name has
 * no more than 255 bytes however often it jumps.  How often is bounded for the
 * packet: each of its records may lead through all that is before it.
 */
static int
read_name(struct packet *k, struct wire *w)
{
	size_t at = k->at, begin = k->at, len;
	bool jumped = false;

	w->n = 0;
	for (;;) {
		if (at >= k->n)
			return -1;
		len = k->p[at];
		if ((len & 0xc0) == 0xc0) {
			if (at + 2 > k->n || !work(k, JUMP))
				return -1;
			if (!jumped)
				k->at = at + 2;
			jumped = true;
			at = get16(k->p + at) & 0x3fff;
			if (at >= begin)
				return -1;
			begin = at;
			continue;
		}
		if (len > 63 || at + 1 + len > k->n ||
		    w->n + 1 + len > WIRE || !work(k, 1 + len))
			return -1;
		for (size_t i = 0; i <= len; i++)
			w->b[w->n++] = lower(k->p[at + i]);
		at += 1 + len;
		if (len != 0)
			continue;
		if (!jumped)
			k->at = at;
		return 0;
	}
}

static bool
same(const struct wire *a, const struct wire *b)
{
	return a->n == b->n && memcmp(a->b, b->b, a->n) == 0;
}

/* What separates, or could be read as something else, becomes \xHH. */
static bool
plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '.' && c != '\\' && c != '"';
}

static void
put_text(struct dns *d, const struct wire *w)
{
	char *p = d->name;

	if (w->n == 1)
		*p++ = '.';
	for (size_t i = 0; i < w->n && w->b[i] != 0; i += 1 + w->b[i]) {
		if (i > 0)
			*p++ = '.';
		for (size_t k = 1; k <= w->b[i]; k++) {
			uint8_t c = w->b[i + k];

			if (plain(c))
				*p++ = c;
			else
				p += sprintf(p, "\\x%02x", c);
		}
	}
	*p = '\0';
	d->len = p - d->name;
}

struct record {
	struct wire owner;
	unsigned type, class;
	uint32_t ttl;
	size_t data, len;	/* in the packet */
};

static int
read_record(struct packet *k, struct record *r)
{
	if (read_name(k, &r->owner) == -1 || k->n - k->at < 10)
		return -1;
	r->type = get16(k->p + k->at);
	r->class = get16(k->p + k->at + 2);
	r->ttl = get32(k->p + k->at + 4);
	r->len = get16(k->p + k->at + 8);
	k->at += 10;
	r->data = k->at;
	if (r->len > k->n - k->at)
		return -1;
	k->at += r->len;
	return 0;
}

static void
take_address(struct dns *d, const uint8_t *data, bool v6, uint32_t ttl)
{
	struct dns_address *a;

	if (d->n == DNS_ADDRESSES) {
		d->more = true;
		return;
	}
	a = &d->address[d->n++];
	a->ttl = ttl;
	memset(&a->addr, 0, sizeof(a->addr));
	if (v6) {
		memcpy(&a->addr, data, 16);
		return;
	}
	a->addr.s6_addr[10] = a->addr.s6_addr[11] = 0xff;
	memcpy(a->addr.s6_addr + 12, data, 4);
}

/* One pass over the records; true: want is another name now, look again. */
static bool
read_answers(struct packet k, unsigned count, struct wire *want,
    uint32_t *ttl, struct dns *d)
{
	struct record r;
	struct packet name;

	for (unsigned i = 0; i < count; i++) {
		if (read_record(&k, &r) == -1) {
			d->more = true;
			return false;
		}
		if (r.class != CLASS_IN || !same(&r.owner, want))
			continue;
		if (r.ttl < *ttl)
			*ttl = r.ttl;
		name = (struct packet){ k.p, k.n, r.data, k.work };
		if (r.type == TYPE_CNAME && read_name(&name, want) == 0)
			return true;
		if (r.type == TYPE_A && r.len == 4)
			take_address(d, k.p + r.data, false, *ttl);
		else if (r.type == TYPE_AAAA && r.len == 16)
			take_address(d, k.p + r.data, true, *ttl);
	}
	return false;
}

int
dns_parse(const uint8_t *p, size_t n, struct dns *d)
{
	size_t left = WORK;
	struct packet k = { p, n, HEADER, &left };
	uint32_t ttl = UINT32_MAX;
	struct wire want;
	unsigned count;

	memset(d, 0, sizeof(*d));
	if (n < HEADER || get16(p + 4) != 1 || read_name(&k, &want) == -1 ||
	    k.n - k.at < 4)
		return -1;
	d->response = p[2] & 0x80;
	d->truncated = p[2] & 0x02;
	d->rcode = p[3] & 0x0f;
	d->type = get16(k.p + k.at);
	k.at += 4;
	put_text(d, &want);
	if (!d->response)
		return 0;
	count = get16(p + 6);
	if (count > RECORDS) {
		count = RECORDS;
		d->more = true;
	}
	for (int i = 0; i < CHAIN; i++)
		if (!read_answers(k, count, &want, &ttl, d))
			break;
	return 0;
}

struct number {
	unsigned n;
	const char *name;
};

static const char *
name_of(const struct number *list, size_t n, unsigned number,
    const char *other)
{
	static char text[16];

	for (size_t i = 0; i < n; i++)
		if (list[i].n == number)
			return list[i].name;
	snprintf(text, sizeof(text), "%s%u", other, number);
	return text;
}

const char *
dns_type_name(unsigned type)
{
	static const struct number types[] = {
		{ 1, "A" }, { 2, "NS" }, { 5, "CNAME" }, { 6, "SOA" },
		{ 10, "NULL" }, { 12, "PTR" }, { 13, "HINFO" }, { 15, "MX" },
		{ 16, "TXT" }, { 28, "AAAA" }, { 33, "SRV" }, { 35, "NAPTR" },
		{ 39, "DNAME" }, { 43, "DS" }, { 44, "SSHFP" },
		{ 46, "RRSIG" }, { 47, "NSEC" }, { 48, "DNSKEY" },
		{ 50, "NSEC3" }, { 52, "TLSA" }, { 64, "SVCB" },
		{ 65, "HTTPS" }, { 99, "SPF" }, { 251, "IXFR" },
		{ 252, "AXFR" }, { 255, "ANY" }, { 257, "CAA" },
	};

	return name_of(types, sizeof(types) / sizeof(types[0]), type, "TYPE");
}

const char *
dns_rcode_name(unsigned rcode)
{
	static const struct number rcodes[] = {
		{ 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" },
		{ 3, "NXDOMAIN" }, { 4, "NOTIMP" }, { 5, "REFUSED" },
		{ 6, "YXDOMAIN" }, { 7, "YXRRSET" }, { 8, "NXRRSET" },
		{ 9, "NOTAUTH" }, { 10, "NOTZONE" },
	};

	return name_of(rcodes, sizeof(rcodes) / sizeof(rcodes[0]), rcode,
	    "RCODE");
}
