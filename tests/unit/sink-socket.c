/* SPDX-License-Identifier: BSD-2-Clause */
/* sink to a socket: nothing is lost while there is room, nothing is
   reordered, and what is dropped is counted. */
#include "config.h"

#include "sinktest.h"

#define NOBODY	65534

static void
arrives_at_once(void **state)
{
	struct fixture *f = *state;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	assert_memory_equal(sink_target(f->sink), "socket:", 7);
	assert_string_equal(sink_target(f->sink) + 7, f->socket);
	send_one(f, RFC5424_MAX);
	assert_int_equal(f->kept, 1);		/* no turn of the loop */
	sink_write(f->sink, "n=000001 ", 9, 0);	/* no token, no call */
	assert_int_equal(f->kept, 1);
	assert_int_equal(read_socket(in, 0), 2);
	assert_int_equal(sink_queued(f->sink), 0);
	close(in);
}

static void
slow_reader(void **state)
{
	struct fixture *f = *state;
	unsigned next = 0;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	f->conf.queue = 8 << 20;
	start(f, "socket");
	for (int i = 0; i < 20; i++) {
		send_many(f, 200, 1200);
		turn(f, 1);
		next = read_until(f, in, next, next + 100, 1000);
	}
	assert_true(sink_room(f->sink));
	assert_int_equal(read_until(f, in, next, f->sent, 60000), f->sent);
	assert_int_equal(f->kept, f->sent);
	assert_int_equal(sink_queued(f->sink), 0);
	assert_int_equal(sink_dropped(f->sink), 0);
	close(in);
}

/* Without a socket unit rsyslog makes its socket anew at every start; if it
   was killed the old one's file still lies there. */
static void
reader_restarts(void **state)
{
	struct fixture *f = *state;
	unsigned next = 0;
	int in;

	make_dir(f, "run");
	start(f, "socket");
	for (int i = 0; i < 6; i++) {
		send_many(f, 50, 1200);
		turn(f, 30);
		assert_int_equal(sink_queued(f->sink), 50);
		unlink(f->socket);
		in = reader_at(f->socket);
		next = read_until(f, in, next, f->sent, 60000);
		assert_int_equal(next, f->sent);
		send_one(f, 1200);
		assert_int_equal(read_socket(in, next), next + 1);
		next++;
		turn_until(f, all_read);
		close(in);
		if (i % 2 == 0)
			unlink(f->socket);
	}
	assert_int_equal(f->kept, f->sent);
}

/* So quick that the sink meets it only when it sends: no message waits. */
static void
reader_restarts_unseen(void **state)
{
	struct fixture *f = *state;
	int in, old;

	make_dir(f, "run");
	old = reader_at(f->socket);
	start(f, "socket");
	for (unsigned i = 0; i < 10; i++) {
		unlink(f->socket);
		in = reader_at(f->socket);
		close(old);
		send_one(f, 100);
		assert_int_equal(sink_queued(f->sink), 0);
		assert_int_equal(read_socket(in, i), i + 1);
		turn_until(f, all_read);
		old = in;
	}
	close(old);
}

/* The next n of what is there. */
static unsigned
read_some(int fd, unsigned next, unsigned n)
{
	char msg[RFC5424_MAX + 1];
	unsigned got;
	ssize_t len;

	while (n-- > 0) {
		len = recv(fd, msg, sizeof(msg) - 1, 0);
		assert_true(len > 0);
		msg[len] = '\0';
		assert_int_equal(sscanf(msg, "n=%u ", &got), 1);
		assert_int_equal(got, next++);
	}
	return next;
}

/* Killed with a message in its hands, and somebody keeps the socket: the
   message comes again, also long after it was read, and in a jam with those
   that are behind it. */
static void
reader_dies_reading(void **state)
{
	struct fixture *f = *state;
	unsigned next;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	sink_reader_died(f->sink);
	for (int i = 0; i < 5; i++) {
		send_many(f, 9, 1200);
		next = f->sent;
		assert_int_equal(read_until(f, in, next - 9, next, 60000),
		    next);
		if (i % 2 == 0)
			turn_until(f, all_read);
		sink_reader_died(f->sink);
		assert_int_equal(read_again(f, in, next - 1, next), next);
		turn_until(f, all_read);
	}
	send_many(f, 8, 1200);
	next = f->sent - 8;
	assert_int_equal(read_some(in, next, 1), next + 1);
	sink_reader_died(f->sink);
	assert_int_equal(read_some(in, next + 1, 7), f->sent);
	assert_int_equal(read_again(f, in, next, f->sent), f->sent);
	close(in);
}

/* Killed while messages wait for its socket to be writable. */
static void
reader_dies_full(void **state)
{
	struct fixture *f = *state;
	unsigned taken;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	send_many(f, 600, 1200);
	taken = f->kept;
	assert_in_range(taken, 1, 599);
	turn(f, 20);
	unlink(f->socket);
	close(in);
	turn(f, 50);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 0, 600, 60000), 600);
	assert_int_equal(f->kept, 600);
	close(in);
}

/* The socket is made anew, as its unit's restart does: what was in it comes
   again, in order, before what is newer, and nothing after that. */
static void
unread_comes_again(void **state)
{
	struct fixture *f = *state;
	unsigned next;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	send_many(f, 5, 1200);
	assert_int_equal(read_socket(in, 0), 5);
	turn_until(f, all_read);
	for (int i = 0; i < 20; i++) {
		send_many(f, 7, 100 + 377 * i);
		next = f->sent - 7;
		if (i % 2 == 0)
			turn(f, 5 * i);
		unlink(f->socket);
		close(in);
		if (i % 3 == 0)
			send_many(f, 9, 300);	/* refused: they wait */
		in = reader_at(f->socket);
		if (i % 3 == 1)
			send_one(f, RFC5424_MAX);
		assert_int_equal(read_until(f, in, next, f->sent, 60000),
		    f->sent);
		turn_until(f, all_read);
		assert_int_equal(read_socket(in, f->sent), f->sent);
	}
	assert_int_equal(f->kept, f->sent);
	close(in);
}

/* Of those that were read some may come again, and none is missing. */
static void
half_read(void **state)
{
	struct fixture *f = *state;
	unsigned next = 0;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	for (int i = 0; i < 20; i++) {
		char msg[RFC5424_MAX];

		send_many(f, 9, 1200);
		for (int j = 0; j < 4; j++, next++)
			assert_int_equal(recv(in, msg, sizeof(msg), 0), 1200);
		turn(f, 13 * i);
		unlink(f->socket);
		close(in);
		in = reader_at(f->socket);
		assert_int_equal(read_again(f, in, next, f->sent), f->sent);
		next = f->sent;
	}
	assert_int_equal(f->kept, f->sent);
	close(in);
}

/* More is sent than is kept at a time, while it is read at once. */
static void
read_is_forgotten(void **state)
{
	struct fixture *f = *state;
	unsigned next = 0;
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	while (f->sent < 4000) {
		send_one(f, 4000);
		next = read_socket(in, next);
	}
	assert_in_range(sink_unread(f->sink), 0, 100);
	unlink(f->socket);
	close(in);
	in = reader_at(f->socket);
	send_one(f, 4000);
	assert_int_equal(read_again(f, in, next, f->sent), f->sent);
	close(in);
}

/* The old one is alive, does not read, and has another socket at its path. */
static void
stuck_reader_is_replaced(void **state)
{
	struct fixture *f = *state;
	unsigned taken;
	int in, old;

	make_dir(f, "run");
	old = reader_at(f->socket);
	start(f, "socket");
	send_many(f, 600, 1200);
	taken = f->kept;
	assert_in_range(taken, 1, 599);
	unlink(f->socket);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 0, 600, 60000), 600);
	assert_int_equal(read_socket(old, 0), taken);
	close(old);
	close(in);
}

/* Room ends at the configured size, the reserve half a MiB later; beyond it
   the newest are dropped and counted, the others come out in order. */
static void
bounded(void **state)
{
	struct fixture *f = *state;
	unsigned in_room, taken;
	int in;

	make_dir(f, "run");
	start(f, "socket");
	while (sink_room(f->sink))
		send_one(f, RFC5424_MAX);
	in_room = f->sent;
	assert_in_range(in_room, (1 << 20) / (RFC5424_MAX + 100),
	    (1 << 20) / RFC5424_MAX);
	assert_int_equal(f->dropped, 0);
	send_many(f, 300, RFC5424_MAX);
	taken = sink_queued(f->sink);
	assert_in_range(taken - in_room, 60, 66);
	assert_int_equal(f->dropped, f->sent - taken);
	assert_int_equal(sink_dropped(f->sink), f->dropped);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 0, taken, 60000), taken);
	assert_int_equal(f->kept, taken);
	for (unsigned i = 1; i <= f->sent; i++)
		assert_int_equal(f->done[i], i <= taken ? 1 : 2);
	assert_true(sink_room(f->sink));
	close(in);
}

static void
closing_counts_what_is_left(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run");
	start(f, "socket");
	send_many(f, 7, 100);
	sink_close(f->sink);
	f->sink = NULL;
	assert_int_equal(f->dropped, 7);
}

static void
flush_waits_for_the_reader(void **state)
{
	struct fixture *f = *state;
	int64_t begin = clock_ms();
	int in;
	pid_t pid;

	make_dir(f, "run");
	start(f, "socket");
	send_many(f, 700, 1200);
	sink_flush(f->sink, 100);		/* nobody comes */
	assert_in_range(clock_ms() - begin, 100, 20000);
	assert_int_equal(sink_queued(f->sink), 700);
	in = reader_at(f->socket);
	pid = fork();
	if (pid == 0) {
		unsigned next = 0;

		alarm(20);
		while (next < 700)
			next = read_socket(in, next);
		_exit(0);
	}
	sink_flush(f->sink, 60000);
	assert_int_equal(sink_queued(f->sink), 0);
	assert_int_equal(f->kept, 700);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(in);
}

static void
too_big(void **state)
{
	struct fixture *f = *state;
	const size_t huge = 64 << 20;
	char *msg = calloc(1, huge);
	int in;

	make_dir(f, "run");
	in = reader_at(f->socket);
	start(f, "socket");
	sink_write(f->sink, msg, huge, 1);
	assert_int_equal(f->dropped, 1);
	f->sent = 1;
	send_one(f, 100);
	assert_int_equal(read_socket(in, 1), 2);
	free(msg);
	close(in);
}

/* A stream socket or a file at the path: said, and tried again. */
static void
not_such_a_socket(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int wrong = socket(AF_UNIX, SOCK_STREAM, 0), in;

	make_dir(f, "run");
	strcpy(addr.sun_path, f->socket);
	assert_int_equal(bind(wrong, (struct sockaddr *)&addr,
	    sizeof(addr)), 0);
	start(f, "socket");
	send_many(f, 3, 100);
	turn(f, 50);
	unlink(f->socket);
	close(open(f->socket, O_CREAT | O_WRONLY, 0644));
	turn(f, 50);
	assert_int_equal(sink_queued(f->sink), 3);
	unlink(f->socket);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 0, 3, 60000), 3);
	close(in);
	close(wrong);
}

static void
path_too_long(void **state)
{
	struct fixture *f = *state;
	char path[200];

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[108] = '\0';
	f->conf.socket = path;
	f->conf.target = (char *)(uintptr_t)"socket";
	assert_null(sink_open(&f->conf, false, f->base, on_done, f));
	assert_int_equal(errno, ENAMETOOLONG);
}

static void
queue_too_big(void **state)
{
	struct fixture *f = *state;

	f->conf.queue = (size_t)1 << 60;
	f->conf.target = (char *)(uintptr_t)"socket";
	assert_null(sink_open(&f->conf, false, f->base, on_done, f));
	assert_int_equal(errno, ENOMEM);
}

/* Opened as nobody: no SO_SNDBUFFORCE, a directory that lets nobody in. */
static void
unprivileged(struct fixture *f)
{
	const unsigned n = 300;
	char run[128];
	int in, out[2];

	make_dir(f, "run");
	assert_int_equal(pipe(out), 0);
	in = reader_at(f->socket);
	format_path(run, sizeof(run), f->dir, "run");
	assert_int_equal(chmod(run, 0700), 0);
	if (fork() == 0) {
		char go;

		assert_int_equal(read(out[0], &go, 1), 1);
		assert_int_equal(chmod(run, 0711), 0);
		_exit(0);
	}
	assert_int_equal(setuid(NOBODY), 0);
	start(f, "socket");
	send_many(f, n, 1200);
	turn(f, 100);
	assert_int_equal(sink_queued(f->sink), n);	/* EACCES */
	assert_int_equal(write(out[1], "", 1), 1);
	assert_int_equal(read_until(f, in, 0, n, 60000), n);
	assert_int_equal(f->kept, n);
}

static void
as_nobody(void **state)
{
	need_root();
	in_child(*state, unprivileged);
}

/* Opened as root, used after the drop: the reader may be a new one, whose
   directory and socket the new user can reach. */
static void
dropped(struct fixture *f)
{
	char run[128];
	int in;

	make_dir(f, "run");
	format_path(run, sizeof(run), f->dir, "run");
	assert_int_equal(chown(run, 0, NOBODY), 0);
	assert_int_equal(chmod(run, 0770), 0);
	in = reader_at(f->socket);
	start(f, "socket");
	assert_int_equal(setgid(NOBODY), 0);
	assert_int_equal(setuid(NOBODY), 0);
	send_many(f, 20, 1200);
	assert_int_equal(read_until(f, in, 0, 20, 60000), 20);
	turn_until(f, all_read);
	close(in);
	unlink(f->socket);
	send_many(f, 20, 1200);
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, 20, 40, 60000), 40);
	assert_int_equal(f->kept, 40);
}

static void
after_the_drop(void **state)
{
	need_root();
	in_child(*state, dropped);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(arrives_at_once),
		T(slow_reader),
		T(reader_restarts),
		T(reader_restarts_unseen),
		T(reader_dies_full),
		T(reader_dies_reading),
		T(unread_comes_again),
		T(half_read),
		T(read_is_forgotten),
		T(stuck_reader_is_replaced),
		T(bounded),
		T(closing_counts_what_is_left),
		T(flush_waits_for_the_reader),
		T(too_big),
		T(not_such_a_socket),
		T(path_too_long),
		T(queue_too_big),
		T(as_nobody),
		T(after_the_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
