/* SPDX-License-Identifier: BSD-2-Clause */
/* notify: the test plays the service manager, at the other end of real
   sockets; what it passes on, it passes as systemd does. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify.h"

static const char *const variables[] = { "NOTIFY_SOCKET", "LISTEN_PID",
    "LISTEN_FDS", "LISTEN_FDNAMES", "FDSTORE", "WATCHDOG_USEC",
    "WATCHDOG_PID" };

static int
clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		unsetenv(variables[i]);
	return 0;
}

static void
expect_clean(void)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		assert_null(getenv(variables[i]));
}

/* name: a path, or @ and an abstract name. */
static int
manager_at(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(addr.sun_path, name);
	if (name[0] == '@')
		addr.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
	    offsetof(struct sockaddr_un, sun_path) + strlen(name)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* The next datagram, and the descriptor that came along or -1. */
static int
expect(int manager, const char *state)
{
	char got[1024], control[256];
	struct iovec iov = { got, sizeof(got) - 1 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n = recvmsg(manager, &mh, MSG_CMSG_CLOEXEC);
	int fd = -1;

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, state);
	for (c = CMSG_FIRSTHDR(&mh); c != NULL; c = CMSG_NXTHDR(&mh, c)) {
		assert_int_equal(c->cmsg_type, SCM_RIGHTS);
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(int)));
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	}
	return fd;
}

static void
no_manager(void **state)
{
	struct notify *n = notify_open();

	(void)state;
	assert_int_equal(notify_send(n, "READY=1"), 0);
	assert_int_equal(notify_store(n, "a", 0), 0);
	assert_int_equal(notify_unstore(n, "a"), 0);
	assert_false(notify_can_store(n));
	assert_int_equal(notify_stored(n, "a"), -1);
	assert_int_equal(notify_watchdog_us(n), 0);
	notify_close(n);
	notify_close(NULL);
}

static void
says(const char *name)
{
	int manager = manager_at(name);
	struct notify *n = notify_open();

	expect_clean();
	assert_int_equal(notify_send(n, "READY=1"), 0);
	assert_int_equal(notify_send(n, "RELOADING=1\nMONOTONIC_USEC=7"), 0);
	assert_int_equal(expect(manager, "READY=1"), -1);
	assert_int_equal(expect(manager, "RELOADING=1\nMONOTONIC_USEC=7"), -1);
	notify_close(n);
	close(manager);
}

static void
sockets(void **state)
{
	char dir[] = "/tmp/pidtreed-test.XXXXXX", name[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/notify", dir);
	says(name);
	unlink(name);
	rmdir(dir);
	snprintf(name, sizeof(name), "@pidtreed-test/%d", (int)getpid());
	says(name);
}

/* Not a name that could be meant: as if there were none. */
static void
strange_sockets(void **state)
{
	static const char *const names[] = { "", "/", "@", "relative",
	    "vsock:2:1" };
	char longer[200];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	for (size_t i = 0; i <= sizeof(names) / sizeof(*names); i++) {
		struct notify *n;

		setenv("NOTIFY_SOCKET", i < sizeof(names) / sizeof(*names) ?
		    names[i] : longer, 1);
		n = notify_open();
		assert_int_equal(notify_send(n, "READY=1"), 0);
		notify_close(n);
	}
}

/* The manager is gone, or does not read: an error, no blocking for ever. */
static void
manager_gone(void **state)
{
	char name[64];
	struct notify *n;
	int manager, sent = 0;

	(void)state;
	snprintf(name, sizeof(name), "@pidtreed-test/%d", (int)getpid());
	manager = manager_at(name);
	n = notify_open();
	alarm(20);
	while (notify_send(n, "WATCHDOG=1") == 0)
		assert_true(sent++ < 100000);
	assert_int_equal(errno, EAGAIN);
	alarm(0);
	close(manager);
	assert_int_equal(notify_send(n, "WATCHDOG=1"), -1);
	assert_int_equal(errno, ECONNREFUSED);
	notify_close(n);
}

static void
watchdog(void **state)
{
	static const struct {
		const char *usec;
		int pid;	/* 0: none, 1: ours, 2: another's */
		uint64_t half;
	} cases[] = {
		{ "30000000", 0, 15000000 },
		{ "30000000", 1, 15000000 },
		{ "30000000", 2, 0 },
		{ "0", 0, 0 },
		{ "-5", 0, 0 },
		{ "30s", 0, 0 },
		{ "99999999999999999999", 0, 0 },
		{ "", 0, 0 },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct notify *n;
		int manager;

		snprintf(text, sizeof(text), "@pidtreed-test/%d",
		    (int)getpid());
		manager = manager_at(text);
		setenv("WATCHDOG_USEC", cases[i].usec, 1);
		snprintf(text, sizeof(text), "%d",
		    (int)(cases[i].pid == 1 ? getpid() : getppid()));
		if (cases[i].pid != 0)
			setenv("WATCHDOG_PID", text, 1);
		n = notify_open();
		expect_clean();
		assert_int_equal(notify_watchdog_us(n), cases[i].half);
		notify_close(n);
		close(manager);
	}
}

/* A descriptor goes to the manager and is the same file there. */
static void
stores(void **state)
{
	char name[64], dir[] = "/tmp/pidtreed-test.XXXXXX";
	int manager, fd, there;
	struct stat a, b;
	struct notify *n;

	(void)state;
	snprintf(name, sizeof(name), "@pidtreed-test/%d", (int)getpid());
	manager = manager_at(name);
	setenv("FDSTORE", "512", 1);
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n = notify_open();
	expect_clean();
	assert_true(notify_can_store(n));
	assert_int_equal(notify_store(n, "map.proc", fd), 0);
	there = expect(manager, "FDSTORE=1\nFDPOLL=0\nFDNAME=map.proc");
	assert_int_not_equal(there, -1);
	assert_int_not_equal(there, fd);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstat(there, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	close(there);
	assert_int_equal(notify_unstore(n, "map.proc"), 0);
	assert_int_equal(expect(manager, "FDSTOREREMOVE=1\nFDNAME=map.proc"),
	    -1);
	notify_close(n);
	close(fd);
	close(manager);
	rmdir(dir);
}

static void
bad_names(void **state)
{
	char name[64], longer[257];
	const char *const names[] = { "", "a:b", "a\nFDNAME=b", "\xc3\xa4",
	    longer };
	struct notify *n;
	int manager;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	snprintf(name, sizeof(name), "@pidtreed-test/%d", (int)getpid());
	manager = manager_at(name);
	n = notify_open();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(notify_store(n, names[i], 0), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(notify_store(n, "good", -1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(notify_store(n, longer + 1, 0), 0);
	notify_close(n);
	close(manager);
}

/*
 * After a restart: descriptors 3 and up, in a process of its own.
 */

static void
inherit(const char *pid, const char *fds, const char *names, void check(void))
{
	int status, null;
	pid_t child;
	char text[32];

	fflush(NULL);
	child = fork();
	if (child == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		null = open("/dev/null", O_RDONLY);
		assert_int_equal(null, 3);
		assert_int_equal(dup(null), 4);
		assert_int_equal(dup(null), 5);
		snprintf(text, sizeof(text), "%d", (int)getpid());
		setenv("LISTEN_PID", strcmp(pid, "own") == 0 ? text : pid, 1);
		setenv("LISTEN_FDS", fds, 1);
		if (names != NULL)
			setenv("LISTEN_FDNAMES", names, 1);
		setenv("NOTIFY_SOCKET", "@nobody-there", 1);
		check();
		_exit(77);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 77);
}

static void
three_named(void)
{
	struct notify *n = notify_open();

	expect_clean();
	assert_true(notify_can_store(n));
	assert_int_equal(notify_stored(n, "map"), 3);
	assert_int_equal(notify_stored(n, "link.x"), 4);
	assert_int_equal(notify_stored(n, "ring"), 5);
	assert_int_equal(notify_stored(n, "rin"), -1);
	assert_int_equal(notify_stored(n, "link"), -1);
	assert_int_equal(notify_stored(n, ""), -1);
	for (int fd = 3; fd < 6; fd++)
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	notify_close(n);
	assert_int_equal(fcntl(3, F_GETFD), -1);
	assert_int_equal(fcntl(5, F_GETFD), -1);
}

static void
fewer_names(void)
{
	struct notify *n = notify_open();

	assert_int_equal(notify_stored(n, "map"), 3);
	assert_int_equal(notify_stored(n, "ring"), -1);
	notify_close(n);
}

/* More announced than there are. */
static void
fewer_descriptors(void)
{
	struct notify *n = notify_open();

	assert_int_equal(notify_stored(n, "c"), 5);
	assert_int_equal(notify_stored(n, "d"), -1);
	notify_close(n);
}

/* For another process, or nonsense: none of it is touched. */
static void
none(void)
{
	struct notify *n = notify_open();

	expect_clean();
	assert_false(notify_can_store(n));
	assert_int_equal(notify_stored(n, "map"), -1);
	notify_close(n);
	assert_int_equal(fcntl(3, F_GETFD), 0);
}

static void
inherits(void **state)
{
	(void)state;
	inherit("own", "3", "map:link.x:ring", three_named);
	inherit("own", "3", "map", fewer_names);
	inherit("own", "5", "a:b:c:d:e", fewer_descriptors);
	inherit("1", "3", "map:link.x:ring", none);
	inherit("x", "3", "map:link.x:ring", none);
	inherit("own", "-3", "map:link.x:ring", none);
	inherit("own", "many", "map:link.x:ring", none);
	inherit("own", "0", "map:link.x:ring", none);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, clean, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_manager),
		T(sockets),
		T(strange_sockets),
		T(manager_gone),
		T(watchdog),
		T(stores),
		T(bad_names),
		T(inherits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
