/* SPDX-License-Identifier: BSD-2-Clause */
/* cgroup2: what a recorded path says of unit and container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cgroup2.h"

#define HEX	"0123456789abcdef0123456789abcdef"	\
		"0123456789abcdef0123456789abcdef"

static const struct {
	const char *path, *unit, *container;
} cases[] = {
	{ "/", NULL, NULL },
	{ "/init.scope", "init.scope", NULL },
	{ "/system.slice/ssh.service", "ssh.service", NULL },
	{ "/user.slice/user-1000.slice/session-42.scope", "session-42.scope",
	    NULL },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service",
	    "x.service", NULL },
	{ "/system.slice/podman.service/payload", "podman.service", NULL },
	{ "/system.slice/docker-" HEX ".scope", "docker-" HEX ".scope", HEX },
	{ "/system.slice/docker-" HEX ".scope/init.scope",
	    "docker-" HEX ".scope", HEX },
	{ "/docker/" HEX, NULL, HEX },
	{ "/kubepods.slice/cri-containerd-" HEX ".scope",
	    "cri-containerd-" HEX ".scope", HEX },
	{ "/docker/" HEX "0", NULL, NULL },		/* 65 digits */
	{ "/docker/x" HEX, NULL, NULL },
	{ "/.service", NULL, NULL },
};

/* Leaf first, as the kernel side records it. */
static void
record(struct cgroup_name *name, const char *path)
{
	size_t n = strlen(path), end = n;

	memset(name, 0, sizeof(*name));
	while (end > 1) {
		size_t start = end;

		while (path[start - 1] != '/')
			start--;
		memcpy(name->leaf_first + name->len, path + start,
		    end - start);
		name->len += end - start + 1;
		name->parts++;
		end = start - 1;
	}
}

static void
check(const struct str *got, const char *want)
{
	if (want == NULL) {
		assert_null(got->s);
		return;
	}
	assert_int_equal(got->n, strlen(want));
	assert_memory_equal(got->s, want, got->n);
}

static void
names(void **state)
{
	struct str path, unit, container;
	char mem[CGROUP_LEN + 1];
	struct cgroup_name name;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record(&name, cases[i].path);
		cgroup2_names(&name, mem, &path, &unit, &container);
		print_message("%s\n", cases[i].path);
		check(&path, cases[i].path);
		check(&unit, cases[i].unit);
		check(&container, cases[i].container);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
