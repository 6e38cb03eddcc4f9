/* SPDX-License-Identifier: BSD-2-Clause */
/* names: a real name service that hangs, fails and crashes (nss-slow.c)
   costs a message 50 ms at most, and other names nothing. */
#include "config.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "names.h"

#define BUDGET	50000
#define HANGS	70000	/* and the uids after it */
#define LATE	70010

/* The clock that names sees: for what takes minutes. */
static int64_t ahead_s;

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = syscall(SYS_clock_gettime, id, t);

	if (r == 0)
		t->tv_sec += ahead_s;
	return r;
}

static int64_t
now_us(void)
{
	struct timespec t;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static int64_t used;	/* us, of the last expect's budget */

static void
expect(struct names *n, uint32_t uid, const char *want)
{
	const int64_t begin = now_us();
	int64_t budget = BUDGET;
	const char *got = names_get(n, NAME_OF_USER, uid, &budget);

	used = BUDGET - budget;
	assert_in_range(used, 0, BUDGET);
	if (want == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, want);
	}
	/* What it says it took, and no multiple of it. */
	assert_in_range(now_us() - begin, used, used + 2000000);
}

/* The machine may be too busy for an answer in time. */
static const char *
soon(struct names *n, enum name_of of, uint32_t id)
{
	const char *name = NULL;
	int64_t budget;

	for (int i = 0; i < 200 && name == NULL; i++) {
		budget = BUDGET;
		name = names_get(n, of, id, &budget);
		if (name == NULL)
			usleep(50 * 1000);
	}
	return name;
}

static void
expect_soon(struct names *n, uint32_t uid, const char *want)
{
	soon(n, NAME_OF_USER, uid);
	expect(n, uid, want);
}

static void
finds(void **state)
{
	struct names *n = names_open(NULL);

	(void)state;
	ahead_s = 0;
	expect_soon(n, 0, "root");
	expect(n, 0, "root");
	assert_int_equal(used, 0);
	expect(n, 4242424, NULL);
	assert_true(used > 0);
	expect(n, 4242424, NULL);
	assert_int_equal(used, 0);
	expect(n, UINT32_MAX, NULL);
	expect_soon(n, 70020, "DOMAIN\\Some One");
	expect_soon(n, 70021, "much");
	expect(n, 70022, NULL);
	names_close(n);
	names_close(NULL);
}

/* The same number is another name's; an entry has all the members. */
static void
groups(void **state)
{
	struct names *n = names_open(NULL);
	int64_t budget = BUDGET;

	(void)state;
	expect_soon(n, 4, "sync");
	assert_string_equal(soon(n, NAME_OF_GROUP, 4), "adm");
	expect(n, 4, "sync");
	assert_string_equal(soon(n, NAME_OF_GROUP, 70021), "many");
	assert_null(names_get(n, NAME_OF_GROUP, 4242424, &budget));
	assert_true(budget < BUDGET);
	names_close(n);
}

/* What the machine's own files say is there without asking. */
static void
local(void **state)
{
	struct names *n = names_open(NULL);
	int64_t budget = 0;

	(void)state;
	names_learn_local(n);
	assert_string_equal(names_get(n, NAME_OF_USER, 0, &budget), "root");
	assert_string_equal(names_get(n, NAME_OF_GROUP, 4, &budget), "adm");
	names_close(n);
}

/* More users than there are places. */
static void
many(void **state)
{
	struct names *n = names_open(NULL);

	(void)state;
	for (int i = 0; i < 1500; i++)
		expect(n, 5000000 + i * 7, NULL);
	expect_soon(n, 0, "root");
	names_close(n);
}

static void
no_budget(void **state)
{
	struct names *n = names_open(NULL);
	int64_t budget = 0;

	(void)state;
	assert_null(names_get(n, NAME_OF_USER, 0, &budget));
	assert_int_equal(budget, 0);
	expect_soon(n, 0, "root");
	names_close(n);
}

/* Only once, and not for the others; then the worker is gone. */
static void
hangs(void **state)
{
	struct names *n = names_open(NULL);

	(void)state;
	expect(n, HANGS, NULL);
	assert_int_equal(used, BUDGET);
	for (int i = 0; i < 100; i++) {
		expect(n, HANGS, NULL);
		assert_int_equal(used, 0);
	}
	expect_soon(n, 0, "root");
	expect_soon(n, 70020, "DOMAIN\\Some One");
	names_close(n);
}

/* Four workers at most: when all hang, no more is waited for. */
static void
all_hang(void **state)
{
	struct names *n = names_open(NULL);
	int64_t total = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		expect(n, HANGS + 1000 + i, NULL);
		total += used;
	}
	assert_int_equal(total, 4 * BUDGET);
	expect(n, 0, NULL);
	assert_int_equal(used, 0);
	expect_soon(n, 0, "root");	/* workers end after 5 s */
	names_close(n);
}

static void
comes_late(void **state)
{
	struct names *n = names_open(NULL);

	(void)state;
	expect(n, LATE, NULL);
	assert_int_equal(used, BUDGET);
	expect_soon(n, LATE, "late");
	assert_int_equal(used, 0);
	names_close(n);
}

static void
fails(void **state)
{
	struct names *n = names_open(NULL);

	(void)state;
	expect(n, 70030, NULL);		/* the worker crashes */
	expect(n, 70031, NULL);
	expect_soon(n, 0, "root");
	names_close(n);
}

/* Ten minutes; one for failures; a known name outlives its service. */
static void
ages(void **state)
{
	struct names *n = names_open(NULL);
	int fd;

	(void)state;
	ahead_s = 0;
	expect_soon(n, 70040, "known");
	expect(n, 4242424, NULL);
	ahead_s = 59;
	expect(n, 4242424, NULL);
	assert_int_equal(used, 0);
	ahead_s = 61;
	expect(n, 4242424, NULL);
	assert_true(used > 0);
	ahead_s = 599;
	expect(n, 70040, "known");
	assert_int_equal(used, 0);
	fd = open("/etc/nss-slow-down", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_int_not_equal(fd, -1);
	close(fd);
	ahead_s = 601;
	expect(n, 70040, "known");
	assert_int_equal(used, BUDGET);
	expect(n, 70040, "known");
	assert_int_equal(used, 0);
	unlink("/etc/nss-slow-down");
	ahead_s = 700;
	expect(n, 70040, "known");
	assert_true(used > 0);
	ahead_s = 0;
	names_close(n);
}

/*
 * The helper as a process.
 */

static void
status_line(pid_t pid, const char *key, char *out, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	do
		assert_non_null(fgets(out, size, f));
	while (strncmp(out, key, strlen(key)) != 0);
	fclose(f);
	memmove(out, out + strlen(key), strlen(out + strlen(key)) + 1);
	out[strcspn(out, "\n")] = '\0';
}

static void
expect_status(pid_t pid, const char *key, const char *want)
{
	char line[256];

	status_line(pid, key, line, sizeof(line));
	assert_string_equal(line, want);
}

static int
gone(pid_t pid)
{
	for (int i = 0; i < 100; i++) {
		char line[256], path[64];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "re");
		if (f == NULL)
			return 1;
		if (fgets(line, sizeof(line), f) != NULL &&
		    strstr(line, ") Z ") != NULL) {
			fclose(f);
			return 1;
		}
		fclose(f);
		usleep(50 * 1000);
	}
	return 0;
}

static void
who_it_is(void **state)
{
	struct names *n;
	char path[64], target[128];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	n = names_open("nobody");
	expect_soon(n, 0, "root");
	expect_status(names_pid(n), "Uid:", "\t65534\t65534\t65534\t65534");
	expect_status(names_pid(n), "Groups:", "\t ");
	expect_status(names_pid(n), "CapEff:", "\t0000000000000000");
	expect_status(names_pid(n), "CapPrm:", "\t0000000000000000");
	expect_status(names_pid(n), "NoNewPrivs:", "\t1");
	expect_status(names_pid(n), "Name:", "\tpidtreed-names");
	for (int fd = 0; fd < 64; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d",
		    (int)names_pid(n), fd);
		len = readlink(path, target, sizeof(target) - 1);
		if (fd > 3) {
			assert_int_equal(len, -1);
			continue;
		}
		assert_true(len > 0);
		target[len] = '\0';
		if (fd < 3)
			assert_string_equal(target, "/dev/null");
		else
			assert_memory_equal(target, "socket:", 7);
	}
	close(pair[0]);
	close(pair[1]);
	names_close(n);
}

static void
no_such_user(void **state)
{
	(void)state;
	assert_null(names_open("no-such-user"));
	assert_int_equal(errno, ENOENT);
}

/* A terminal's ^C and the manager's SIGTERM are not for it. */
static void
signals(void **state)
{
	struct names *n = names_open("nobody");
	const pid_t pid = names_pid(n);

	(void)state;
	expect_soon(n, 0, "root");
	kill(pid, SIGTERM);
	kill(pid, SIGINT);
	kill(pid, SIGHUP);
	expect_soon(n, 1, "daemon");
	assert_int_equal(names_pid(n), pid);
	names_close(n);
	assert_int_equal(kill(pid, 0), -1);
}

/* The collector is killed; its helper and a worker that hangs end too. */
static void
ends_with_its_parent(void **state)
{
	int out[2];
	pid_t pids[2], collector;

	(void)state;
	assert_int_equal(pipe(out), 0);
	collector = fork();
	if (collector == 0) {
		struct names *n = names_open("nobody");
		char path[64], child[16] = "0";
		int64_t budget = BUDGET;
		FILE *f;

		names_get(n, NAME_OF_USER, HANGS, &budget);
		pids[0] = names_pid(n);
		snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		    (int)pids[0], (int)pids[0]);
		f = fopen(path, "re");
		if (f != NULL && fgets(child, sizeof(child), f) == NULL)
			strcpy(child, "0");
		pids[1] = atoi(child);
		if (write(out[1], pids, sizeof(pids)) != sizeof(pids))
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(out[0], pids, sizeof(pids)), sizeof(pids));
	assert_true(pids[0] > 1);
	assert_true(pids[1] > 1);
	assert_int_equal(kill(pids[1], 0), 0);
	kill(collector, SIGKILL);
	assert_int_equal(waitpid(collector, NULL, 0), collector);
	assert_true(gone(pids[0]));
	assert_true(gone(pids[1]));
	close(out[0]);
	close(out[1]);
}

/* As the collector is after its start: another user, few capabilities. */
static void
restart(void)
{
	struct names *n = names_open("nobody");
	pid_t first, second;

	capng_clear(CAPNG_SELECT_BOTH);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
	    CAP_NET_ADMIN);
	assert_int_equal(capng_change_id(65534, 65534,
	    CAPNG_DROP_SUPP_GRP), 0);
	expect_soon(n, 0, "root");
	first = names_pid(n);
	assert_int_equal(kill(first, SIGKILL), 0);
	assert_true(gone(first));
	expect_soon(n, 1, "daemon");
	second = names_pid(n);
	assert_int_not_equal(first, second);
	expect_status(second, "Uid:", "\t65534\t65534\t65534\t65534");
	expect_status(second, "CapEff:", "\t0000000000000000");
	expect_status(second, "CapPrm:", "\t0000000000000000");
	expect_status(getpid(), "CapEff:", "\t0000000000001000");
	/* Not more than once a minute. */
	kill(second, SIGKILL);
	assert_true(gone(second));
	expect(n, 2, NULL);
	expect(n, 0, "root");
	assert_int_equal(names_pid(n), -1);
	ahead_s = 61;
	expect_soon(n, 2, "bin");
	names_close(n);
}

static void
restarts_after_the_drop(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		restart();
		_exit(77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 77);
}

/*
 * Everything runs where nsswitch.conf names our service, whose module is
 * found by LD_LIBRARY_PATH in a directory that every user can read.
 */

static void
command(const char *fmt, const char *a, const char *b)
{
	char cmd[1024];

	snprintf(cmd, sizeof(cmd), fmt, a, b);
	if (system(cmd) != 0)
		exit(99);
}

static int
in_own_world(char **argv)
{
	char dir[] = "/tmp/pidtreed-test.XXXXXX", self[512];
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		puts("wants root");
		return 77;
	}
	snprintf(self, sizeof(self), "%s", argv[0]);
	if (mkdtemp(dir) == NULL)
		return 99;
	chmod(dir, 0755);
	command("cp '%s/libnss_slow.so.2' %s/", dirname(self), dir);
	pid = fork();
	if (pid == 0) {
		/* EINVAL: a chroot, whose / is no mount. */
		if (unshare(CLONE_NEWNS) == -1 || (mount(NULL, "/", NULL,
		    MS_REC | MS_PRIVATE, NULL) == -1 && errno != EINVAL))
			exit(99);
		command("mkdir %s/etc && cp /etc/passwd /etc/group %s/etc/",
		    dir, dir);
		command("printf 'passwd: files slow\\ngroup: files slow\\n' "
		    ">%s/etc/nsswitch.conf && "
		    "mount --bind %s/etc /etc", dir, dir);
		setenv("LD_LIBRARY_PATH", dir, 1);
		setenv("NAMES_TEST", "inside", 1);
		execv("/proc/self/exe", argv);
		exit(99);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		status = 99 << 8;
	command("rm -rf %s%s", dir, "");
	return WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(groups),
		cmocka_unit_test(local),
		cmocka_unit_test(many),
		cmocka_unit_test(no_budget),
		cmocka_unit_test(hangs),
		cmocka_unit_test(all_hang),
		cmocka_unit_test(comes_late),
		cmocka_unit_test(fails),
		cmocka_unit_test(ages),
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(no_such_user),
		cmocka_unit_test(signals),
		cmocka_unit_test(ends_with_its_parent),
		cmocka_unit_test(restarts_after_the_drop),
	};

	(void)argc;
	if (getenv("NAMES_TEST") == NULL)
		return in_own_world(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
