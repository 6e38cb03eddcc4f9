/* SPDX-License-Identifier: BSD-2-Clause */
/* sink to a file: whole lines, in order, through rotation and a full file
   system; who owns the directory. */
#include "config.h"

#include "sinktest.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>

#define NOBODY	65534
#define LEN	1000	/* bytes of a message */

static void
put_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static struct stat
status(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static void
appends_lines(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "log");
	put_text(f->file, "n=000000 x\n");
	start(f, "file");
	assert_memory_equal(sink_target(f->sink), "file:", 5);
	assert_string_equal(sink_target(f->sink) + 5, f->file);
	f->sent = 1;
	send_many(f, 3, 10);
	assert_int_equal(f->kept, 3);		/* no turn of the loop */
	assert_int_equal(read_lines(f->file, 0, 10), 4);
}

static void
mode_of_a_new_file(void **state)
{
	struct fixture *f = *state;
	const mode_t old = umask(077);

	make_dir(f, "log");
	start(f, "file");
	umask(old);
	assert_int_equal(status(f->file).st_mode, S_IFREG | 0640);
}

static void
no_directory(void **state)
{
	struct fixture *f = *state;

	strcat(f->file, "/deeper");
	f->conf.file = f->file;
	f->conf.target = (char *)(uintptr_t)"file";
	assert_null(sink_open(&f->conf, false, f->base, on_done, f));
	assert_int_equal(errno, ENOENT);
}

static void
symbolic_link(void **state)
{
	struct fixture *f = *state;
	char victim[128];

	make_dir(f, "log");
	format_path(victim, sizeof(victim), f->dir, "victim");
	put_text(victim, "half");
	assert_int_equal(symlink(victim, f->file), 0);
	f->conf.target = (char *)(uintptr_t)"file";
	assert_null(sink_open(&f->conf, false, f->base, on_done, f));
	assert_int_equal(errno, ELOOP);
	assert_int_equal(status(victim).st_size, 4);
}

/* What a crash in the middle of a line left behind. */
static void
half_line(void **state)
{
	static const struct {
		const char *before;
		long kept;	/* bytes */
	} cases[] = {
		{ "", 0 },
		{ "n=000000 x\n", 11 },
		{ "n=000000 x\nn=00", 11 },
		{ "n=0000", 0 },
		{ "\n", 1 },
	};
	struct fixture *f = *state;

	make_dir(f, "log");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_text(f->file, cases[i].before);
		start(f, "file");
		assert_int_equal(status(f->file).st_size, cases[i].kept);
		sink_close(f->sink);
		f->sink = NULL;
	}
}

/* No line of ours is that long: not our file, left alone. */
static void
not_a_log(void **state)
{
	struct fixture *f = *state;
	char big[RFC5424_MAX + 3];

	make_dir(f, "log");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	put_text(f->file, big);
	start(f, "file");
	assert_int_equal(status(f->file).st_size, sizeof(big) - 1);
}

/* logrotate renames: seen by itself, or told by sink_reopen. */
static void
rotation(void **state)
{
	struct fixture *f = *state;
	char old[128];

	make_dir(f, "log");
	start(f, "file");
	for (int told = 0; told < 2; told++) {
		const unsigned first = f->sent;

		format_path(old, sizeof(old), f->dir,
		    told ? "log/pidtreed.log.1" : "log/pidtreed.log.2");
		send_many(f, 5, LEN);
		assert_int_equal(rename(f->file, old), 0);
		send_many(f, 5, LEN);
		if (told)
			sink_reopen(f->sink);
		else
			turn_until(f, file_there);
		send_many(f, 5, LEN);
		assert_int_equal(read_lines(old, first, LEN), first + 10);
		assert_int_equal(read_lines(f->file, first + 10, LEN),
		    first + 15);
		assert_int_equal(unlink(f->file), 0);
		sink_reopen(f->sink);
	}
	sink_reopen(f->sink);			/* nothing to do */
	assert_int_equal(f->kept, f->sent);
}

/* The old file stays in use where a new one cannot be made. */
static void
cannot_reopen(struct fixture *f)
{
	char log[128], old[128];

	make_dir(f, "log");
	format_path(log, sizeof(log), f->dir, "log");
	format_path(old, sizeof(old), f->dir, "log/pidtreed.log.1");
	start(f, "file");
	send_one(f, LEN);
	assert_int_equal(rename(f->file, old), 0);
	assert_int_equal(chown(log, 0, 0), 0);
	assert_int_equal(chmod(log, 0755), 0);
	assert_int_equal(setuid(NOBODY), 0);
	sink_reopen(f->sink);
	send_one(f, LEN);
	assert_int_equal(status(old).st_size, 2 * (LEN + 1));
}

static void
cannot_reopen_as_nobody(void **state)
{
	need_root();
	in_child(*state, cannot_reopen);
}

/*
 * Ownership.
 */

static gid_t
adm(void)
{
	const struct group *gr = getgrnam("adm");

	return gr != NULL ? gr->gr_gid : NOBODY;
}

static void
after_drop_and_rotation(struct fixture *f)
{
	char dir[128], old[128];

	f->conf.user = (char *)(uintptr_t)"nobody";
	start(f, "file");
	format_path(dir, sizeof(dir), f->dir, "log");
	format_path(old, sizeof(old), f->dir, "log/pidtreed.log.1");
	assert_int_equal(status(dir).st_mode, S_IFDIR | 02750);
	assert_int_equal(status(dir).st_uid, NOBODY);
	assert_int_equal(status(dir).st_gid, adm());
	assert_int_equal(setgid(NOBODY), 0);
	assert_int_equal(setuid(NOBODY), 0);
	send_one(f, LEN);
	assert_int_equal(rename(f->file, old), 0);
	sink_reopen(f->sink);
	send_one(f, LEN);
	assert_int_equal(status(old).st_size, LEN + 1);	/* root's, 0640 */
	assert_int_equal(read_lines(f->file, 1, LEN), 2);
	assert_int_equal(status(f->file).st_gid, adm());
	assert_int_equal(status(f->file).st_mode, S_IFREG | 0640);
}

static void
directory_is_made(void **state)
{
	need_root();
	in_child(*state, after_drop_and_rotation);
}

static void
directory_of_root_taken_over(struct fixture *f)
{
	make_dir(f, "log");
	put_text(f->file, "");
	assert_int_equal(chmod(f->file, 0600), 0);
	after_drop_and_rotation(f);
}

static void
directory_is_taken_over(void **state)
{
	need_root();
	in_child(*state, directory_of_root_taken_over);
}

static void
directory_of_others_is_not(void **state)
{
	struct fixture *f = *state;
	char dir[128], other[128];

	need_root();
	make_dir(f, "log");
	format_path(dir, sizeof(dir), f->dir, "log");
	format_path(other, sizeof(other), f->dir, "log/syslog");
	put_text(other, "");
	f->conf.user = (char *)(uintptr_t)"nobody";
	start(f, "file");
	assert_int_equal(status(dir).st_mode, S_IFDIR | 0755);
	assert_int_equal(status(dir).st_uid, 0);
	assert_int_equal(status(f->file).st_uid, 0);
}

/*
 * A full file system: a tmpfs of 64 KiB in a mount namespace of our own.
 */

static void
on_small_disk(struct fixture *f)
{
	char log[128];

	make_dir(f, "log");
	format_path(log, sizeof(log), f->dir, "log");
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		assert_int_equal(errno, EINVAL); /* a chroot: / is no mount */
	assert_int_equal(mount("none", log, "tmpfs", 0, "size=64k,mode=755"),
	    0);
}

/* Until the disk takes no more; a page is no multiple of a line. */
static void
fill(struct fixture *f)
{
	while (sink_queued(f->sink) == 0)
		send_one(f, LEN);
	assert_in_range(f->kept, 1, 65);
	assert_int_equal(status(f->file).st_size % 4096, 0);
	assert_int_not_equal(status(f->file).st_size % (LEN + 1), 0);
	send_many(f, 9, LEN);
	turn(f, 100);
	assert_int_equal(f->dropped, 0);
}

static void
ballast(const struct fixture *f, char *path, size_t size)
{
	char page[4096] = { 0 };
	int fd;

	format_path(path, size, f->dir, "log/ballast");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 6; i++)
		assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
	close(fd);
}

static void
completes(struct fixture *f)
{
	char path[128];

	on_small_disk(f);
	ballast(f, path, sizeof(path));
	start(f, "file");
	fill(f);
	unlink(path);
	turn_until(f, all_kept);
	assert_int_equal(sink_queued(f->sink), 0);
	assert_int_equal(read_lines(f->file, 0, LEN), f->sent);
}

/* Rotated while half a line is written: it goes, whole, to the new file. */
static void
rotates(struct fixture *f)
{
	char path[128], old[128];
	unsigned kept;

	on_small_disk(f);
	ballast(f, path, sizeof(path));
	start(f, "file");
	fill(f);
	kept = f->kept;
	format_path(old, sizeof(old), f->dir, "log/pidtreed.log.1");
	assert_int_equal(rename(f->file, old), 0);
	sink_reopen(f->sink);
	assert_int_equal(read_lines(old, 0, LEN), kept);
	unlink(path);
	turn_until(f, all_kept);
	assert_int_equal(read_lines(f->file, kept, LEN), f->sent);
}

/* Stopped while half a line is written: it is removed and was dropped. */
static void
stops(struct fixture *f)
{
	unsigned kept;

	on_small_disk(f);
	start(f, "file");
	fill(f);
	kept = f->kept;
	sink_close(f->sink);
	assert_int_equal(read_lines(f->file, 0, LEN), kept);
	assert_int_equal(f->dropped, f->sent - kept);
}

/* Killed then: the next start removes it. */
static void
crashes(struct fixture *f)
{
	unsigned kept;

	on_small_disk(f);
	start(f, "file");
	fill(f);
	kept = f->kept;
	f->sink = NULL;				/* as a crash would */
	start(f, "file");
	assert_int_equal(read_lines(f->file, 0, LEN), kept);
}

/* In auto, rsyslog's socket appears then: no half line is left. */
static void
goes_over(struct fixture *f)
{
	unsigned kept;
	int in;

	on_small_disk(f);
	start(f, "auto");
	fill(f);
	kept = f->kept;
	make_dir(f, "run");
	in = reader_at(f->socket);
	assert_int_equal(read_until(f, in, kept, f->sent, 60000), f->sent);
	assert_int_equal(read_lines(f->file, 0, LEN), kept);
}

#define IN_CHILD(name, fn)			\
static void					\
name(void **state)				\
{						\
	need_root();				\
	in_child(*state, fn);			\
}

IN_CHILD(full_disk_then_space, completes)
IN_CHILD(full_disk_then_rotation, rotates)
IN_CHILD(full_disk_then_stop, stops)
IN_CHILD(full_disk_then_crash, crashes)
IN_CHILD(full_disk_then_socket, goes_over)

#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(appends_lines),
		T(mode_of_a_new_file),
		T(no_directory),
		T(symbolic_link),
		T(half_line),
		T(not_a_log),
		T(rotation),
		T(cannot_reopen_as_nobody),
		T(directory_is_made),
		T(directory_is_taken_over),
		T(directory_of_others_is_not),
		T(full_disk_then_space),
		T(full_disk_then_rotation),
		T(full_disk_then_stop),
		T(full_disk_then_crash),
		T(full_disk_then_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
