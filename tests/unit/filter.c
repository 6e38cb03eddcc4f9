/* SPDX-License-Identifier: BSD-2-Clause */
/* filter: what is said, what is refused, and what is decided. */
#include "lists.h"

/* asks: "ADDRESS PORT yes|no; ..." */
static void
expect(const struct filter *f, const char *name, const char *asks)
{
	char mem[2048], addr[64], want[8], *p, *save;
	unsigned port;

	strcpy(mem, asks);
	for (p = strtok_r(mem, ";", &save); p != NULL;
	    p = strtok_r(NULL, ";", &save)) {
		struct in6_addr a;
		bool logged;

		assert_int_equal(sscanf(p, "%63s %u %7s", addr, &port, want),
		    3);
		a = address(addr);
		logged = filter_decide(f, &a, port);
		if (logged != (strcmp(want, "yes") == 0))
			fail_msg("%s: %s port %u: expected %s", name, addr,
			    port, want);
	}
}

static const struct {
	const char *exclude, *include, *ports, *proxy, *asks;
} decisions[] = {
	{ "", "", "", "", "192.0.2.1 0 yes; 2001:db8::1 65535 yes" },

	/* pidtree-bcc's integration cases */
	{ "127.0.0.0/16; 127.100.0.0/16 except 31337; "
	  "127.101.0.0/16 only 31337", "", "!41337", "",
	  "127.1.33.7 31337 yes; 127.1.33.7 41337 no; 127.0.0.1 31337 no; "
	  "127.100.33.7 31337 yes; 127.100.33.7 41338 no; "
	  "127.101.33.7 31337 no; 127.101.33.7 41338 yes" },
	{ "127.1.33.7/32", "", "", "", "127.1.33.7 1 no; 127.1.33.8 1 yes" },
	{ "1.1.1.1/32", "", "", "", "127.1.33.7 1 yes; 1.1.1.1 1 no" },

	/* its filter tables: the last port, ranges, more than eight of them,
	   overlapping prefixes */
	{ "192.0.2.0/24 except 65535", "", "", "",
	  "192.0.2.1 65535 yes; 192.0.2.1 65534 no; 192.0.2.1 0 no" },
	{ "192.0.2.0/24 only 65535", "", "", "",
	  "192.0.2.1 65535 no; 192.0.2.1 65534 yes; 192.0.2.1 0 yes" },
	{ "192.0.2.0/24 except 0-99,1000-1999", "", "", "",
	  "192.0.2.1 0 yes; 192.0.2.1 99 yes; 192.0.2.1 100 no; "
	  "192.0.2.1 999 no; 192.0.2.1 1000 yes; 192.0.2.1 1999 yes; "
	  "192.0.2.1 2000 no" },
	{ "192.0.2.0/24 except 10-11, 20-21, 30-31, 40-41, 50-51, 60-61, "
	  "70-71, 80-81, 90-91, 65534-65535", "", "", "",
	  "192.0.2.1 10 yes; 192.0.2.1 51 yes; 192.0.2.1 81 yes; "
	  "192.0.2.1 90 yes; 192.0.2.1 91 yes; 192.0.2.1 92 no; "
	  "192.0.2.1 65534 yes; 192.0.2.1 65535 yes; 192.0.2.1 89 no" },
	{ "10.0.0.0/8; 10.1.0.0/16 except 80", "", "", "",
	  "10.1.2.3 80 yes; 10.1.2.3 81 no; 10.2.0.1 80 no; 11.0.0.1 80 yes" },
	{ "10.1.0.0/16 except 80; 10.0.0.0/8 except 443", "", "", "",
	  "10.1.2.3 80 yes; 10.1.2.3 443 no; 10.2.0.1 443 yes; "
	  "10.2.0.1 80 no" },

	/* include inside exclude inside include; no fall-back */
	{ "10.0.0.0/8", "10.9.0.0/16 only 3128; 10.9.1.0/24; "
	  "10.9.2.0/24 except 22", "", "",
	  "10.9.0.1 3128 yes; 10.9.0.1 3129 no; 10.9.1.1 1 yes; "
	  "10.9.2.1 22 no; 10.9.2.1 23 yes; 10.8.0.1 3128 no" },
	{ "0.0.0.0/0; ::/0", "192.0.2.1", "", "",
	  "192.0.2.1 9 yes; 192.0.2.2 9 no; 2001:db8::1 9 no" },
	{ "0.0.0.0/0", "", "", "", "192.0.2.2 9 no; 2001:db8::1 9 yes" },
	{ "::/0", "", "", "", "192.0.2.2 9 yes; 2001:db8::1 9 no" },

	/* IPv4 in other clothes */
	{ "::ffff:10.0.0.0/104", "", "", "",
	  "10.1.1.1 1 no; ::ffff:10.1.1.1 1 no; 11.0.0.1 1 yes" },
	{ "10.0.0.0/8; 64:ff9b::/64; 64:ff9b:1::/48", "", "", "",
	  "64:ff9b::10.1.1.1 1 no; 64:ff9b::11.1.1.1 1 yes; "
	  "64:ff9b:0:0:1:: 1 no; 64:ff9b:1::10.1.1.1 1 no" },

	/* ports: both must admit */
	{ "", "192.0.2.1 only 53", "!53", "", "192.0.2.1 53 no" },
	{ "", "", "!53", "", "192.0.2.1 53 no; 192.0.2.1 54 yes" },
	{ "", "", "!53,5353; !100-200", "",
	  "192.0.2.1 53 no; 192.0.2.1 5353 no; 192.0.2.1 150 no; "
	  "192.0.2.1 99 yes" },
	{ "", "", "!53; 80; 8000-8999; 40-60; !8080", "",
	  "192.0.2.1 53 no; 192.0.2.1 80 yes; 192.0.2.1 8000 yes; "
	  "192.0.2.1 8080 no; 192.0.2.1 52 yes; 192.0.2.1 443 no" },

	/* a proxy: always logged; what is around it stays as it was */
	{ "10.0.0.0/8", "", "", "10.1.2.3:3128",
	  "10.1.2.3 3128 yes; 10.1.2.3 22 no; 10.1.2.4 3128 no" },
	{ "", "", "", "192.0.2.1:3128",
	  "192.0.2.1 3128 yes; 192.0.2.1 22 yes" },
	{ "10.1.2.3", "", "", "10.1.2.3:3128; 10.1.2.3:8080",
	  "10.1.2.3 3128 yes; 10.1.2.3 8080 yes; 10.1.2.3 22 no" },
	{ "10.1.2.3 only 80-90", "", "", "10.1.2.3:85",
	  "10.1.2.3 85 yes; 10.1.2.3 84 no; 10.1.2.3 91 yes" },
	{ "10.1.2.3 only 85", "", "", "10.1.2.3:85",
	  "10.1.2.3 85 yes; 10.1.2.3 84 yes" },
	{ "10.0.0.0/8 except 22",
	  "10.2.0.0/16 except 3128; 10.2.9.0/24 only 25",
	  "!3128,23", "10.1.2.3:3128; 10.2.0.1:3128; 192.0.2.1:3128; "
	  "[2001:db8::1]:3128",
	  "10.1.2.3 3128 yes; 10.1.2.3 22 yes; 10.1.2.3 23 no; "
	  "10.1.2.4 3128 no; 10.2.0.1 3128 yes; 10.2.0.1 22 yes; "
	  "10.2.0.1 23 no; 10.2.0.2 23 no; 10.2.0.2 24 yes; "
	  "10.2.9.1 25 yes; 10.2.9.1 23 no; "
	  "192.0.2.1 3128 yes; 192.0.2.1 23 no; 192.0.2.1 22 yes; "
	  "192.0.2.2 3128 no; 192.0.2.2 1 yes; 2001:db8::1 3128 yes; "
	  "2001:db8::2 3128 no; 2001:db8::2 22 yes" },
	{ "0.0.0.0/0", "", "443", "10.1.2.3:3128",
	  "10.1.2.3 3128 yes; 10.1.2.3 443 no; 192.0.2.1 443 no; "
	  "2001:db8::1 443 yes; 2001:db8::1 3128 no" },
};

static void
decides(void **state)
{
	static struct lists l;

	(void)state;
	for (size_t i = 0; i < sizeof(decisions) / sizeof(*decisions); i++) {
		struct filter *f;

		split(&l, 0, decisions[i].exclude);
		split(&l, 1, decisions[i].include);
		split(&l, 2, decisions[i].ports);
		split_proxies(&l, decisions[i].proxy);
		l.metadata = METADATA_ALL;
		f = make(&l);
		if (f == NULL)
			fail_msg("%s: %s", decisions[i].exclude, l.troubles);
		expect(f, decisions[i].exclude, decisions[i].asks);
		filter_free(f);
	}
}

static void
split_default(struct lists *l)
{
	char s[1024] = "";

	for (const char *const *p = filter_default_exclude; *p != NULL; p++) {
		strcat(s, *p);
		strcat(s, ";");
	}
	split(l, 0, s);
	split(l, 1, "");
	split(l, 2, "");
	l->nproxies = 0;
}

static void
default_is_the_internet(void **state)
{
	static struct lists l;
	struct filter *f;

	(void)state;
	split_default(&l);
	l.metadata = METADATA_ALL;
	f = make(&l);
	assert_non_null(f);
	expect(f, "default",
	    "0.1.2.3 1 no; 1.1.1.1 53 yes; 9.255.255.255 1 yes; 10.0.0.0 1 no; "
	    "10.255.255.255 1 no; 11.0.0.0 1 yes; 100.63.255.255 1 yes; "
	    "100.64.0.0 1 no; 100.127.255.255 1 no; 100.128.0.0 1 yes; "
	    "127.1.33.7 1 no; 169.254.1.1 1 no; 172.15.255.255 1 yes; "
	    "172.16.0.0 1 no; 172.31.255.255 1 no; 172.32.0.0 1 yes; "
	    "192.0.0.8 1 no; 192.0.1.1 1 yes; 192.0.2.1 1 yes; "
	    "192.168.1.1 1 no; 198.17.255.255 1 yes; 198.18.0.1 1 no; "
	    "198.19.255.255 1 no; 198.20.0.0 1 yes; 198.51.100.1 1 yes; "
	    "203.0.113.4 443 yes; 224.0.0.1 1 no; 239.1.1.1 1 no; "
	    "240.0.0.1 1 no; 255.255.255.255 1 no; "
	    ":: 1 no; ::1 1 no; ::2 1 yes; 2001:db8::1 1 yes; fc00::1 1 no; "
	    "fdff::1 1 no; fe00::1 1 yes; fe80::1 1 no; febf::1 1 no; "
	    "fec0::1 1 yes; ff02::1 1 no; 64:ff9b::10.0.0.1 1 no; "
	    "64:ff9b::1.1.1.1 1 yes; ::ffff:192.168.0.1 1 no");
	expect(f, "metadata: all",
	    "169.254.169.254 80 yes; 169.254.170.2 80 yes; "
	    "169.254.170.23 80 yes; fd00:ec2::254 80 yes; "
	    "fd00:ec2::23 80 yes; 168.63.129.16 80 yes; "
	    "100.100.100.200 80 yes; 169.254.169.253 53 no");
	assert_string_equal(f->text, "ports 0-65535; exclude 0.0.0.0/8 "
	    "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 "
	    "172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 "
	    "224.0.0.0/4 240.0.0.0/4 ::/128 ::1/128 fc00::/7 fe80::/10 "
	    "ff00::/8; include 100.100.100.200/32 168.63.129.16/32 "
	    "169.254.169.254/32 169.254.170.2/32 169.254.170.23/32 "
	    "fd00:ec2::23/128 fd00:ec2::254/128");
	assert_int_equal(strlen(f->hash), 16);
	filter_free(f);

	split_default(&l);
	split(&l, 1, "169.254.170.2 only 80");
	l.metadata = METADATA_OFF;
	f = make(&l);
	assert_non_null(f);
	expect(f, "metadata: off, but one",
	    "169.254.169.254 80 no; 168.63.129.16 80 no; "
	    "fd00:ec2::254 80 no; 169.254.170.2 80 yes; 169.254.170.2 81 no");
	filter_free(f);
}

static const struct {
	const char *exclude, *include, *ports, *troubles;
} refusals[] = {
	{ "10.0.0.0/8; nonsense", "", "",
	  "e2: \"nonsense\": expected an IPv4 or IPv6 address or a prefix like "
	  "192.0.2.0/24" },
	{ "10.0.0/8", "", "", "e1: \"10.0.0/8\": expected an IPv4 or IPv6 "
	  "address or a prefix like 192.0.2.0/24" },
	{ "fe80::1%eth0", "", "", "e1: \"fe80::1%eth0\": expected an IPv4 or "
	  "IPv6 address or a prefix like 192.0.2.0/24" },
	{ "10.0.0.0/33", "", "",
	  "e1: \"10.0.0.0/33\": prefix length, expected 0 to 32" },
	{ "10.0.0.0/", "", "",
	  "e1: \"10.0.0.0/\": prefix length, expected 0 to 32" },
	{ "::/129", "", "",
	  "e1: \"::/129\": prefix length, expected 0 to 128" },
	{ "::/18446744073709551616", "", "", "e1: \"::/18446744073709551616\": "
	  "prefix length, expected 0 to 128" },
	{ "10.1.2.3/8", "", "",
	  "e1: \"10.1.2.3/8\": host bits set, expected 10.0.0.0/8" },
	{ "2001:db8:1::/32", "", "",
	  "e1: \"2001:db8:1::/32\": host bits set, expected 2001:db8::/32" },
	{ "::ffff:10.1.2.3/104", "", "", "e1: \"::ffff:10.1.2.3/104\": host "
	  "bits set, expected 10.0.0.0/8" },
	{ "64:ff9b::/96", "", "", "e1: \"64:ff9b::/96\": NAT64 is judged by "
	  "the IPv4 inside, expected 0.0.0.0/0" },
	{ "64:ff9b::10.0.0.0/104", "", "", "e1: \"64:ff9b::10.0.0.0/104\": "
	  "NAT64 is judged by the IPv4 inside, expected 10.0.0.0/8" },
	{ "", "10.0.0.0/8 not 80", "", "i1: \"not\" after the prefix, expected "
	  "\"except\" or \"only\" and ports" },
	{ "10.0.0.0/8 80", "", "", "e1: \"80\" after the prefix, expected "
	  "\"except\" or \"only\" and ports" },
	{ "10.0.0.0/8 only", "", "", "e1: port \"\", expected 0 to 65535 or a "
	  "range like 8000-8999" },
	{ "10.0.0.0/8 only 70000", "", "", "e1: port \"70000\", expected 0 to "
	  "65535 or a range like 8000-8999" },
	{ "10.0.0.0/8 only 65536", "", "", "e1: port \"65536\", expected 0 to "
	  "65535 or a range like 8000-8999" },
	{ "10.0.0.0/8 only -1", "", "", "e1: port \"-1\", expected 0 to 65535 "
	  "or a range like 8000-8999" },
	{ "10.0.0.0/8 only 1-2-3", "", "", "e1: port \"1-2-3\", expected 0 to "
	  "65535 or a range like 8000-8999" },
	{ "10.0.0.0/8 only 1,,2", "", "", "e1: port \"\", expected 0 to 65535 "
	  "or a range like 8000-8999" },
	{ "10.0.0.0/8 only 1,", "", "", "e1: port \"\", expected 0 to 65535 or "
	  "a range like 8000-8999" },
	{ "10.0.0.0/8 only https", "", "", "e1: port \"https\", expected 0 to "
	  "65535 or a range like 8000-8999" },
	{ "10.0.0.0/8 only 1 2", "", "",
	  "e1: \"2\" after a port, expected a comma" },
	{ "10.0.0.0/8 only 90-80", "", "",
	  "e1: ports 90-80, expected the lower one first" },
	{ "10.0.0.0/8; 10.0.0.0/8", "", "",
	  "e2: 10.0.0.0/8 is given twice, first at e1" },
	{ "10.0.0.0/8", "::ffff:10.0.0.0/104 only 80", "",
	  "i1: 10.0.0.0/8 is given twice, first at e1" },
	{ "::1; ::1/128", "192.0.2.1; 192.0.2.1/32", "",
	  "e2: ::1/128 is given twice, first at e1\n"
	  "i2: 192.0.2.1/32 is given twice, first at i1" },
	{ "x; 10.0.0.0/8", "y", "z; 80-0", "p1: port \"z\", expected 0 to "
	  "65535 or a range like 8000-8999\n"
	  "p2: ports 80-0, expected the lower one first\n"
	  "e1: \"x\": expected an IPv4 or IPv6 address or a prefix like "
	  "192.0.2.0/24\n"
	  "i1: \"y\": expected an IPv4 or IPv6 address or a prefix like "
	  "192.0.2.0/24" },
	{ "", "", "!", "p1: port \"\", expected 0 to 65535 or a range like "
	  "8000-8999" },
	{ "", "", "80; !0-65535", "p1: no port is left to be logged" },
};

static void
refuses(void **state)
{
	static struct lists l;

	(void)state;
	l.nproxies = 0;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		split(&l, 0, refusals[i].exclude);
		split(&l, 1, refusals[i].include);
		split(&l, 2, refusals[i].ports);
		assert_null(make(&l));
		assert_string_equal(l.troubles, refusals[i].troubles);
	}
}

static const struct {
	const char *proxy, *trouble;
} proxies[] = {
	{ "192.0.2.1:3128", NULL },
	{ "[2001:db8::1]:65535", NULL },
	{ "192.0.2.1", "\"192.0.2.1\": expected ADDRESS:PORT, like "
	  "192.0.2.1:3128 or [2001:db8::1]:3128" },
	{ "2001:db8::1:3128", "\"2001:db8::1:3128\": expected ADDRESS:PORT, "
	  "like 192.0.2.1:3128 or [2001:db8::1]:3128" },
	{ "[192.0.2.1]:80", "\"[192.0.2.1]:80\": expected ADDRESS:PORT, like "
	  "192.0.2.1:3128 or [2001:db8::1]:3128" },
	{ "proxy.example.net:80", "\"proxy.example.net:80\": expected "
	  "ADDRESS:PORT, like 192.0.2.1:3128 or [2001:db8::1]:3128" },
	{ "", "\"\": expected ADDRESS:PORT, like 192.0.2.1:3128 or "
	  "[2001:db8::1]:3128" },
	{ ":80", "\":80\": expected ADDRESS:PORT, like 192.0.2.1:3128 or "
	  "[2001:db8::1]:3128" },
	{ "192.0.2.1:", "\"192.0.2.1:\": port, expected 1 to 65535" },
	{ "192.0.2.1:0", "\"192.0.2.1:0\": port, expected 1 to 65535" },
	{ "192.0.2.1:70000", "\"192.0.2.1:70000\": port, expected 1 to 65535" },
	{ "[64:ff9b::10.0.0.1]:80", "\"[64:ff9b::10.0.0.1]:80\": NAT64 is "
	  "judged by the IPv4 inside, expected 10.0.0.1/32" },
};

static void
reads_proxies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(proxies) / sizeof(*proxies); i++) {
		struct prefix_port pp;
		char mem[256];
		struct buf why;

		buf_init(&why, mem, sizeof(mem));
		assert_int_equal(prefix_port_parse(&pp, proxies[i].proxy, &why),
		    proxies[i].trouble == NULL ? 0 : -1);
		assert_string_equal(buf_cstr(&why),
		    proxies[i].trouble == NULL ? "" : proxies[i].trouble);
	}
}

static void
shares_sets(void **state)
{
	static struct lists l;
	struct filter *f;
	char s[8192] = "", one[64];

	(void)state;
	l.nproxies = 0;
	for (int i = 0; i < 64; i++) {
		snprintf(one, sizeof(one), "10.0.%d.0/24 except %d;", i,
		    i == 63 ? 1001 : 1000 + i);
		strcat(s, one);
	}
	split(&l, 0, s);
	split(&l, 1, "10.9.0.0/24 only 1062,1062; 10.9.1.0/24 except 0-65535");
	split(&l, 2, "");
	f = make(&l);
	assert_non_null(f);
	assert_int_equal(f->nsets, PORTSETS);
	filter_free(f);

	strcat(s, "192.0.2.0/24 except 7");
	split(&l, 0, s);
	split(&l, 1, "");
	split(&l, 2, "");
	assert_null(make(&l));
	assert_string_equal(l.troubles, "e65: more than 63 different sets of "
	    "ports");
}

static void
text_is_cut_between_prefixes(void **state)
{
	static struct lists l;
	struct filter *f, *g;
	char s[16384] = "", one[64];

	(void)state;
	l.nproxies = 0;
	for (int i = 0; i < 256; i++) {
		snprintf(one, sizeof(one), "10.0.%d.0/24 except 1,2,3;", i);
		strcat(s, one);
	}
	split(&l, 0, "");
	split(&l, 1, "");
	split(&l, 2, "");
	f = make(&l);
	split(&l, 0, s);
	split(&l, 1, "");
	split(&l, 2, "");
	g = make(&l);
	assert_non_null(f);
	assert_non_null(g);
	assert_true(strlen(g->text) <= FILTER_TEXT);
	assert_true(strlen(g->text) > FILTER_TEXT - 64);
	assert_string_equal(g->text + strlen(g->text) - 16,
	    "/24 only 1-3 ...");
	assert_string_not_equal(f->hash, g->hash);
	filter_free(f);
	filter_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(default_is_the_internet),
		cmocka_unit_test(refuses),
		cmocka_unit_test(reads_proxies),
		cmocka_unit_test(shares_sets),
		cmocka_unit_test(text_is_cut_between_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
