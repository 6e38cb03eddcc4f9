/* SPDX-License-Identifier: BSD-2-Clause */
/* Prefixes and address:port as people write them; see prefix.h. */
#include "prefix.h"

#include <arpa/inet.h>
#include <string.h>

#include "number.h"

#define MAPPED	96	/* bits before the IPv4, v4-mapped and NAT64 */

static const struct in6_addr nat64 = { .s6_addr = {
	0x00, 0x64, 0xff, 0x9b } };	/* RFC 6052, 2.1 */

bool
prefix_bits(const void *va, const void *vb, unsigned len)
{
	const uint8_t *a = va, *b = vb;
	unsigned whole = len / 8, rest = len % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool
prefix_is_v4(const struct prefix *p)
{
	return p->len >= MAPPED && IN6_IS_ADDR_V4MAPPED(&p->addr);
}

static struct in6_addr
map(const void *v4)
{
	struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(a.s6_addr + 12, v4, 4);
	return a;
}

static struct in6_addr
clear_host_bits(struct in6_addr a, unsigned len)
{
	for (unsigned i = len; i < 128; i++)
		a.s6_addr[i / 8] &= ~(0x80 >> i % 8);
	return a;
}

bool
prefix_has(const struct prefix *p, const struct in6_addr *a)
{
	return (prefix_is_v4(p) == !!IN6_IS_ADDR_V4MAPPED(a)) &&
	    prefix_bits(&p->addr, a, p->len);
}

struct in6_addr
prefix_judged(const struct in6_addr *a)
{
	return prefix_bits(a, &nat64, MAPPED) ? map(a->s6_addr + 12) : *a;
}

void
prefix_write(const struct prefix *p, struct buf *b)
{
	char s[INET6_ADDRSTRLEN];

	if (prefix_is_v4(p)) {
		inet_ntop(AF_INET, p->addr.s6_addr + 12, s, sizeof(s));
		buf_addf(b, "%s/%u", s, p->len - MAPPED);
	} else {
		inet_ntop(AF_INET6, &p->addr, s, sizeof(s));
		buf_addf(b, "%s/%u", s, p->len);
	}
}

/* Sets *max to the longest length that may follow. */
static int
parse_address(struct in6_addr *a, const char *s, size_t n, unsigned *max)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (n >= sizeof(text))
		return -1;
	memcpy(text, s, n);
	text[n] = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		*a = map(&v4);
		*max = 32;
		return 0;
	}
	*max = 128;
	return inet_pton(AF_INET6, text, a) == 1 ? 0 : -1;
}

/* Begins a complaint with what was written. */
static void
quote(struct buf *why, const char *s, size_t n)
{
	buf_addf(why, "\"%.*s\": ", n > 64 ? 64 : (int)n, s);
}

/* Host bits are a slip of the pen, and so is a prefix that could never
   decide anything. */
static int
check(const struct prefix *p, const char *s, size_t n, struct buf *why)
{
	struct prefix right = { clear_host_bits(p->addr, p->len), p->len };
	struct prefix inside = { map(p->addr.s6_addr + 12), p->len };

	if (memcmp(&right.addr, &p->addr, sizeof(p->addr)) != 0) {
		quote(why, s, n);
		buf_adds(why, "host bits set, expected ");
		prefix_write(&right, why);
		return -1;
	}
	if (p->len >= MAPPED && prefix_bits(&p->addr, &nat64, MAPPED)) {
		quote(why, s, n);
		buf_adds(why, "NAT64 is judged by the IPv4 inside, expected ");
		prefix_write(&inside, why);
		return -1;
	}
	return 0;
}

int
prefix_parse(struct prefix *p, const char *s, size_t n, struct buf *why)
{
	const char *slash = memchr(s, '/', n);
	size_t addrlen = slash != NULL ? (size_t)(slash - s) : n;
	uint64_t len;
	unsigned max;

	if (parse_address(&p->addr, s, addrlen, &max) == -1) {
		quote(why, s, n);
		buf_adds(why, "expected an IPv4 or IPv6 address or a prefix "
		    "like 192.0.2.0/24");
		return -1;
	}
	len = max;
	if (slash != NULL && number_parse(slash + 1, n - addrlen - 1, max,
	    &len) == -1) {
		quote(why, s, n);
		buf_addf(why, "prefix length, expected 0 to %u", max);
		return -1;
	}
	p->len = len + 128 - max;
	return check(p, s, n, why);
}

int
prefix_port_parse(struct prefix_port *pp, const char *s, struct buf *why)
{
	const char *colon = strrchr(s, ':');
	size_t n = colon != NULL ? (size_t)(colon - s) : 0;
	bool bracket = n >= 2 && s[0] == '[' && s[n - 1] == ']';
	struct prefix host = { .len = 128 };
	uint64_t port;
	unsigned max;

	if (colon == NULL || parse_address(&host.addr, s + bracket,
	    n - 2 * bracket, &max) == -1 || (max == 128) != bracket) {
		quote(why, s, strlen(s));
		buf_adds(why, "expected ADDRESS:PORT, like 192.0.2.1:3128 "
		    "or [2001:db8::1]:3128");
		return -1;
	}
	if (number_parse(colon + 1, strlen(colon + 1), 65535, &port) == -1 ||
	    port == 0) {
		quote(why, s, strlen(s));
		buf_adds(why, "port, expected 1 to 65535");
		return -1;
	}
	pp->addr = host.addr;
	pp->port = port;
	return check(&host, s, strlen(s), why);
}
