/* SPDX-License-Identifier: BSD-2-Clause */
/* One log, in blocks of whole lines; see logfile.h. */
#define _GNU_SOURCE	/* memrchr */
#include "logfile.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK	(256 << 10)	/* bytes asked for at once: fits the cache */
#define ZCHUNK	(64 << 10)

struct logfile {
	char *path;
	int fd;
	bool plain, gzip;	/* neither: not looked at yet */
	bool follow;
	bool skipping;		/* inside a line that is too long */
	bool ended;		/* gzip: no more after this */
	uint64_t offset;	/* bytes read from fd */
	uint64_t from;		/* where in the text reading began */
	z_stream z;
	struct logfile_stats stats;
	const char *line, *end;	/* of the block that logfile_line hands out */
	size_t given, have;	/* bytes of text: handed out, in all */
	unsigned char zin[ZCHUNK];
	char text[LOGFILE_LINE];
};

static ssize_t
read_fd(struct logfile *lf, void *to, size_t room)
{
	ssize_t n;

	do
		n = read(lf->fd, to, room);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		lf->offset += n;
	return n;
}

/* Enough to tell gzip (RFC 1952, 2.3.1) from text, kept in zin. */
static int
look_at_magic(struct logfile *lf)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 8 };
	ssize_t n;

	while (lf->z.avail_in < sizeof(magic)) {
		n = read_fd(lf, lf->zin + lf->z.avail_in,
		    ZCHUNK - lf->z.avail_in);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		lf->z.avail_in += n;
	}
	lf->z.next_in = lf->zin;
	if (lf->z.avail_in < sizeof(magic) ||
	    memcmp(lf->zin, magic, sizeof(magic)) != 0) {
		/* What grows later may still become a gzip file. */
		lf->plain = lf->z.avail_in != 0;
		return 0;
	}
	if (inflateInit2(&lf->z, 15 + 16) != Z_OK) {
		errno = ENOMEM;
		return -1;
	}
	lf->gzip = true;
	return 0;
}

static ssize_t
fill_plain(struct logfile *lf, char *to, size_t room)
{
	size_t n = lf->z.avail_in;

	if (n == 0)
		return read_fd(lf, to, room);
	if (n > room)
		n = room;
	memcpy(to, lf->z.next_in, n);
	lf->z.next_in += n;
	lf->z.avail_in -= n;
	return n;
}

/* More input for inflate; 0: there is none, and that is damage unless the
   last member is complete. */
static ssize_t
more_input(struct logfile *lf)
{
	ssize_t n = read_fd(lf, lf->zin, ZCHUNK);

	if (n > 0) {
		lf->z.next_in = lf->zin;
		lf->z.avail_in = n;
	}
	return n;
}

/* Another member may follow (RFC 1952, 2.2); padding after one is no harm. */
static int
next_member(struct logfile *lf)
{
	ssize_t n = 1;

	if (lf->z.avail_in == 0)
		n = more_input(lf);
	if (n < 0)
		return -1;
	if (n == 0 || lf->z.next_in[0] != 0x1f ||
	    inflateReset(&lf->z) != Z_OK)
		lf->ended = true;
	return 0;
}

static ssize_t
fill_gzip(struct logfile *lf, char *to, size_t room)
{
	ssize_t n;
	int rc;

	lf->z.next_out = (unsigned char *)to;
	lf->z.avail_out = room;
	while (!lf->ended && lf->z.avail_out == room) {
		if (lf->z.avail_in == 0) {
			if ((n = more_input(lf)) < 0)
				return -1;
			if (n == 0) {
				lf->stats.damaged = lf->ended = true;
				break;
			}
		}
		rc = inflate(&lf->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END) {
			if (next_member(lf) < 0)
				return -1;
		} else if (rc != Z_OK && rc != Z_BUF_ERROR) {
			lf->stats.damaged = lf->ended = true;
		}
	}
	return room - lf->z.avail_out;
}

/* Bytes of text; 0: the end for now; -1 with errno. */
static ssize_t
fill(struct logfile *lf, char *to, size_t room)
{
	ssize_t n;

	if (!lf->plain && !lf->gzip && look_at_magic(lf) < 0)
		return -1;
	if (!lf->plain && !lf->gzip)
		return 0;
	n = lf->gzip ? fill_gzip(lf, to, room) : fill_plain(lf, to, room);
	if (n > 0)
		lf->stats.bytes += n;
	return n;
}

struct logfile *
logfile_fdopen(int fd, const char *path)
{
	struct logfile *lf = malloc(sizeof(*lf));
	struct stat st;

	if (lf == NULL) {
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	/* The buffers behind need no clearing, and would cost the pages. */
	memset(lf, 0, offsetof(struct logfile, zin));
	lf->fd = fd;
	if ((lf->path = strdup(path)) == NULL || fstat(lf->fd, &st) < 0)
		goto fail;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		goto fail;
	}
	posix_fadvise(lf->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return lf;
fail:
	logfile_close(lf);
	return NULL;
}

struct logfile *
logfile_open(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? NULL : logfile_fdopen(fd, path);
}

int
logfile_seek(struct logfile *lf, uint64_t offset)
{
	if (lseek(lf->fd, offset, SEEK_SET) < 0)
		return -1;
	lf->plain = true;
	lf->offset = lf->from = offset;
	return 0;
}

/* What of the n new bytes at the end of text belongs to a line that is too
   long is dropped; returns what is left. */
static size_t
skip_long_line(struct logfile *lf, size_t n)
{
	char *new = lf->text + lf->have - n;
	char *nl = memchr(new, '\n', n);

	lf->have -= n;
	if (nl == NULL)
		return 0;
	lf->skipping = false;
	n -= nl + 1 - new;
	memmove(new, nl + 1, n);
	lf->have += n;
	return n;
}

/* The end, for now: a rest without a newline is the last line, or waits. */
static int
last_line(struct logfile *lf, const char **p, size_t *n)
{
	if (lf->have == 0 || lf->follow)
		return 0;
	lf->stats.torn = true;
	lf->given = lf->have;
	*p = lf->text;
	*n = lf->have;
	return 1;
}

int
logfile_block(struct logfile *lf, const char **p, size_t *size)
{
	char *nl;
	ssize_t n;

	lf->have -= lf->given;
	memmove(lf->text, lf->text + lf->given, lf->have);
	lf->given = 0;
	for (;;) {
		size_t room = LOGFILE_LINE - lf->have;

		if (room == 0) {
			lf->stats.toolong++;
			lf->skipping = true;
			lf->have = 0;
			continue;
		}
		n = fill(lf, lf->text + lf->have, room < CHUNK ? room : CHUNK);
		if (n < 0)
			return -1;
		if (n == 0)
			return last_line(lf, p, size);
		lf->have += n;
		if (lf->skipping && (n = skip_long_line(lf, n)) == 0)
			continue;
		nl = memrchr(lf->text + lf->have - n, '\n', n);
		if (nl != NULL)
			break;
	}
	lf->given = nl + 1 - lf->text;
	*p = lf->text;
	*size = lf->given;
	return 1;
}

uint64_t
logfile_offset(const struct logfile *lf)
{
	return lf->from + lf->stats.bytes - lf->have;
}

int
logfile_line(struct logfile *lf, const char **p, size_t *n)
{
	const char *nl;
	size_t size;
	int rc;

	if (lf->line == lf->end) {
		if ((rc = logfile_block(lf, &lf->line, &size)) <= 0) {
			lf->line = lf->end = NULL;
			return rc;
		}
		lf->end = lf->line + size;
	}
	*p = lf->line;
	nl = memchr(lf->line, '\n', lf->end - lf->line);
	*n = (nl != NULL ? nl : lf->end) - lf->line;
	lf->line = nl != NULL ? nl + 1 : lf->end;
	lf->stats.lines++;
	return 1;
}

void
logfile_follow(struct logfile *lf)
{
	lf->follow = true;
}

bool
logfile_rotated(const struct logfile *lf)
{
	struct stat here, now;

	if (strcmp(lf->path, "-") == 0 || stat(lf->path, &now) < 0 ||
	    fstat(lf->fd, &here) < 0)
		return false;	/* not yet: the name comes back */
	return here.st_dev != now.st_dev || here.st_ino != now.st_ino ||
	    (lf->plain && (uint64_t)now.st_size < lf->offset);
}

const char *
logfile_name(const struct logfile *lf)
{
	return strcmp(lf->path, "-") == 0 ? "standard input" : lf->path;
}

const struct logfile_stats *
logfile_stats(const struct logfile *lf)
{
	return &lf->stats;
}

void
logfile_close(struct logfile *lf)
{
	int saved = errno;

	if (lf == NULL)
		return;
	if (lf->gzip)
		inflateEnd(&lf->z);
	if (lf->fd >= 0)
		close(lf->fd);
	free(lf->path);
	free(lf);
	errno = saved;
}
