/* SPDX-License-Identifier: BSD-2-Clause */
/* The sender's side of the socket that rsyslog reads; see ingest.h. */
#include "ingest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SNDBUF	(8 << 20)	/* bytes; with the default 13 messages fit */

struct ingest {
	int fd;
	bool connected;
	dev_t dev;		/* of the socket file when it was connected */
	ino_t ino;
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
	in->dev = st.st_dev;
	in->ino = st.st_ino;
	in->connected = true;
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
	if (send(in->fd, msg, len, MSG_NOSIGNAL | MSG_DONTWAIT) != -1)
		return PUT_OK;
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
	enum put r;

	if (!in->connected && ingest_connect(in) == -1)
		return PUT_RETRY;
	r = try_send(in, msg, len);
	if (r == PUT_RETRY && reader_gone(errno) && ingest_connect(in) == 0)
		r = try_send(in, msg, len);
	return r;
}

bool
ingest_replaced(const struct ingest *in)
{
	struct stat st;

	return in->connected && stat(in->addr.sun_path, &st) == 0 &&
	    (st.st_dev != in->dev || st.st_ino != in->ino);
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
