/* SPDX-License-Identifier: BSD-2-Clause */
/* The sender's side of the socket that rsyslog reads; see ingest.h. */
#include "ingest.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SNDBUF	(8 << 20)	/* bytes; with the default 13 messages fit */

struct ingest {
	int fd;
	bool connected;
	bool fresh;		/* it is, and nothing was sent since */
	struct stat file;	/* of the socket when it was connected */
	struct sockaddr_un addr;
};

struct ingest *
ingest_open(const char *path)
{
	struct ingest *in;
	int size = SNDBUF;

	if (strlen(path) >= sizeof(in->addr.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	in = calloc(1, sizeof(*in));
	if (in == NULL)
		return NULL;
	in->addr.sun_family = AF_UNIX;
	strcpy(in->addr.sun_path, path);
	in->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (in->fd == -1) {
		free(in);
		return NULL;
	}
	if (setsockopt(in->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size,
	    sizeof(size)) == -1)
		setsockopt(in->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return in;
}

/* An inode's number is soon used again; its time says that it is new. */
static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int
ingest_connect(struct ingest *in)
{
	struct stat st;

	/* Before connect: replaced in between, it is merely done once more. */
	if (stat(in->addr.sun_path, &st) == -1)
		return -1;
	if (connect(in->fd, (const struct sockaddr *)&in->addr,
	    sizeof(in->addr)) == -1)
		return -1;
	in->file = st;
	in->connected = in->fresh = true;
	return 0;
}

/* unix(7): the reader has gone; the first send says ECONNREFUSED, all later
   ones ENOTCONN, for ever, though a new reader may be there. */
static bool
reader_gone(int error)
{
	return error == ECONNREFUSED || error == ENOTCONN ||
	    error == ECONNRESET || error == ENOENT || error == EPIPE;
}

static enum put
try_send(struct ingest *in, const char *msg, size_t len)
{
	if (send(in->fd, msg, len, MSG_NOSIGNAL | MSG_DONTWAIT) != -1) {
		in->fresh = false;
		return PUT_OK;
	}
	if (errno == EAGAIN)
		return PUT_WAIT;
	if (errno == EMSGSIZE)
		return PUT_BIG;
	if (errno != EINTR && errno != ENOBUFS && errno != ENOMEM)
		in->connected = false;
	return PUT_RETRY;
}

enum put
ingest_put(struct ingest *in, const char *msg, size_t len)
{
	const bool fresh = in->fresh;
	enum put r;

	if (!in->connected)
		return ingest_connect(in) == -1 ? PUT_RETRY : PUT_AGAIN;
	r = try_send(in, msg, len);
	if (r != PUT_RETRY || fresh || !reader_gone(errno))
		return r;
	return ingest_connect(in) == -1 ? PUT_RETRY : PUT_AGAIN;
}

size_t
ingest_unread_maybe(const struct ingest *in)
{
	int n;

	return ioctl(in->fd, SIOCOUTQ, &n) == -1 ? INGEST_UNKNOWN : (size_t)n;
}

/*
 * unix(7), SIOCOUTQ: what the reader has taken off its queue is no longer
 * counted; nor is it when the reader has gone and the queue with it.  So
 * the reader has to be there afterwards, and the one that was connected:
 * connecting again says so, and changes nothing if it is.
 */
size_t
ingest_unread(struct ingest *in)
{
	const struct stat file = in->file;
	const bool known = in->connected, fresh = in->fresh;
	const size_t n = ingest_unread_maybe(in);

	in->connected = false;
	if (ingest_connect(in) == -1)
		return INGEST_UNKNOWN;
	if (!known || !same_file(&file, &in->file))
		return INGEST_OTHER;
	in->fresh = fresh;
	return n;
}

bool
ingest_replaced(const struct ingest *in)
{
	struct stat st;

	return in->connected && stat(in->addr.sun_path, &st) == 0 &&
	    !same_file(&st, &in->file);
}

void
ingest_leave(struct ingest *in)
{
	in->connected = false;
}

int
ingest_fd(const struct ingest *in)
{
	return in->fd;
}

void
ingest_close(struct ingest *in)
{
	if (in == NULL)
		return;
	close(in->fd);
	free(in);
}
