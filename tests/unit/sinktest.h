/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of sink share: a directory, a reader, a sink whose tokens
   are watched.  Messages are numbered: "n=000017 xxx...". */
#ifndef TEST_SINK_H
#define TEST_SINK_H

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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

#include "clock.h"
#include "conf.h"
#include "rfc5424.h"
#include "sink.h"

#define TOKENS	(1 << 16)

struct fixture {
	char dir[64], socket[96], file[96];
	struct conf conf;
	struct event_base *base;
	struct sink *sink;
	unsigned sent;			/* the next message's number */
	char done[TOKENS];		/* 0, 1 kept, 2 dropped */
	unsigned kept, dropped;
};

static inline void
on_done(void *arg, uint64_t token, bool kept)
{
	struct fixture *f = arg;

	assert_in_range(token, 1, TOKENS - 1);
	assert_int_equal(f->done[token], 0);	/* once only */
	f->done[token] = kept ? 1 : 2;
	if (kept)
		f->kept++;
	else
		f->dropped++;
}

static inline void
format_path(char *out, size_t size, const char *dir, const char *name)
{
	assert_true((size_t)snprintf(out, size, "%s/%s", dir, name) < size);
}

static inline int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/pidtreed-test.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	chmod(f->dir, 0711);
	format_path(f->socket, sizeof(f->socket), f->dir, "run/log");
	format_path(f->file, sizeof(f->file), f->dir, "log/pidtreed.log");
	f->conf.socket = f->socket;
	f->conf.file = f->file;
	f->conf.target = (char *)(uintptr_t)"socket";
	f->conf.queue = 1 << 20;
	f->base = event_base_new();
	*state = f;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	sink_close(f->sink);
	event_base_free(f->base);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f->dir);
	assert_int_equal(system(cmd), 0);
	free(f);
	return 0;
}

static inline void
make_dir(const struct fixture *f, const char *name)
{
	char path[128];

	format_path(path, sizeof(path), f->dir, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static inline void
start(struct fixture *f, const char *target)
{
	f->conf.target = (char *)(uintptr_t)target;
	f->sink = sink_open(&f->conf, false, f->base, on_done, f);
	assert_non_null(f->sink);
}

static inline int
reader_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	chmod(path, 0666);
	return fd;
}

/* The next message; its number is its token less one. */
static inline void
send_one(struct fixture *f, size_t len)
{
	char msg[RFC5424_MAX];

	memset(msg, 'x', sizeof(msg));
	memcpy(msg + snprintf(msg, sizeof(msg), "n=%06u", f->sent), " ", 1);
	sink_write(f->sink, msg, len, ++f->sent);
}

static inline void
send_many(struct fixture *f, unsigned n, size_t len)
{
	while (n-- > 0)
		send_one(f, len);
}

/* Every message that is there has to be the next one; returns the one that
   is expected after. */
static inline unsigned
read_socket(int fd, unsigned next)
{
	char msg[RFC5424_MAX + 1];
	unsigned n;
	ssize_t len;

	while ((len = recv(fd, msg, sizeof(msg) - 1, 0)) >= 0) {
		msg[len] = '\0';
		assert_int_equal(sscanf(msg, "n=%u ", &n), 1);
		assert_int_equal(n, next);
		next++;
	}
	assert_int_equal(errno, EAGAIN);
	return next;
}

/* The same for a file's lines, which all have to be whole. */
static inline unsigned
read_lines(const char *path, unsigned next, size_t len)
{
	FILE *in = fopen(path, "re");
	char line[RFC5424_MAX + 2];
	unsigned n;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		assert_int_equal(strlen(line), len + 1);
		assert_int_equal(line[len], '\n');
		assert_int_equal(sscanf(line, "n=%u ", &n), 1);
		assert_int_equal(n, next);
		next++;
	}
	fclose(in);
	return next;
}

static inline void
turn(struct fixture *f, unsigned ms)
{
	const int64_t until = clock_ms() + ms;

	do {
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		usleep(1000);
	} while (clock_ms() < until);
}

static inline bool
all_kept(const struct fixture *f)
{
	return f->kept == f->sent;
}

static inline bool
all_read(const struct fixture *f)
{
	return sink_unread(f->sink) == 0;
}

static inline bool
file_there(const struct fixture *f)
{
	return access(f->file, F_OK) == 0;
}

static inline bool
to_file(const struct fixture *f)
{
	return strncmp(sink_target(f->sink), "file:", 5) == 0;
}

static inline bool
to_socket(const struct fixture *f)
{
	return strncmp(sink_target(f->sink), "socket:", 7) == 0;
}

/* Turns the loop until it is so; a minute is for machines that are busy. */
static inline void
turn_until(struct fixture *f, bool so(const struct fixture *))
{
	const int64_t until = clock_ms() + 60000;

	while (!so(f) && clock_ms() < until)
		turn(f, 1);
	assert_true(so(f));
}

/* Turns the loop and reads until `upto` messages were read, at most ms. */
static inline unsigned
read_until(struct fixture *f, int fd, unsigned next, unsigned upto,
    unsigned ms)
{
	const int64_t until = clock_ms() + ms;

	while ((next = read_socket(fd, next)) < upto && clock_ms() < until)
		turn(f, 0);
	return next;
}

/* The same of a new reader, which gets first what the last one may not have
   read: nothing newer than next. */
static inline unsigned
read_again(struct fixture *f, int fd, unsigned next, unsigned upto)
{
	const int64_t until = clock_ms() + 60000;
	char head[9] = "";
	unsigned n;

	while (recv(fd, head, sizeof(head) - 1, MSG_PEEK) == -1 &&
	    clock_ms() < until)
		turn(f, 1);
	assert_int_equal(sscanf(head, "n=%u", &n), 1);
	assert_in_range(n, 0, next);
	return read_until(f, fd, n, upto, 60000);
}

/* fn in a process of its own, whose asserts end it: for what cannot be
   undone. */
static inline void
in_child(struct fixture *f, void fn(struct fixture *))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		alarm(300);
		fn(f);
		_exit(77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 77);
}

static inline void
need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("wants root\n");
	skip();
}

#endif
