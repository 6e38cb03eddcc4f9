/* SPDX-License-Identifier: BSD-2-Clause */
/* boxes: names of containers, from files as docker, containerd, cri-o, podman
   and the kubelet lay them out; damaged ones harm nothing. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "boxes.h"
#include "boxread.h"

#define HEX	"0123456789abcdef0123456789abcdef"	\
		"0123456789abcdef0123456789abcdef"
#define HEX2	"fedcba9876543210fedcba9876543210"	\
		"fedcba9876543210fedcba9876543210"
#define UID	"8f3c1e62-5a0d-4c1b-9d0e-27a1b6c4d5e6"
#define DOCKER	"/var/lib/docker/containers/" HEX "/config.v2.json"
#define TASKS	"/run/containerd/io.containerd.runtime.v2.task/"
#define CRIO	"/run/containers/storage/overlay-containers/" HEX "/userdata"
#define PODMAN	"/var/lib/containers/storage/overlay-containers/"

static char root[] = "/tmp/pidtreed-boxes.XXXXXX";

static const char *
below(const char *path)
{
	static char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return full;
}

/* Its directories; as the runtimes have it, nobody else may enter. */
static const char *
make_way(const char *path)
{
	char dir[512];

	for (const char *p = strchr(path + 1, '/'); p != NULL;
	    p = strchr(p + 1, '/')) {
		snprintf(dir, sizeof(dir), "%s%.*s", root, (int)(p - path),
		    path);
		mkdir(dir, 0700);
	}
	return below(path);
}

static void
put(const char *path, const char *text, size_t n)
{
	int fd = open(make_way(path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

static void
puts_to(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
clear(void **state)
{
	(void)state;
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return mkdir(root, 0755);
}

static struct container
container(const char *runtime, const char *id, const char *pod)
{
	struct container c = { .runtime = runtime, .system = true };

	snprintf(c.id, sizeof(c.id), "%s", id);
	snprintf(c.pod, sizeof(c.pod), "%s", pod != NULL ? pod : "");
	return c;
}

/* What the helper says; it has all the time that a busy machine needs. */
static void
expect(const char *runtime, const char *pod, const char *want)
{
	struct container c = container(runtime, HEX, pod);
	struct boxes *b = boxes_open(root, NULL);
	int64_t budget = 10000000;
	const struct box *box;
	char got[2048] = "none";

	assert_non_null(b);
	box = boxes_get(b, 7, &c, &budget);
	if (box != NULL)
		snprintf(got, sizeof(got), "%s %s %s %s %s", box->runtime,
		    box->name, box->image, box->pod, box->space);
	assert_string_equal(got, want);
	boxes_close(b);
}

static void
docker(void **state)
{
	(void)state;
	expect("docker", NULL, "none");
	puts_to(DOCKER, "{\"ID\":\"" HEX "\",\"Name\":\"/web\",\"State\":"
	    "{\"Pid\":7},\"Config\":{\"Image\":\"nginx:1.25\",\"Labels\":{"
	    "\"io.kubernetes.pod.name\":\"forged\","
	    "\"io.kubernetes.container.name\":\"forged\"}}}");
	expect("docker", NULL, "docker web nginx:1.25  ");
	expect(NULL, NULL, "docker web nginx:1.25  ");
	expect("podman", NULL, "none");
	expect("docker", UID, "docker forged nginx:1.25 forged ");
	puts_to(DOCKER, "{\"ID\":\"" HEX2 "\",\"Name\":\"/other\"}");
	expect("docker", NULL, "none");
}

static void
docker_by_the_kubelet(void **state)
{
	(void)state;
	puts_to(DOCKER, "{\"ID\":\"" HEX "\",\"Name\":\"/k8s_app_web_prod_"
	    UID "_0\",\"Config\":{\"Image\":\"sha256:abc\",\"Labels\":{"
	    "\"io.kubernetes.pod.name\":\"web-0\","
	    "\"io.kubernetes.pod.namespace\":\"prod\","
	    "\"io.kubernetes.container.name\":\"app\"}}}");
	expect("kubernetes", UID, "docker app sha256:abc web-0 prod");
}

static void
containerd(void **state)
{
	(void)state;
	puts_to(TASKS "k8s.io/" HEX "/config.json", "{\"ociVersion\":\"1.1.0\","
	    "\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\","
	    "\"io.kubernetes.cri.container-type\":\"container\","
	    "\"io.kubernetes.cri.image-name\":\"ghcr.io/a/b:v1\","
	    "\"io.kubernetes.cri.sandbox-name\":\"web-5d9c\","
	    "\"io.kubernetes.cri.sandbox-namespace\":\"prod\"}}");
	expect("containerd", UID, "containerd app ghcr.io/a/b:v1 web-5d9c "
	    "prod");
	expect("kubernetes", UID, "containerd app ghcr.io/a/b:v1 web-5d9c "
	    "prod");
	clear(NULL);
	puts_to(TASKS "default/" HEX "/config.json",
	    "{\"annotations\":{\"nerdctl/name\":\"web\"}}");
	expect("containerd", NULL, "containerd web   ");
}

static void
crio(void **state)
{
	(void)state;
	puts_to(CRIO "/config.json", "{\"annotations\":{"
	    "\"io.kubernetes.container.name\":\"app\","
	    "\"io.kubernetes.cri-o.ImageName\":\"quay.io/a:1\","
	    "\"io.kubernetes.pod.name\":\"db-0\","
	    "\"io.kubernetes.pod.namespace\":\"data\"}}");
	expect("cri-o", UID, "cri-o app quay.io/a:1 db-0 data");
}

static void
podman(void **state)
{
	(void)state;
	puts_to(PODMAN "containers.json", "[{\"id\":\"" HEX2 "\",\"names\":"
	    "[\"other\"]},{\"id\":\"" HEX "\",\"names\":[\"web\"],"
	    "\"metadata\":\"{\\\"image-name\\\":\\\"docker.io/library/"
	    "nginx:latest\\\",\\\"name\\\":\\\"web\\\"}\"}]");
	expect("podman", NULL, "podman web docker.io/library/nginx:latest  ");
	puts_to(PODMAN "containers.json", "[]");
	puts_to(PODMAN "volatile-containers.json", "[{\"id\":\"" HEX "\","
	    "\"names\":[\"once\"]}]");
	expect("podman", NULL, "podman once   ");
}

/* Names of files alone, which anybody may read. */
static void
kubelet(void **state)
{
	(void)state;
	puts_to("/var/log/pods/other_web-1_" UID "0/x", "");
	puts_to("/var/log/pods/prod_web-1_" UID "/app/0.log", "");
	puts_to("/var/log/pods/junk", "");
	expect("kubernetes", UID, "   web-1 prod");
	make_way("/var/log/containers/x");
	assert_int_equal(symlink("/nowhere", below("/var/log/containers/"
	    "web-1_prod_my-app-" HEX ".log")), 0);
	assert_int_equal(symlink("/nowhere", below("/var/log/containers/"
	    "a_b_c-" HEX2 ".log")), 0);
	puts_to("/var/log/containers/x_-" HEX ".log", "");
	puts_to("/var/log/containers/" HEX ".log", "");
	expect("containerd", UID, " my-app  web-1 prod");
}

static void
long_values(void **state)
{
	char text[4096], name[1024];

	(void)state;
	/* 254 bytes, then a character of two */
	memset(name, 'n', 254);
	strcpy(name + 254, "\xc3\xa4more");
	snprintf(text, sizeof(text), "{\"ID\":\"" HEX "\",\"Name\":\"/%s\","
	    "\"Config\":{\"Image\":\"a\\u0000b\\u001bc\"}}", name);
	puts_to(DOCKER, text);
	name[254] = '\0';
	snprintf(text, sizeof(text), "docker %s a  ", name);
	expect("docker", NULL, text);
}

static void
damaged(void **state)
{
	static const char *const bad[] = {
		"", "x", "{", "[]", "null", "7", "\"\"", "{\"ID\":7}",
		"{\"ID\":{\"ID\":\"" HEX "\"}}", "{\"ID\":\"" HEX "\"",
		"{\"ID\":null,\"Name\":\"/web\"}", "{\"annotations\":[]}",
		"{\"annotations\":null}", "[[[[]]]]", "[null,7,\"\",{}]",
		"[{\"id\":[]}]", "\xff\xfe{}",
	};
	char *big = malloc(5 << 20);

	(void)state;
	assert_non_null(big);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		puts_to(DOCKER, bad[i]);
		expect("docker", NULL, "none");
		puts_to(TASKS "k8s.io/" HEX "/config.json", bad[i]);
		expect("containerd", UID, "none");
		puts_to(PODMAN "containers.json", bad[i]);
		expect("podman", NULL, "none");
	}
	puts_to(DOCKER, "{\"ID\":\"" HEX "\",\"Name\":7,\"Config\":[]}");
	expect("docker", NULL, "docker    ");
	puts_to(PODMAN "containers.json", "[{\"id\":\"" HEX "\",\"names\":"
	    "{},\"metadata\":\"{{{\"}]");
	expect("podman", NULL, "podman    ");
	/* too deep, too long */
	memset(big, '[', 5 << 20);
	put(DOCKER, big, 1 << 20);
	expect("docker", NULL, "none");
	put(PODMAN "containers.json", big, 5 << 20);
	expect("podman", NULL, "none");
	memset(big, ' ', 5 << 20);
	memcpy(big + (1 << 20), "{\"ID\":\"" HEX "\"}", 74);
	put(DOCKER, big, (1 << 20) + 74);
	expect("docker", NULL, "none");
	free(big);
}

/* What is no file of the runtime's own. */
static void
links(void **state)
{
	const char text[] = "{\"ID\":\"" HEX "\",\"Name\":\"/web\"}";

	(void)state;
	puts_to("/secret", text);
	make_way(DOCKER);
	assert_int_equal(symlink("../../../../../secret", below(DOCKER)), 0);
	expect("docker", NULL, "none");
	unlink(below(DOCKER));
	assert_int_equal(symlink("config.v2.json", below(DOCKER)), 0);
	expect("docker", NULL, "none");
	unlink(below(DOCKER));
	assert_int_equal(mkfifo(below(DOCKER), 0600), 0);
	expect("docker", NULL, "none");
	unlink(below(DOCKER));
	assert_int_equal(mkdir(below(DOCKER), 0700), 0);
	expect("docker", NULL, "none");
	clear(NULL);
	/* the directory of the container */
	puts_to("/elsewhere/config.v2.json", text);
	make_way("/var/lib/docker/containers/x");
	assert_int_equal(symlink("/elsewhere",
	    below("/var/lib/docker/containers/" HEX)), 0);
	expect("docker", NULL, "none");
}

/* All of it, below root: the administrator's choice. */
static void
elsewhere(void **state)
{
	const char text[] = "{\"ID\":\"" HEX "\",\"Name\":\"/web\"}";

	(void)state;
	puts_to("/data/docker/containers/" HEX "/config.v2.json", text);
	make_way("/var/lib/x");
	assert_int_equal(symlink("/data/docker", below("/var/lib/docker")), 0);
	expect("docker", NULL, "docker web   ");
	unlink(below("/var/lib/docker"));
	assert_int_equal(symlink("docker", below("/var/lib/docker")), 0);
	expect("docker", NULL, "none");
}

static void
remembers(void **state)
{
	struct container c = container("docker", HEX, NULL),
	    user = c, lxc = container("lxc", "web", NULL),
	    bad = container("docker", "../../../../etc", NULL);
	struct boxes *b = boxes_open(root, NULL);
	struct boxes *off = boxes_open(NULL, NULL);
	int64_t budget = 10000000, before;

	(void)state;
	user.system = false;
	puts_to(DOCKER, "{\"ID\":\"" HEX "\",\"Name\":\"/web\"}");
	assert_null(boxes_get(b, 9, &user, &budget));
	assert_null(boxes_get(b, 8, &bad, &budget));
	assert_string_equal(boxes_get(b, 10, &lxc, &budget)->name, "web");
	assert_string_equal(boxes_get(b, 7, &c, &budget)->name, "web");
	unlink(below(DOCKER));
	before = budget;
	assert_string_equal(boxes_get(b, 7, &c, &budget)->name, "web");
	assert_int_equal(budget, before);
	assert_null(boxes_get(off, 7, &c, &budget));
	assert_int_equal(budget, before);
	assert_string_equal(boxes_get(off, 10, &lxc, &budget)->name, "web");
	/* no time: nothing is waited for */
	budget = 0;
	assert_null(boxes_get(b, 11, &c, &budget));
	boxes_close(b);
	boxes_close(off);
	boxes_close(NULL);
}

/* The helper of a collector that has left root. */
static void
reads_what_is_roots(void **state)
{
	struct container c = container("docker", HEX, NULL);
	struct boxes *b;
	int64_t budget = 10000000;

	(void)state;
	if (geteuid() != 0) {
		print_message("needs root\n");
		return;
	}
	puts_to(DOCKER, "{\"ID\":\"" HEX "\",\"Name\":\"/web\"}");
	b = boxes_open(root, "nobody");
	assert_non_null(b);
	assert_string_equal(boxes_get(b, 7, &c, &budget)->name, "web");
	boxes_close(b);
}

/* As systemd's RestrictSUIDSGID= does, for good. */
static int
take_openat2_away(void **state)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, filter };

	(void)state;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1 ||
	    syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0) != -1 ||
	    errno != ENOSYS || mkdir(root, 0755) == -1;
}

static int
make_root(void **state)
{
	(void)state;
	return mkdtemp(root) == NULL || chmod(root, 0755) == -1;
}

static int
remove_root(void **state)
{
	clear(state);
	return rmdir(root);
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(docker), TEST(docker_by_the_kubelet), TEST(containerd),
		TEST(crio), TEST(podman), TEST(kubelet), TEST(long_values),
		TEST(damaged), TEST(links), TEST(elsewhere), TEST(remembers),
		TEST(reads_what_is_roots),
	};
	const struct CMUnitTest without_openat2[] = {
		TEST(docker), TEST(containerd), TEST(crio), TEST(podman),
		TEST(kubelet), TEST(damaged), TEST(links),
		TEST(reads_what_is_roots),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root) |
	    cmocka_run_group_tests(without_openat2, take_openat2_away,
	    remove_root);
}
