/* SPDX-License-Identifier: BSD-2-Clause */
/* filter against a second implementation, over many small configurations. */
#include "lists.h"

/*
 * A second opinion, written differently: addresses as strings of 0 and 1,
 * a rule as the line that was given, ports looked up in the text.
 */
static void
bits(char out[129], const char *s)
{
	struct in6_addr a = address(s);
	int i;

	for (i = 0; i < 128; i++)
		out[i] = a.s6_addr[i / 8] >> (7 - i % 8) & 1 ? '1' : '0';
	out[128] = '\0';
}

static bool
in_ports(const char *s, unsigned port)
{
	unsigned low, high;
	int n;

	for (; *s != '\0'; s += *s == ',') {
		if (sscanf(s, " %u-%u%n", &low, &high, &n) != 2) {
			assert_int_equal(sscanf(s, " %u%n", &low, &n), 1);
			high = low;
		}
		if (port >= low && port <= high)
			return true;
		s += n;
	}
	return false;
}

/* Length of the prefix if it has addr, else -1; the families are apart. */
static int
naive_match(const char *rule, const char *addrbits)
{
	char addr[64], mine[129];
	int len = -1;

	sscanf(rule, " %63[^/ ]/%d", addr, &len);
	bits(mine, "0.0.0.0");
	if ((strncmp(mine, addrbits, 96) == 0) == (strchr(addr, ':') != NULL))
		return -1;
	if (len == -1)
		len = 128;
	else if (strchr(addr, ':') == NULL)
		len += 96;
	bits(mine, addr);
	return strncmp(mine, addrbits, len) == 0 ? len : -1;
}

static bool
naive_rule(const char *rule, bool include, unsigned port)
{
	const char *p;

	if ((p = strstr(rule, "except")) != NULL)
		return include != in_ports(p + 6, port);
	if ((p = strstr(rule, "only")) != NULL)
		return include == in_ports(p + 4, port);
	return include;
}

static bool
naive(const struct lists *l, const char *addr, unsigned port)
{
	char b[129];
	int best = -1, len;
	bool logged = true, wanted = true, positive = false, not = false;

	bits(b, addr);
	if (strncmp(addr, "64:ff9b::", 9) == 0)
		bits(b, addr + 9);
	for (size_t i = 0; i < l->nproxies; i++) {
		char s[64], pb[129];

		inet_ntop(AF_INET6, &l->proxies[i].addr, s, sizeof(s));
		bits(pb, s);
		if (strcmp(pb, b) == 0 && l->proxies[i].port == port)
			return true;
	}
	for (int which = 0; which < 2; which++)
		for (size_t i = 0; i < l->list[which].n; i++) {
			const char *rule = l->list[which].v[i].text;

			len = naive_match(rule, b);
			if (len > best) {
				best = len;
				logged = naive_rule(rule, which == 1, port);
			}
		}
	for (size_t i = 0; i < l->list[2].n; i++) {
		const char *p = l->list[2].v[i].text;

		if (*p == '!') {
			not |= in_ports(p + 1, port);
		} else {
			wanted = positive ? wanted : false;
			positive = true;
			wanted |= in_ports(p, port);
		}
	}
	return logged && wanted && !not;
}

/* And a third: what a reader of f->text alone would say. */
static void
lists_of_text(struct lists *l, const char *text)
{
	char mem[3][16384] = { "", "", "" }, copy[16384], *p, *save;
	int which = 2;

	strcpy(copy, text);
	for (p = strtok_r(copy, " ", &save); p != NULL;
	    p = strtok_r(NULL, " ", &save)) {
		bool last = p[strlen(p) - 1] == ';';

		if (last)
			p[strlen(p) - 1] = '\0';
		if (strcmp(p, "exclude") == 0 || strcmp(p, "include") == 0)
			which = *p == 'i';
		else if (strcmp(p, "ports") != 0) {
			if (strchr(p, '/') != NULL)
				strcat(mem[which], ";");
			else if (mem[which][0] != '\0')
				strcat(mem[which], " ");
			strcat(mem[which], p);
		}
	}
	for (int i = 0; i < 3; i++)
		split(l, i, mem[i]);
	l->nproxies = 0;
}

static unsigned
pick(unsigned n)
{
	static uint32_t x = 2463534242u;	/* the same cases in each run */

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % n;
}

static unsigned
pick_port(void)
{
	static const unsigned edge[] = { 0, 1, 52, 53, 63, 64, 65534, 65535 };

	return pick(3) == 0 ? edge[pick(8)] : pick(12) * 10;
}

/* Few bits differ, so that prefixes nest and addresses hit them. */
static void
pick_addr(char out[64], bool v6, int len)
{
	uint32_t v = 10u << 24 | pick(4) << 22 | pick(4) << 14 | pick(4);
	struct in6_addr a = { .s6_addr = { 0x20, 1, 0xd, 0xb8, pick(4) << 6,
	    pick(4), [15] = pick(4) } };

	if (v6) {
		for (int i = len; i < 128; i++)
			a.s6_addr[i / 8] &= ~(0x80 >> i % 8);
		inet_ntop(AF_INET6, &a, out, 64);
	} else {
		v = htonl(len == 0 ? 0 : v & 0xffffffffu << (32 - len));
		inet_ntop(AF_INET, &v, out, 64);
	}
}

static void
pick_ports(char *out)
{
	int n = 1 + pick(3);

	for (*out = '\0'; n-- > 0; ) {
		unsigned low = pick_port(), high = pick_port();

		if (low >= high)
			sprintf(out + strlen(out), "%u", low);
		else
			sprintf(out + strlen(out), "%u-%u", low, high);
		if (n > 0)
			strcat(out, ",");
	}
}

/* Rules for both lists; a prefix that was there already is left out. */
static void
pick_rules(char list[2][16384])
{
	static const int len4[] = { 0, 7, 8, 9, 10, 16, 17, 18, 30, 31, 32 };
	static const int len6[] = { 0, 32, 33, 34, 47, 48, 126, 127, 128 };
	char seen[2048] = ";", addr[64], prefix[80], ports[256], mark[96];

	list[0][0] = list[1][0] = '\0';
	for (int n = pick(12); n-- > 0; ) {
		bool v6 = pick(3) == 0;
		int len = v6 ? len6[pick(9)] : len4[pick(11)];
		char *out = list[pick(2)];

		pick_addr(addr, v6, len);
		snprintf(prefix, sizeof(prefix), "%s/%d", addr, len);
		snprintf(mark, sizeof(mark), ";%s;", prefix);
		if (strstr(seen, mark) != NULL)
			continue;
		strcat(seen, mark + 1);
		pick_ports(ports);
		sprintf(out + strlen(out), "%s%s%s;", prefix,
		    (const char *[]){ "", " except ", " only " }[pick(3)], "");
		if (out[strlen(out) - 2] == ' ')
			sprintf(out + strlen(out) - 1, "%s;", ports);
	}
}

static void
pick_proxies(char *out)
{
	char addr[64];

	*out = '\0';
	for (int n = pick(2) * pick(4); n-- > 0; ) {
		bool v6 = pick(3) == 0;

		pick_addr(addr, v6, v6 ? 128 : 32);
		sprintf(out + strlen(out), v6 ? "[%s]:%u;" : "%s:%u;", addr,
		    1 + pick_port() % 65535);
	}
}

static void
compare(const struct lists *given, const struct lists *text,
    const struct filter *f, const char *const *is)
{
	for (int n = 0; n < 60; n++) {
		bool v6 = pick(3) == 0;
		char addr[80] = "64:ff9b::";
		size_t skip = !v6 && pick(5) == 0 ? strlen(addr) : 0;
		unsigned port = pick_port();
		struct in6_addr a;
		bool want;

		pick_addr(addr + skip, v6, v6 ? 128 : 32);
		a = address(addr);
		want = naive(given, addr, port);
		if (filter_decide(f, &a, port) != want ||
		    naive(text, addr, port) != want)
			fail_msg("%s port %u, expected %d: exclude %s include "
			    "%s ports %s proxy %s gave %s", addr, port, want,
			    is[0], is[1], is[2], is[3], f->text);
	}
}

static void
agrees_with_a_naive_one(void **state)
{
	static struct lists given, text;
	char rules[2][16384], ports[512], proxies[512];

	(void)state;
	for (int n = 0; n < 1500; n++) {
		struct filter *f;

		pick_rules(rules);
		ports[0] = '\0';
		for (int i = pick(4); i-- > 0; strcat(ports, ";")) {
			strcat(ports, pick(2) == 0 ? "!" : "");
			pick_ports(ports + strlen(ports));
		}
		pick_proxies(proxies);
		split(&given, 0, rules[0]);
		split(&given, 1, rules[1]);
		split(&given, 2, ports);
		split_proxies(&given, proxies);
		f = make(&given);
		if (f == NULL && strstr(given.troubles, "no port is left"))
			continue;
		if (f == NULL)
			fail_msg("%s", given.troubles);
		lists_of_text(&text, f->text);
		compare(&given, &text, f, (const char *[]){ rules[0], rules[1],
		    ports, proxies });
		filter_free(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_naive_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
