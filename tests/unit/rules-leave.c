/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel decides of the rules changes nothing: random rules and
 * random connections, decided twice.  Once by all rules in user space; once
 * by what the kernel has, with the function that it runs, and by user space
 * for the rest.  Each connection has the same verdict, and in the end each
 * rule has counted the same.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "prefix.h"
#include "rules.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define ROUNDS	3000
#define EVENTS	60

/* Few values, so that they meet; 64:ff9b::/96 is of both families. */
static const char *const nets[] = { "198.51.100.0/24", "198.51.100.0/28",
    "198.51.100.7", "203.0.113.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32",
    "2001:db8:1::/48", "2001:db8:1::1", "64::/16", "64:ff9b::c633:6407" };
static const char *const addresses[] = { "198.51.100.7", "198.51.100.200",
    "203.0.113.9", "192.0.2.1", "2001:db8:1::1", "2001:db8:2::2",
    "64:ff9b::c633:6407", "64:ff9b::cb00:7109", "64:1::1" };
static const int ports[] = { 22, 80, 443, 444, 8080 };
static const int uids[] = { 0, 100, 1000, 1001 };
static const char *const cgroups[] = { "/a", "/b", "/gone" };
static const char *const actions[] = { "tag", "tag", "digest", "raise",
    "drop", "drop", "drop", "drop", "drop" };
static const char *const order[] = { "=", "=", "=", "!=", "<", ">", "<=",
    ">=" };

static size_t
any(size_t n)
{
	return random() % n;
}

static void
comparison(struct buf *b)
{
	switch (any(12)) {
	case 0:
	case 1:
	case 2:
		buf_addf(b, "dst in %s", nets[any(N(nets))]);
		break;
	case 3:
		buf_addf(b, "dst in (%s, %s)", nets[any(N(nets))],
		    nets[any(N(nets))]);
		break;
	case 4:
	case 5:
		buf_addf(b, "dpt %s %d", order[any(N(order))],
		    ports[any(N(ports))]);
		break;
	case 6:
		buf_addf(b, "dpt in (%d, 440-9000)", ports[any(N(ports))]);
		break;
	case 7:
	case 8:
		buf_addf(b, "suid %s %d", order[any(N(order))],
		    uids[any(N(uids))]);
		break;
	case 9:
		buf_addf(b, "cgroup = %s", cgroups[any(N(cgroups))]);
		break;
	case 10:
		buf_addf(b, "%s", any(2) ? "proto = tcp" : "proto = UDP");
		break;
	case 11:
		buf_addf(b, "%s", any(3) ? "sproc = curl" :
		    "exe = /bin/curl");
	}
}

static void
expression(struct buf *b, int depth)
{
	size_t kind = any(10);

	if (depth == 0 || kind < 4) {
		comparison(b);
		return;
	}
	buf_adds(b, kind == 4 ? "not (" : "(");
	expression(b, depth - 1);
	buf_adds(b, kind < 8 ? " and " : " or ");
	expression(b, depth - 1);
	buf_adds(b, ")");
}

static struct rules *
random_rules(char *text, size_t size)
{
	size_t n = 1 + any(6);
	struct rules *r = rules_new();
	struct buf b;

	buf_init(&b, text, size);
	for (size_t i = 0; i < n; i++) {
		const char *action = actions[any(N(actions))];

		buf_addf(&b, "- {name: r%zu, action: %s, event: [%s], where: "
		    "'", i, action, any(8) ? "connect" : "udp");
		expression(&b, any(4));
		buf_adds(&b, "'}\n");
	}
	if (rules_read_text(r, "f", text, b.len) != 0)
		fail_msg("%.*s", (int)b.len, text);
	text[b.len] = '\0';
	return r;
}

/* Of these names the second has been made again, and the third has gone. */
static uint64_t
cgroup_id(void *arg, struct str path)
{
	(void)arg;
	return path.n == 2 && path.s[1] == 'a' ? 7 :
	    path.n == 2 && path.s[1] == 'b' ? 9 : 0;
}

static void
random_event(struct message *m, struct leave_event *e)
{
	static const struct { const char *path; uint64_t id; } in[] = {
	    { "/a", 7 }, { "/b", 8 }, { "/b", 9 }, { "/gone", 3 } };
	struct generation *g;
	struct prefix p;
	struct buf why;
	char mem[64];
	size_t c = any(N(in));
	const char *dst = addresses[any(N(addresses))];
	struct in6_addr inside;

	message_init(m, MSG_CONNECT);
	buf_init(&why, mem, sizeof(mem));
	if (strncmp(dst, "64:ff9b:", 8) == 0)
		inet_pton(AF_INET6, dst, &p.addr);
	else
		assert_int_equal(prefix_parse(&p, dst, strlen(dst), &why), 0);
	m->dst = p.addr;
	m->family = IN6_IS_ADDR_V4MAPPED(&m->dst) ? AF_INET : AF_INET6;
	m->proto = (struct str){ "TCP", 3 };
	m->dpt = ports[any(N(ports))];
	m->cgroup = (struct str){ in[c].path, strlen(in[c].path) };
	g = message_add_generation(m);
	g->dist = 0;
	g->uid = uids[any(N(uids))];
	g->comm = any(2) ? (struct str){ "curl", 4 } : (struct str){ "x", 1 };
	g->exe = any(2) ? (struct str){ "/bin/curl", 9 } :
	    (struct str){ NULL, 0 };
	if (any(4) == 0)
		m->container = (struct str){ "0123", 4 };

	memset(e, 0, sizeof(*e));
	e->cgroup = in[c].id;
	e->uid = g->uid;
	e->port = m->dpt;
	inside = prefix_judged(&m->dst);
	e->has_v4 = IN6_IS_ADDR_V4MAPPED(&inside);
	memcpy(&e->v4, inside.s6_addr + 12, 4);
	e->has_v6 = m->family == AF_INET6;
	memcpy(e->v6, &m->dst, 16);
}

/* As bpf/leave.h does. */
static const struct rule *
in_kernel(struct rules_leave *l, struct leave_set *set,
    const struct leave_event *e)
{
	for (size_t i = 0; i < set->n; i++)
		if (leave_has(set->term + i, e)) {
			set->term[i].hits++;
			return l->rule[i];
		}
	return NULL;
}

static void
same_counts(const struct rules *a, const struct rules *b, const char *text)
{
	for (size_t i = 0; i < rules_count(a); i++)
		if (rules_at(a, i)->hits != rules_at(b, i)->hits ||
		    rules_at(a, i)->decided != rules_at(b, i)->decided)
			fail_msg("%s counted otherwise in\n%s",
			    rules_at(a, i)->name, text);
}

static size_t early, asked, dropped;

static void
one_set(void)
{
	char text[8192];
	long seed = random();
	struct rules *all, *rest;
	struct rules_leave l;
	struct leave_set set;

	srandom(seed);
	all = random_rules(text, sizeof(text) - 1);
	srandom(seed);
	rest = random_rules(text, sizeof(text) - 1);
	rules_leave(rest, cgroup_id, NULL, &l);
	set = l.set;
	for (int i = 0; i < EVENTS; i++) {
		struct rules_verdict want, got;
		const struct rule *left;
		struct leave_event e;
		struct message m;
		bool yes, ok;

		random_event(&m, &e);
		yes = rules_decide(all, &m, &want);
		dropped += yes && want.action == RULE_DROP;
		if ((left = in_kernel(&l, &set, &e)) != NULL) {
			ok = yes && want.action == RULE_DROP &&
			    strcmp(want.rule->name, left->name) == 0;
			early++;
		} else
			ok = rules_decide(rest, &m, &got) == yes && (!yes ||
			    strcmp(want.rule->name, got.rule->name) == 0);
		if (!ok)
			fail_msg("%s instead of %s in\n%s", left != NULL ?
			    left->name : "user space", yes ?
			    want.rule->name : "nothing", text);
		asked++;
	}
	rules_leave_count(&l, &set);
	assert_int_equal(rules_leave_count(&l, &set), 0);
	same_counts(all, rest, text);
	rules_free(all);
	rules_free(rest);
}

static void
changes_nothing(void **state)
{
	(void)state;
	srandom(7);
	for (int i = 0; i < ROUNDS; i++)
		one_set();
	printf("%zu connections, %zu dropped, %zu of them in the kernel\n",
	    asked, dropped, early);
	/* What is tested happened. */
	assert_true(early > asked / 20);
	assert_true(dropped > early);
}

/* How many terms, of these rules. */
static void
takes_what_it_can(void **state)
{
	static const struct { const char *text; unsigned n; } cases[] = {
		{ "- {name: a, where: dst in 198.51.100.0/24, action: drop}",
		  1 },
		{ "- {name: a, where: 'dst in (192.0.2.1, 2001:db8::/32) and "
		  "dpt in (80, 443)', action: drop}", 4 },
		{ "- {name: a, where: dpt = 80 and suid = 0, action: drop}",
		  1 },
		{ "- {name: a, where: cgroup = /a, action: drop}", 1 },
		{ "- {name: a, where: cgroup = /gone, action: drop}", 0 },
		{ "- {name: a, where: dpt = 80 and dpt = 81, action: drop}",
		  0 },
		{ "- {name: a, where: dpt = 80 or sproc = x, action: drop}",
		  1 },
		{ "- {name: a, where: dpt = 80 and sproc = x, action: drop}",
		  0 },
		{ "- {name: a, where: dpt = 80 or exe = x, action: drop}",
		  0 },
		{ "- {name: a, where: dpt != 80, action: drop}", 0 },
		{ "- {name: a, where: dpt = 80, action: digest}", 0 },
		{ "- {name: a, where: dpt = 80, action: drop, event: udp}",
		  0 },
		/* what is before may be true too, what is behind does not
		   matter */
		{ "- {name: a, where: sproc = x}\n"
		  "- {name: b, where: dpt = 80, action: drop}", 0 },
		{ "- {name: b, where: dpt = 80, action: drop}\n"
		  "- {name: a, where: sproc = x, action: raise}", 1 },
		{ "- {name: a, where: sproc = x and dpt = 443}\n"
		  "- {name: b, where: 'dpt in (80, 443)', action: drop}", 1 },
		{ "- {name: a, where: spt = 80, event: close}\n"
		  "- {name: b, where: dpt = 80, action: drop}", 1 },
		{ "- {name: a, where: dst in 198.51.100.0/24}\n"
		  "- {name: b, where: dst in 2001:db8::/32, action: drop}", 1 },
		{ "- {name: a, where: dst in 198.51.100.0/24}\n"
		  "- {name: b, where: 'dst in ::/0', action: drop}", 0 },
		/* one that drops is no obstacle if all of it is decided */
		{ "- {name: a, where: dpt = 80, action: drop}\n"
		  "- {name: b, where: dpt < 100, action: drop}", 2 },
		{ "- {name: a, where: dpt = 80 and sproc = x, action: drop}\n"
		  "- {name: b, where: dpt < 100, action: drop}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct rules *r = rules_new();
		struct rules_leave l;

		assert_int_equal(rules_read_text(r, "f", cases[i].text,
		    strlen(cases[i].text)), 0);
		rules_leave(r, cgroup_id, NULL, &l);
		if (l.set.n != cases[i].n)
			fail_msg("%s: %u terms", cases[i].text, l.set.n);
		rules_free(r);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_it_can),
		cmocka_unit_test(changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
