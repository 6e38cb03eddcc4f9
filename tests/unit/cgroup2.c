/* SPDX-License-Identifier: BSD-2-Clause */
/* cgroup2: what a recorded path says of unit and container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cgroup2.h"

#define HEX	"0123456789abcdef0123456789abcdef"	\
		"0123456789abcdef0123456789abcdef"
#define HEX2	"fedcba9876543210fedcba9876543210"	\
		"fedcba9876543210fedcba9876543210"
#define UID	"8f3c1e62-5a0d-4c1b-9d0e-27a1b6c4d5e6"
#define UID_	"8f3c1e62_5a0d_4c1b_9d0e_27a1b6c4d5e6"
#define USER	"/user.slice/user-1000.slice/user@1000.service"

/* No container; one made by the system's runtimes; one that a user or a
   service could have made. */
#define NONE(path, unit)	{ path, unit, NULL, NULL, NULL, true }
#define SYSTEM(path, unit, runtime, id, pod) \
	{ path, unit, runtime, id, pod, true }
#define USERS(path, unit, runtime, id, pod) \
	{ path, unit, runtime, id, pod, false }

static const struct {
	const char *path, *unit, *runtime, *container, *pod;
	bool system;
} cases[] = {
	/* plain services and scopes */
	NONE("/", NULL),
	NONE("/init.scope", "init.scope"),
	NONE("/system.slice/ssh.service", "ssh.service"),
	NONE("/user.slice/user-1000.slice/session-42.scope",
	    "session-42.scope"),
	NONE(USER "/app.slice/x.service", "x.service"),
	NONE("/system.slice/podman.service/payload", "podman.service"),
	NONE("/system.slice/docker.service", "docker.service"),
	NONE("/system.slice/system-getty.slice/getty@tty1.service",
	    "getty@tty1.service"),
	/* docker, by directory and by systemd, with and without root */
	SYSTEM("/docker/" HEX, NULL, "docker", HEX, NULL),
	SYSTEM("/system.slice/docker-" HEX ".scope", "docker-" HEX ".scope",
	    "docker", HEX, NULL),
	SYSTEM("/system.slice/docker-" HEX ".scope/init.scope", "docker-" HEX
	    ".scope", "docker", HEX, NULL),
	USERS(USER "/user.slice/docker-" HEX ".scope", "docker-" HEX ".scope",
	    "docker", HEX, NULL),
	SYSTEM("/system.slice:docker:" HEX, NULL, "docker", HEX, NULL),
	SYSTEM("/ecs/task/" HEX, NULL, NULL, HEX, NULL),
	/* Kubernetes: three classes, made by systemd, by directory */
	SYSTEM("/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" HEX
	    ".scope", "cri-containerd-" HEX ".scope", "containerd", HEX, UID),
	SYSTEM("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-"
	    "pod" UID_ ".slice/cri-containerd-" HEX ".scope",
	    "cri-containerd-" HEX ".scope", "containerd", HEX, UID),
	SYSTEM("/kubepods.slice/kubepods-besteffort.slice/"
	    "kubepods-besteffort-pod" UID_ ".slice/crio-" HEX ".scope",
	    "crio-" HEX ".scope", "cri-o", HEX, UID),
	SYSTEM("/kubepods.slice/kubepods-besteffort.slice/"
	    "kubepods-besteffort-pod" UID_ ".slice/docker-" HEX ".scope",
	    "docker-" HEX ".scope", "docker", HEX, UID),
	SYSTEM("/kubepods/pod" UID "/" HEX, NULL, "kubernetes", HEX, UID),
	SYSTEM("/kubepods/burstable/pod" UID "/" HEX, NULL, "kubernetes", HEX,
	    UID),
	SYSTEM("/kubepods/besteffort/pod" UID "/crio-" HEX, NULL, "cri-o", HEX,
	    UID),
	SYSTEM("/kubepods/pod0123456789abcdef0123456789abcdef/" HEX, NULL,
	    "kubernetes", HEX, "0123456789abcdef0123456789abcdef"),
	SYSTEM("/system.slice/containerd.service/kubepods-pod" UID_
	    ".slice:cri-containerd:" HEX, "containerd.service", "containerd",
	    HEX, UID),
	/* cri-containerd, crio, nerdctl without pods */
	SYSTEM("/system.slice/cri-containerd-" HEX ".scope", "cri-containerd-"
	    HEX ".scope", "containerd", HEX, NULL),
	SYSTEM("/system.slice/nerdctl-" HEX ".scope", "nerdctl-" HEX ".scope",
	    "containerd", HEX, NULL),
	SYSTEM("/system.slice/crio-" HEX ".scope/container", "crio-" HEX
	    ".scope", "cri-o", HEX, NULL),
	/* podman: root, a user's, a pod's, a Quadlet's, by directory */
	SYSTEM("/machine.slice/libpod-" HEX ".scope", "libpod-" HEX ".scope",
	    "podman", HEX, NULL),
	SYSTEM("/machine.slice/libpod-" HEX ".scope/container", "libpod-" HEX
	    ".scope", "podman", HEX, NULL),
	USERS(USER "/user.slice/libpod-" HEX ".scope/container", "libpod-" HEX
	    ".scope", "podman", HEX, NULL),
	SYSTEM("/machine.slice/machine-libpod_pod_" HEX2 ".slice/libpod-" HEX
	    ".scope", "libpod-" HEX ".scope", "podman", HEX, NULL),
	SYSTEM("/system.slice/web.service/libpod-payload-" HEX, "web.service",
	    "podman", HEX, NULL),
	USERS(USER "/app.slice/web.service/libpod-payload-" HEX, "web.service",
	    "podman", HEX, NULL),
	SYSTEM("/libpod_parent/libpod-" HEX, NULL, "podman", HEX, NULL),
	/* systemd-nspawn and lxc: names */
	SYSTEM("/machine.slice/systemd-nspawn@web.service/payload",
	    "systemd-nspawn@web.service", "systemd-nspawn", "web", NULL),
	SYSTEM("/machine.slice/machine-build\\x2d7.scope/payload/system.slice/"
	    "ssh.service", "machine-build\\x2d7.scope", "systemd-nspawn",
	    "build-7", NULL),
	SYSTEM("/machine.slice/build\\x2d7.scope/payload", "build\\x2d7.scope",
	    "systemd-nspawn", "build-7", NULL),
	SYSTEM("/machine.slice/web.scope/payload/init.scope", "web.scope",
	    "systemd-nspawn", "web", NULL),
	SYSTEM("/lxc.payload.web/system.slice/nginx.service", NULL, "lxc",
	    "web", NULL),
	SYSTEM("/lxc.payload/web", NULL, "lxc", "web", NULL),
	SYSTEM("/lxc/web/init.scope", NULL, "lxc", "web", NULL),
	USERS(USER "/app.slice/lxc-web.scope/lxc.payload.web", "lxc-web.scope",
	    "lxc", "web", NULL),
	/* what is inside a container is its own choice: the outermost */
	SYSTEM("/docker/" HEX "/kubepods/pod" UID "/" HEX2, NULL, "docker", HEX,
	    NULL),
	SYSTEM("/machine.slice/machine-a.scope/payload/system.slice/docker-" HEX
	    ".scope", "machine-a.scope", "systemd-nspawn", "a", NULL),
	USERS("/system.slice/evil.service/docker-" HEX ".scope", "docker-" HEX
	    ".scope", "docker", HEX, NULL),
	/* near misses */
	NONE("/docker/" HEX "0", NULL), /* 65 digits */
	NONE("/docker/x" HEX, NULL),
	NONE("/docker/" HEX "x", NULL),
	NONE("/docker/0123456789abcdef", NULL),
	NONE("/docker/buildkit", NULL),
	NONE("/docker", NULL),
	NONE("/docker-" HEX ".service", "docker-" HEX ".service"),
	NONE("/docker-0123456789ABCDEF0123456789abcdef0123456789abcdef"
	    "0123456789abcdef.scope", "docker-0123456789ABCDEF0123456789abcdef"
	    "0123456789abcdef0123456789abcdef.scope"),
	NONE("/machine.slice/libpod-conmon-" HEX ".scope", "libpod-conmon-" HEX
	    ".scope"),
	NONE("/machine.slice/machine-libpod_pod_" HEX ".slice", NULL),
	NONE("/kubepods.slice/crio-conmon-" HEX ".scope", "crio-conmon-" HEX
	    ".scope"),
	NONE("/kubepods.slice/kubepods-pod" UID_ ".slice", NULL),
	NONE("/kubepods/besteffort/pod" UID, NULL),
	NONE("/machine.slice/systemd-nspawn@web.service/supervisor",
	    "systemd-nspawn@web.service"),
	NONE("/machine.slice/web.scope/supervisor", "web.scope"),
	NONE("/machine.slice/web.scope/payloads", "web.scope"),
	NONE("/machine.slice/web.scope", "web.scope"),
	NONE("/machine.slice/qemu\\x2d1\\x2dvm.scope/payload",
	    "qemu\\x2d1\\x2dvm.scope"),
	NONE("/system.slice/web.scope/payload", "web.scope"),
	NONE("/system.slice/systemd-nspawn@web.service",
	    "systemd-nspawn@web.service"),
	NONE("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
	    "machine-qemu\\x2d1\\x2dvm.scope"),
	NONE("/machine.slice/machine-.scope", "machine-.scope"),
	NONE("/machine.slice/machine-\\x.scope", "machine-\\x.scope"),
	NONE("/lxc.monitor.web", NULL),
	NONE("/lxc.payload.", NULL),
	NONE("/lxc", NULL),
	NONE("/system.slice/lxc/web", NULL),
	NONE("/slice:docker:" "0123", NULL),
	NONE("/" HEX2 "-x", NULL),
	NONE("/.service", NULL),
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
check(struct str got, const char *want)
{
	if (want == NULL) {
		assert_null(got.s);
		return;
	}
	assert_non_null(got.s);
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.s, want, got.n);
}

static void
names(void **state)
{
	struct cgroup_text t;
	struct cgroup_name name;
	const char *runtime;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record(&name, cases[i].path);
		cgroup2_names(&name, &t);
		print_message("%s\n", cases[i].path);
		check(t.path, cases[i].path);
		check(t.unit, cases[i].unit);
		assert_int_equal(t.contained, cases[i].container != NULL);
		if (!t.contained)
			continue;
		runtime = cases[i].runtime;
		assert_string_equal(t.container.id, cases[i].container);
		assert_string_equal(t.container.runtime != NULL ?
		    t.container.runtime : "", runtime != NULL ? runtime : "");
		assert_string_equal(t.container.pod, cases[i].pod != NULL ?
		    cases[i].pod : "");
		assert_int_equal(t.container.system, cases[i].system);
	}
}

/* The innermost groups did not fit. */
static void
cut(void **state)
{
	struct cgroup_text t;
	struct cgroup_name name;

	(void)state;
	record(&name, "/system.slice/docker-" HEX ".scope/a");
	name.cut = 1;
	cgroup2_names(&name, &t);
	check(t.path, "/system.slice/docker-" HEX ".scope/a/...");
	check(t.unit, "docker-" HEX ".scope");
	assert_string_equal(t.container.id, HEX);
}

/* Any bytes of any length: nothing is read or written beyond them. */
static void
damaged(void **state)
{
	static const char *const words[] = { "docker-", HEX, ".scope", "/",
	    "/", "kubepods", "-pod", UID_, ":", "machine.slice", "machine-",
	    "\\x", "lxc", "supervisor", "crio", "pod", ".slice",
	    "systemd-nspawn@" };
	struct container c;
	char path[4096], *exact;
	unsigned seed = 1;
	size_t n, len;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		path[0] = '/';
		for (n = 1; n < 380; n += len) {
			const char *word = words[rand_r(&seed) %
			    (sizeof(words) / sizeof(words[0]))];

			len = strlen(word);
			memcpy(path + n, word, len);
			if (rand_r(&seed) % 16 == 0)
				break;
		}
		exact = malloc(n);
		assert_non_null(exact);
		memcpy(exact, path, n);
		if (container_find((struct str){ exact, n }, &c)) {
			assert_in_range(strlen(c.id), 1, CONTAINER_ID - 1);
			assert_in_range(c.start, 1, n);
		}
		free(exact);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(cut),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
