/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of the configuration as test cases write them. */
#ifndef TESTS_UNIT_LISTS_H
#define TESTS_UNIT_LISTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

#define MAX_ITEMS	400

/* exclude, include, ports; items are separated by semicolons. */
struct lists {
	struct item v[3][MAX_ITEMS];
	struct items list[3];
	char mem[3][16384];
	char place[3][MAX_ITEMS][8];	/* e1, e2 ... i1 ... p1 ... */
	struct prefix_port proxies[8];
	size_t nproxies;
	enum metadata_mode metadata;
	char troubles[2048];
};

static inline void
split(struct lists *l, int which, const char *s)
{
	char *p, *save, *place;
	struct items *list = &l->list[which];

	list->v = l->v[which];
	list->n = 0;
	strcpy(l->mem[which], s);
	for (p = strtok_r(l->mem[which], ";", &save); p != NULL;
	    p = strtok_r(NULL, ";", &save)) {
		assert_true(list->n < MAX_ITEMS);
		place = l->place[which][list->n];
		snprintf(place, sizeof(l->place[0][0]), "%c%zu", "eip"[which],
		    list->n + 1);
		list->v[list->n].text = p + strspn(p, " ");
		list->v[list->n++].place = place;
	}
}

static inline void
trouble(void *arg, const char *place, const char *what)
{
	struct lists *l = arg;
	size_t n = strlen(l->troubles);

	snprintf(l->troubles + n, sizeof(l->troubles) - n, "%s%s: %s",
	    n > 0 ? "\n" : "", place == NULL ? "-" : place, what);
}

static inline struct filter *
make(struct lists *l)
{
	struct filter_spec spec = {
		&l->list[0], &l->list[1], &l->list[2],
		l->proxies, l->nproxies, l->metadata, NULL, false
	};

	l->troubles[0] = '\0';
	return filter_new(&spec, trouble, l);
}

static inline void
split_proxies(struct lists *l, const char *s)
{
	char mem[512], complaint[256], *p, *save;
	struct buf why;

	l->nproxies = 0;
	strcpy(mem, s);
	for (p = strtok_r(mem, "; ", &save); p != NULL;
	    p = strtok_r(NULL, "; ", &save)) {
		buf_init(&why, complaint, sizeof(complaint));
		assert_int_equal(prefix_port_parse(
		    &l->proxies[l->nproxies++], p, &why), 0);
	}
}

static inline struct in6_addr
address(const char *s)
{
	struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (inet_pton(AF_INET, s, a.s6_addr + 12) != 1)
		assert_int_equal(inet_pton(AF_INET6, s, &a), 1);
	return a;
}

#endif
