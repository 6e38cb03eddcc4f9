/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rfc5424: properties that hold for any message.  Whatever a process called
 * itself, the line is valid and within its budget; what was not shortened is
 * read back the same; what always stays is there.
 */
#define _GNU_SOURCE		/* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../abnf.h"
#include "../same.h"
#include "rfc5424.h"
#include "text.h"

#define LAST_TIME	INT64_C(253402300799999999)	/* 9999-12-31 */

static unsigned seed = 20261122;
static char out[RFC5424_MAX + 1];
static char mem[RFC5424_MAX + 1024], again[RFC5424_MAX + 1024];
static char pool[1 << 20];		/* of strings */
static size_t used;

static unsigned
upto(unsigned n)
{
	return rand_r(&seed) % n;
}

/* At most n bytes of what is hard, or of anything, or of what is plain. */
static struct str
any_str(size_t n)
{
	static const char hard[] = "\\\\\"]\n\x01\x7f\xc3\xa9\xe2\x80\xa8x41 "
	    "<>();,=[@\xff";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz/.-_0123456789";
	struct str s = { pool + used, upto(n) };
	unsigned kind = upto(3);
	size_t i;

	for (i = 0; i < s.n; i++)
		pool[used++] = kind == 0 ? hard[upto(sizeof(hard))] :
		    kind == 1 ? plain[upto(sizeof(plain) - 1)] :
		    (char)rand_r(&seed);
	return s.n == 0 ? (struct str){ NULL, 0 } : s;
}

/* Clean text, as cmd is. */
static struct str
any_args(size_t n)
{
	struct str args = any_str(n);
	struct buf b;

	buf_init(&b, pool + used, sizeof(pool) - used);
	text_quote_args(&b, args.s, args.n);
	assert_false(b.full);
	used += b.len;
	return (struct str){ b.len == 0 ? NULL : b.p, b.len };
}

static int64_t
any_number(const struct field *f)
{
	int64_t v = (int64_t)rand_r(&seed) << upto(32);

	if (f->type == FIELD_TIME || f->type == FIELD_TIME_MS)
		v %= LAST_TIME;
	if (f->type == FIELD_TIME_MS)
		return v / 1000 * 1000;
	return f->sd == SD_META ? v % RFC5424_SEQ + 1 : v;
}

static void
any_addr(struct message *m, struct in6_addr *a)
{
	size_t i;

	for (i = 0; i < sizeof(a->s6_addr); i++)
		a->s6_addr[i] = 1 + upto(255);
	if (m->family == AF_INET) {
		memset(a->s6_addr, 0, 10);
		memset(a->s6_addr + 10, 0xff, 2);
	}
}

static void
any_rows(struct message *m, void *p, bool generation, size_t most)
{
	const struct field *f;

	for (f = fields; f < fields + nfields; f++) {
		if (f->generation != generation || !(f->msgids >> m->id & 1) ||
		    upto(3) == 0)
			continue;
		switch ((enum field_type)f->type) {
		case FIELD_STR:
			*field_str_at(f, p) = any_str(most);
			break;
		case FIELD_TEXT:
			if (generation)
				*field_str_at(f, p) = any_args(most);
			break;
		case FIELD_UINT:
		case FIELD_TIME:
		case FIELD_TIME_MS:
			*field_number_at(f, p) = any_number(f);
			break;
		case FIELD_ADDR:
			any_addr(m, field_addr_at(f, p));
			break;
		}
	}
}

static void
any_message(struct message *m, size_t most, unsigned generations)
{
	struct generation *g;
	int64_t dist = 0;

	used = 0;
	message_init(m, upto(NMSGIDS));
	m->facility = upto(24);
	m->severity = upto(8);
	m->time = (int64_t)rand_r(&seed) * rand_r(&seed) % LAST_TIME;
	m->procid = rand_r(&seed);
	m->hostname = (struct str){ "web-7", 5 };
	m->app = (struct str){ "pidtreed", 8 };
	if (FIELD_EVENTS >> m->id & 1)
		m->family = upto(2) ? AF_INET : AF_INET6;
	any_rows(m, m, false, most);
	m->truncated = upto(2) ? (struct str){ "cmd,unit", 8 } :
	    (struct str){ NULL, 0 };
	if (IN6_IS_ADDR_UNSPECIFIED(&m->src) &&
	    IN6_IS_ADDR_UNSPECIFIED(&m->dst))
		m->family = 0;
	if (m->id > MSG_OUTCOME)
		return;
	for (; generations > 0; generations--) {
		g = message_add_generation(m);
		any_rows(m, g, true, most);
		g->pid = 1 + upto(1 << 22);
		g->dist = dist;
		dist += upto(10) == 0 ? 1 + upto(9) : 1;
	}
}

static size_t
write_valid(const struct message *m)
{
	size_t n = rfc5424_write(m, out);

	assert_in_range(n, 1, RFC5424_MAX);
	out[n] = '\0';
	if (abnf_error(out, n) != NULL) {
		fprintf(stderr, "%s\n", out);
		fail_msg("%s", abnf_error(out, n));
	}
	return n;
}

static void
parse(struct message *m, size_t n)
{
	const char *why;
	size_t where;

	if (rfc5424_parse(m, out, n, mem, sizeof(mem), &where, &why) != 0)
		fail_msg("%zu: %s\n%s", where, why, out);
}

/* Written and read again it is the same: nothing is cut twice. */
static void
check_again(const struct message *m)
{
	struct message back;
	const char *differs, *why;
	size_t where, n = rfc5424_write(m, out);

	assert_int_equal(rfc5424_parse(&back, out, n, again, sizeof(again),
	    &where, &why), 0);
	if ((differs = same_message(m, &back)) != NULL)
		fail_msg("%s differs after\n%.*s", differs, (int)n, out);
}

static void
reads_back_the_same(void **state)
{
	struct message m, back;
	const char *differs;
	int i, cut = 0;
	size_t n;

	(void)state;
	for (i = 0; i < 3000; i++) {
		any_message(&m, 40, 1 + upto(6));
		n = write_valid(&m);
		parse(&back, n);
		if (!same_str(&m.truncated, &back.truncated))
			cut++;
		else if ((differs = same_message(&m, &back)) != NULL)
			fail_msg("%s differs after\n%s", differs, out);
		check_again(&back);
	}
	assert_in_range(cut, 0, 300);
}

/* The event, generation 1 and the outermost; and the count of the rest. */
static void
check_what_stays(const struct message *m, const struct message *back)
{
	const struct generation *last = back->gen + back->ngen - 1;
	int64_t cut = m->cut > 0 ? m->cut : 0;

	assert_int_equal(back->id, m->id);
	assert_true(back->seq == m->seq);
	if (m->ngen == 0)
		return;
	assert_memory_equal(&back->dst, &m->dst, sizeof(m->dst));
	assert_true(back->dpt == m->dpt);
	assert_int_equal(back->gen[0].pid, m->gen[0].pid);
	if (m->ngen > 1)
		assert_int_equal(back->gen[1].pid, m->gen[1].pid);
	assert_int_equal(last->pid, m->gen[m->ngen - 1].pid);
	assert_int_equal(last->dist, m->gen[m->ngen - 1].dist);
	assert_int_equal((back->cut > 0 ? back->cut : 0) + back->ngen,
	    cut + m->ngen);
}

static void
fits_whatever_it_is(void **state)
{
	struct message m, back;
	size_t n, i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		any_message(&m, 20u << upto(8), 1 + upto(64));
		m.spt = m.dpt = upto(65536);
		n = write_valid(&m);
		parse(&back, n);
		check_what_stays(&m, &back);
		check_again(&back);
	}
}

static struct str
all_of(char c, size_t n)
{
	struct str s = { pool + used, n };

	memset(pool + used, c, n);
	used += n;
	return s;
}

/* Everything as long as the kernel and the name service let it be. */
static void
worst_case(struct message *m, char c, int generations)
{
	struct generation *g;
	struct str comm, user, exe, script, cmd;
	struct buf b;

	used = 0;
	message_init(m, MSG_CONNECT);
	m->hostname = all_of('h', 255);
	m->app = all_of('a', 48);
	m->procid = m->spt = m->dpt = m->seq = m->uptime = INT32_MAX;
	m->unit = m->cgroup = m->container = all_of(c, CGROUP_LEN);
	m->thread = m->adopter = comm = all_of(c, COMM_LEN - 1);
	user = all_of(c, 256);
	exe = all_of(c, EXE_LEN);
	script = all_of(c, SCRIPT_LEN);
	cmd = all_of(c, ARGS_LEN);
	buf_init(&b, pool + used, sizeof(pool) - used);
	text_quote_args(&b, cmd.s, cmd.n);
	for (; generations > 0; generations--) {
		g = message_add_generation(m);
		*g = (struct generation){ .comm = comm, .user = user,
		    .auser = user, .exe = exe, .script = script,
		    .cmd = { b.p, b.len }, .cmdhash = comm, .state = comm,
		    .pid = 1 << 22 | generations, .uid = INT32_MAX,
		    .euid = INT32_MAX, .gid = INT32_MAX, .egid = INT32_MAX,
		    .group = user, .auid = INT32_MAX, .ses = INT32_MAX,
		    .cmdlen = INT32_MAX, .born = 0 };
		g->dist = m->ngen - 1 + (m->cut > 0 ? m->cut : 0);
	}
}

static void
fits_in_the_worst_case(void **state)
{
	static const char worst[] = "\xff\x01\\\"] a/;";
	struct message m, back;
	size_t i, n;
	int k;

	(void)state;
	for (i = 0; i < sizeof(worst); i++)	/* NUL as well */
		for (k = 1; k <= 64; k += k < 4 ? 1 : 20) {
			worst_case(&m, worst[i], k);
			n = write_valid(&m);
			parse(&back, n);
			check_what_stays(&m, &back);
			check_again(&back);
			assert_true(k < 4 || back.truncated.n > 0);
		}
}

/* A plain message of the lengths given, written and read. */
static size_t
long_message(size_t generations, size_t callers, size_t cmd, size_t exe,
    struct message *back)
{
	struct message m;
	struct generation *g;
	size_t n;

	used = 0;
	message_init(&m, MSG_CONNECT);
	while (generations-- > 0) {
		g = message_add_generation(&m);
		g->dist = m.ngen - 1;
		g->pid = 1000 - m.ngen;
		g->comm = all_of('c', 4);
		g->exe = all_of('e', exe);
		g->cmd = all_of('m', m.ngen == 1 ? callers : cmd);
		g->born = 0;
	}
	n = write_valid(&m);
	parse(back, n);
	return n;
}

static void
shortens_the_outermost_first(void **state)
{
	struct message m;
	struct str *cmd;
	size_t i;

	(void)state;
	assert_in_range(long_message(10, 600, 600, 60, &m), 7500, RFC5424_MAX);
	assert_null(m.truncated.s);
	assert_in_range(long_message(10, 800, 800, 60, &m), 7500, RFC5424_MAX);
	assert_true(m.gen[9].cmd.n < 800 && m.gen[9].cmdlen == 800);
	cmd = &m.gen[9].cmd;
	assert_memory_equal(cmd->s, "mmmm", 4);
	assert_memory_equal(cmd->s + cmd->n - 4, "mmmm", 4);
	assert_non_null(memmem(cmd->s, cmd->n, "m...m", 5));
	for (i = 0; i < 5; i++)
		assert_int_equal(m.gen[i].cmd.n, 800);
	assert_memory_equal(m.truncated.s, "cmd", 3);
	assert_null(memmem(m.truncated.s, m.truncated.n, "exe", 3));
	/* All of them, then executables, not the caller's. */
	long_message(10, 800, 800, 1000, &m);
	assert_int_equal(m.gen[0].cmd.n, 800);
	assert_int_equal(m.gen[0].exe.n, 1000);
	for (i = 1; i < 10; i++)
		assert_true(m.gen[i].cmd.n < 100);
	assert_true(m.gen[9].exe.n < 100 && m.gen[1].exe.n == 1000);
	assert_true(m.gen[9].born != NUM_NONE && m.chain.n > 0);
}

/* What has gone from such a message: one more means all before it, too. */
static int
steps(const struct message *m, size_t callers)
{
	int gone = 0, i;
	const bool step[] = {
		m->truncated.n > 0,
		m->truncated.n > 0 &&
		    memmem(m->truncated.s, m->truncated.n, "exe", 3) != NULL,
		m->gen[1].born == NUM_NONE,
		m->chain.n == 0,
		m->gen[0].cmd.n < callers,
		m->cut > 0,
	};

	for (i = 0; i < 6; i++)
		if (step[i])
			assert_int_equal(gone++, i);
	return gone;
}

static void
shortens_in_order(void **state)
{
	unsigned seen = 0;
	struct message m;
	size_t generations, callers;
	int gone, before;

	(void)state;
	for (generations = 14; generations <= 32; generations += 3) {
		before = 0;
		for (callers = 100; callers <= 4000; callers += 50) {
			long_message(generations, callers, 120, 120, &m);
			gone = steps(&m, callers);
			assert_true(gone >= before);
			before = gone;
			seen |= 1 << gone;
			/* The caller's choice costs no ancestor. */
			assert_int_equal(m.ngen, generations);
		}
	}
	assert_int_equal(seen, 0x3f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_the_same),
		cmocka_unit_test(fits_whatever_it_is),
		cmocka_unit_test(fits_in_the_worst_case),
		cmocka_unit_test(shortens_the_outermost_first),
		cmocka_unit_test(shortens_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
