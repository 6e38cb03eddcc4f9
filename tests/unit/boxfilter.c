/* SPDX-License-Identifier: BSD-2-Clause */
/* boxfilter: which containers are logged; what is not known is logged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boxfilter.h"

/* The message's container: none; id alone; all of it; in a pod. */
enum who { HOST, BARE, DOCKER, POD, NAMELESS };

static void
fill(struct message *m, enum who who)
{
	static const struct { const char *runtime, *name, *image, *pod, *uid,
	    *space; } is[] = {
		[HOST] = { NULL, NULL, NULL, NULL, NULL, NULL },
		[BARE] = { NULL, NULL, NULL, NULL, NULL, NULL },
		[DOCKER] = { "docker", "web-1", "nginx:1.25", NULL, NULL,
		    NULL },
		[POD] = { "containerd", "app", "ghcr.io/a/b:v1", "web-5d9c",
		    "u", "prod" },
		[NAMELESS] = { "containerd", NULL, NULL, NULL, "u", NULL },
	};
#define SET(to, from) \
	if (is[who].from != NULL) \
		m->to = (struct str){ is[who].from, strlen(is[who].from) }

	message_init(m, MSG_CONNECT);
	if (who != HOST)
		m->container = (struct str){ "0123", 4 };
	SET(runtime, runtime);
	SET(containername, name);
	SET(image, image);
	SET(pod, pod);
	SET(poduid, uid);
	SET(space, space);
}

static const struct {
	const char *exclude, *include;	/* one item each; NULL: none */
	const char *logged;		/* host, bare, docker, pod, nameless */
} cases[] = {
	{ NULL, NULL, "11111" },
	{ "runtime=docker", NULL, "11011" },
	{ "runtime=*", NULL, "01000" },
	{ "runtime=none", NULL, "01111" },
	{ "name=web-*", NULL, "11011" },
	{ "name=web", NULL, "11111" },
	{ "name=web-1 runtime=docker", NULL, "11011" },
	{ "name=web-1  runtime=podman ", NULL, "11111" },
	{ "image=ghcr.io/*", NULL, "11101" },
	{ "namespace=prod", NULL, "11101" },
	{ "pod=web-*", NULL, "11101" },
	{ "id=01*", NULL, "10000" },
	{ NULL, "runtime=docker", "01100" },
	{ NULL, "runtime=none", "11000" },
	{ NULL, "namespace=prod", "00011" },
	{ NULL, "name=app", "01011" },
	{ NULL, "name=app runtime=docker", "01000" },
	{ NULL, "name=[!a]*", "01101" },
	{ "name=web-1", "runtime=docker", "01000" },
};

static void
decides(void **state)
{
	struct items exclude, include;
	struct boxfilter *f;
	struct message m;
	char mem[256];
	struct buf why;

	(void)state;
	buf_init(&why, mem, sizeof(mem));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		exclude = include = (struct items){ 0 };
		if (cases[i].exclude != NULL) {
			items_add(&exclude, cases[i].exclude, NULL);
			assert_int_equal(boxfilter_check(cases[i].exclude,
			    &why), 0);
		}
		if (cases[i].include != NULL) {
			items_add(&include, cases[i].include, NULL);
			assert_int_equal(boxfilter_check(cases[i].include,
			    &why), 0);
		}
		f = boxfilter_new(&exclude, &include);
		assert_non_null(f);
		for (int who = HOST; who <= NAMELESS; who++) {
			fill(&m, who);
			if (boxfilter_logs(f, &m) !=
			    (cases[i].logged[who] == '1'))
				fail_msg("case %zu, %d", i, who);
		}
		boxfilter_free(f);
		items_clear(&exclude);
		items_clear(&include);
	}
	boxfilter_free(NULL);
}

static void
any_of_a_list(void **state)
{
	struct items exclude = { 0 }, include = { 0 };
	struct boxfilter *f;
	struct message m;

	(void)state;
	items_add(&exclude, "name=x", NULL);
	items_add(&exclude, "name=web-1", NULL);
	items_add(&include, "runtime=podman", NULL);
	items_add(&include, "runtime=none", NULL);
	f = boxfilter_new(&exclude, &include);
	assert_non_null(f);
	fill(&m, HOST);
	assert_true(boxfilter_logs(f, &m));
	fill(&m, DOCKER);
	assert_false(boxfilter_logs(f, &m));
	assert_string_equal(boxfilter_text(f), "exclude name=x | name=web-1; "
	    "include runtime=podman | runtime=none");
	boxfilter_free(f);
	items_clear(&exclude);
	f = boxfilter_new(&exclude, &exclude);
	assert_null(boxfilter_text(f));
	boxfilter_free(f);
	items_clear(&include);
}

static void
refuses(void **state)
{
	static const char *const bad[] = { "", " ", "docker", "name=", "=x",
	    "label=x", "name=a b", "name=a;b", "name=a|b", "names=a",
	    "name=1 name=2 name=3 name=4 name=5 name=6 name=7" };
	char mem[512];
	struct buf why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_init(&why, mem, sizeof(mem));
		assert_int_equal(boxfilter_check(bad[i], &why), -1);
		assert_non_null(strstr(buf_cstr(&why), "expected KEY="));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(any_of_a_list),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
