/* SPDX-License-Identifier: BSD-2-Clause */
/* sink, target auto and standard output: who decides, and when. */
#include "config.h"

#include "sinktest.h"

static void
expect_target(const struct fixture *f, const char *kind)
{
	assert_memory_equal(sink_target(f->sink), kind, strlen(kind));
}

static void
socket_is_there(void **state)
{
	struct fixture *f = *state;
	int in;

	make_dir(f, "run");
	make_dir(f, "log");
	in = reader_at(f->socket);
	start(f, "auto");
	expect_target(f, "socket:");
	send_one(f, 100);
	assert_int_equal(read_socket(in, 0), 1);
	assert_int_equal(access(f->file, F_OK), -1);
	close(in);
}

/* At boot, or when packages are installed: rsyslog starts a little later. */
static void
socket_comes(void **state)
{
	struct fixture *f = *state;
	int in;

	make_dir(f, "run");
	make_dir(f, "log");
	start(f, "auto");
	expect_target(f, "waiting:");
	send_many(f, 20, 100);
	turn(f, 200);
	assert_int_equal(sink_queued(f->sink), 20);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 0, 20, 60000), 20);
	expect_target(f, "socket:");
	assert_int_equal(access(f->file, F_OK), -1);
	close(in);
}

/* Nobody has made a place for it: no rsyslog, the file at once.  Later both
   are there; every message is in one of them, in order. */
static void
no_rsyslog_then_one(void **state)
{
	struct fixture *f = *state;
	int in;

	make_dir(f, "log");
	start(f, "auto");
	expect_target(f, "file:");
	send_many(f, 20, 100);
	assert_int_equal(f->kept, 20);
	make_dir(f, "run");
	in = reader_at(f->socket);
	turn_until(f, to_socket);
	send_many(f, 10, 100);
	assert_int_equal(read_lines(f->file, 0, 100), 20);
	assert_int_equal(read_until(f, in, 20, 30, 60000), 30);
	turn_until(f, all_read);
	/* And never back. */
	close(in);
	unlink(f->socket);
	send_many(f, 10, 100);
	turn(f, 1200);
	expect_target(f, "socket:");
	assert_int_equal(read_lines(f->file, 0, 100), 20);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 30, 40, 60000), 40);
	close(in);
}

static void
waits_ten_seconds(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run");
	make_dir(f, "log");
	start(f, "auto");
	send_one(f, 100);
	turn(f, 6000);
	expect_target(f, "waiting:");
	turn_until(f, to_file);
	assert_int_equal(read_lines(f->file, 0, 100), 1);
}

static void
waits_for_either(void **state)
{
	struct fixture *f = *state;
	char path[128];

	format_path(path, sizeof(path), f->dir, "log");
	fclose(fopen(path, "w"));	/* no directory */
	start(f, "auto");
	send_one(f, 100);
	turn(f, 1500);
	expect_target(f, "waiting:");
	unlink(path);
	make_dir(f, "log");
	turn_until(f, to_file);
	assert_int_equal(read_lines(f->file, 0, 100), 1);
}

static void
waits_no_longer_when_full(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run");
	make_dir(f, "log");
	start(f, "auto");
	while (sink_room(f->sink))
		send_one(f, 4000);
	expect_target(f, "waiting:");
	turn_until(f, all_kept);
	expect_target(f, "file:");
	assert_int_equal(read_lines(f->file, 0, 4000), f->sent);
}

static void
waits_no_longer_at_the_end(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run");
	make_dir(f, "log");
	start(f, "auto");
	send_many(f, 5, 100);
	sink_flush(f->sink, 1000);
	assert_int_equal(f->kept, 5);
	assert_int_equal(read_lines(f->file, 0, 100), 5);
}

/*
 * Standard output, in a process whose own it is.
 */

static int
open_stdout(struct fixture *f, int domain)
{
	int ends[2];

	assert_int_equal(domain == 0 ? pipe(ends) :
	    socketpair(domain, SOCK_STREAM, 0, ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	f->sink = sink_open(&f->conf, true, f->base, on_done, f);
	assert_non_null(f->sink);
	assert_string_equal(sink_target(f->sink), "stdout");
	return ends[0];
}

/* Reads and turns until all lines were read, which have to be whole. */
static void
expect_lines(struct fixture *f, int fd, size_t len)
{
	char path[128], block[5000];
	ssize_t n;
	FILE *out;

	format_path(path, sizeof(path), f->dir, "out");
	out = fopen(path, "we");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((n = read(fd, block, sizeof(block))) > 0 || f->kept < f->sent) {
		if (n > 0)
			assert_int_equal(fwrite(block, 1, n, out), n);
		turn(f, 0);
	}
	fclose(out);
	assert_int_equal(read_lines(path, 0, len), f->sent);
}

static void
pipe_slow(struct fixture *f)
{
	int fd = open_stdout(f, 0);

	send_many(f, 300, 1999);
	assert_in_range(f->kept, 1, 299);
	expect_lines(f, fd, 1999);
}

static void
socket_slow(struct fixture *f)
{
	int fd = open_stdout(f, AF_UNIX);

	send_many(f, 700, 1999);
	assert_in_range(f->kept, 1, 699);
	expect_lines(f, fd, 1999);
}

/* `pidtreed --stdout | head` ends. */
static void
pipe_closed(struct fixture *f)
{
	int fd = open_stdout(f, 0);

	send_many(f, 2, 100);
	assert_false(sink_ended(f->sink));
	close(fd);
	send_many(f, 2, 100);
	assert_true(sink_ended(f->sink));
	assert_int_equal(f->kept, 2);
	assert_int_equal(f->dropped, 2);
	event_base_loop(f->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

/* The shell's file: its offset is shared, other writers' text stays. */
static void
regular_file(struct fixture *f)
{
	int fd;

	make_dir(f, "log");
	fd = open(f->file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	dup2(fd, STDOUT_FILENO);
	f->sink = sink_open(&f->conf, true, f->base, on_done, f);
	send_one(f, 10);
	assert_int_equal(write(fd, "n=000001 y\n", 11), 11);
	f->sent = 2;
	send_one(f, 10);
	assert_int_equal(read_lines(f->file, 0, 10), 3);
}

#define IN_CHILD(name, fn)			\
static void					\
name(void **state)				\
{						\
	in_child(*state, fn);			\
}

IN_CHILD(stdout_pipe, pipe_slow)
IN_CHILD(stdout_socket, socket_slow)
IN_CHILD(stdout_closed, pipe_closed)
IN_CHILD(stdout_file, regular_file)

#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(socket_is_there),
		T(socket_comes),
		T(no_rsyslog_then_one),
		T(waits_ten_seconds),
		T(waits_for_either),
		T(waits_no_longer_when_full),
		T(waits_no_longer_at_the_end),
		T(stdout_pipe),
		T(stdout_socket),
		T(stdout_closed),
		T(stdout_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
