/* SPDX-License-Identifier: BSD-2-Clause */
/* A file, or standard output, that takes messages as lines; see outfile.h. */
#include "outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "account.h"
#include "rfc5424.h"

struct outfile {
	int fd;
	mode_t type;
	size_t part;		/* bytes of the message already written */
	char *path;		/* NULL: standard output */
};

/* Nothing in dir but files whose names begin with base? */
static bool
holds_only(const char *dir, const char *base)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool only = d != NULL;

	while (only && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			only = strncmp(e->d_name, base, strlen(base)) == 0;
	if (d != NULL)
		closedir(d);
	return only;
}

/* New files there shall have its group; a sandbox may forbid that bit. */
static int
own_directory(int fd, uid_t uid, gid_t gid)
{
	if (fchmod(fd, 02750) == -1 && fchmod(fd, 0750) == -1)
		return -1;
	return fchown(fd, uid, gid);
}

static void
prepare_in(const char *dir, const char *base, uid_t uid, gid_t gid)
{
	struct stat st;
	int fd, file;

	if (mkdir(dir, 0750) == -1 && (errno != EEXIST ||
	    !holds_only(dir, base)))
		return;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return;
	/* In this order CAP_CHOWN is enough. */
	if (fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    own_directory(fd, uid, gid) == 0) {
		file = openat(fd, base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK |
		    O_CLOEXEC);
		if (file != -1) {
			if (fstat(file, &st) == 0 && S_ISREG(st.st_mode) &&
			    st.st_nlink == 1 && fchmod(file, 0640) == 0 &&
			    fchown(file, uid, gid) == -1)
				fchmod(file, st.st_mode & 07777);
			close(file);
		}
	}
	close(fd);
}

void
outfile_prepare(const char *path, const char *user)
{
	char dir[PATH_MAX], base[PATH_MAX];
	uid_t uid = 0;
	gid_t gid = 0, adm;

	if (geteuid() != 0 || strlen(path) >= sizeof(dir))
		return;
	if (user != NULL && account_user(user, &uid, &gid) == -1)
		return;
	if (account_group("adm", &adm) == 0)
		gid = adm;
	strcpy(dir, path);
	strcpy(base, path);
	prepare_in(dirname(dir), basename(base), uid, gid);
}

/* The bytes after the last newline go; a file that has no newline where
   one of our lines must have ended is not ours to cut. */
static size_t
cut_half_line(int fd, off_t size)
{
	char end[RFC5424_MAX + 1];
	size_t n = size < (off_t)sizeof(end) ? (size_t)size : sizeof(end);
	size_t half = 0;

	if (n == 0 || pread(fd, end, n, size - n) != (ssize_t)n)
		return 0;
	while (half < n && end[n - half - 1] != '\n')
		half++;
	if (half == 0 || (half == n && (off_t)n < size) ||
	    ftruncate(fd, size - half) == -1)
		return 0;
	return half;
}

/* A symbolic link is refused: the directory is not root's. */
static int
open_file(const char *path)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC;
	int fd = open(path, flags | O_CREAT | O_EXCL, 0640);

	if (fd != -1)
		fchmod(fd, 0640);	/* whatever the umask */
	else if (errno == EEXIST)
		fd = open(path, flags);
	return fd;
}

struct outfile *
outfile_open(const char *path, size_t *cut)
{
	struct outfile *o = calloc(1, sizeof(*o));
	struct stat st;
	int error;

	*cut = 0;
	if (o == NULL)
		return NULL;
	o->path = strdup(path);
	o->fd = open_file(path);
	if (o->path == NULL || o->fd == -1 || fstat(o->fd, &st) == -1) {
		error = errno;
		outfile_close(o);
		errno = error;
		return NULL;
	}
	o->type = st.st_mode & S_IFMT;
	if (o->type == S_IFREG)
		*cut = cut_half_line(o->fd, st.st_size);
	return o;
}

/*
 * O_NONBLOCK belongs to the open file, which standard output shares with
 * others (a shell's terminal): a pipe or terminal is opened anew.  A file
 * keeps the shared one, for its offset, and a socket has MSG_DONTWAIT.
 */
struct outfile *
outfile_stdout(void)
{
	struct outfile *o = calloc(1, sizeof(*o));
	struct stat st;

	if (o == NULL)
		return NULL;
	o->fd = -1;
	if (fstat(STDOUT_FILENO, &st) == -1)
		goto fail;
	o->type = st.st_mode & S_IFMT;
	if (o->type == S_IFIFO || o->type == S_IFCHR)
		o->fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK |
		    O_NOCTTY | O_CLOEXEC);
	if (o->fd == -1)
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (o->fd == -1)
		goto fail;
	signal(SIGPIPE, SIG_IGN);
	return o;
fail:
	outfile_close(o);
	return NULL;
}

static ssize_t
write_rest(const struct outfile *o, const char *msg, size_t len)
{
	struct iovec iov[2] = {
		{ (char *)(uintptr_t)(msg + o->part), len - o->part },
		{ (char *)(uintptr_t)"\n", 1 },
	};
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2 };

	if (o->type == S_IFSOCK)
		return sendmsg(o->fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	return writev(o->fd, iov, 2);
}

enum put
outfile_put(struct outfile *o, const char *msg, size_t len)
{
	ssize_t n;

	for (;;) {
		n = write_rest(o, msg, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		o->part += n;
		if (o->part == len + 1) {
			o->part = 0;
			return PUT_OK;
		}
	}
	if (errno == EAGAIN)
		return PUT_WAIT;
	return errno == EPIPE || errno == ECONNRESET ? PUT_END : PUT_RETRY;
}

/* Only if nobody has written behind it. */
static void
remove_part(struct outfile *o)
{
	struct stat st;

	if (o->part > 0 && o->type == S_IFREG && o->path != NULL &&
	    fstat(o->fd, &st) == 0 &&
	    lseek(o->fd, 0, SEEK_CUR) == st.st_size &&
	    ftruncate(o->fd, st.st_size - o->part) == 0)
		o->part = 0;
}

int
outfile_reopen(struct outfile *o)
{
	struct stat now, old;
	int fd;

	if (o->path == NULL)
		return 0;
	if (fstat(o->fd, &old) == 0 && lstat(o->path, &now) == 0 &&
	    now.st_dev == old.st_dev && now.st_ino == old.st_ino)
		return 0;
	fd = open_file(o->path);
	if (fd == -1)
		return -1;
	if (fstat(fd, &now) == 0)
		o->type = now.st_mode & S_IFMT;
	remove_part(o);
	close(o->fd);
	o->fd = fd;
	o->part = 0;
	return 1;
}

int
outfile_fd(const struct outfile *o)
{
	return o->type == S_IFREG ? -1 : o->fd;
}

void
outfile_close(struct outfile *o)
{
	if (o == NULL)
		return;
	if (o->fd != -1) {
		remove_part(o);
		close(o->fd);
	}
	free(o->path);
	free(o);
}
