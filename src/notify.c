/* SPDX-License-Identifier: BSD-2-Clause */
/* The service manager's protocol, see notify.h. */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD	3	/* SD_LISTEN_FDS_START */
#define NAME_MAX_LEN	255

struct notify {
	int fd;			/* -1: no manager */
	struct sockaddr_un addr;
	socklen_t addrlen;
	uint64_t watchdog_us;
	bool store;
	struct stored {
		char *name;
		int fd;		/* -1: unstored since */
	} *stored;
	int nstored;
};

/* The value of a variable, which is taken out of the environment, as a
   number up to max; -1: there is none. */
static int64_t
take_number(const char *var, int64_t max)
{
	const char *s = getenv(var);
	int64_t n = -1;
	char *end;

	if (s != NULL && *s >= '0' && *s <= '9') {
		errno = 0;
		n = strtoll(s, &end, 10);
		if (errno != 0 || *end != '\0' || n > max)
			n = -1;
	}
	unsetenv(var);
	return n;
}

/* Is a _PID variable there that names another process? */
static bool
for_another(int64_t pid)
{
	return pid != -1 && pid != getpid();
}

/* names: one for each, separated by colons; NULL: they have none. */
static int
take_descriptors(struct notify *n, int64_t fds, const char *names)
{
	size_t len;

	n->store = true;
	n->stored = calloc(fds, sizeof(*n->stored));
	if (n->stored == NULL)
		return -1;
	while (n->nstored < fds && fcntl(FIRST_FD + n->nstored, F_SETFD,
	    FD_CLOEXEC) == 0) {
		len = names != NULL ? strcspn(names, ":") : 0;
		n->stored[n->nstored] = (struct stored){
		    strndup(names != NULL ? names : "", len),
		    FIRST_FD + n->nstored };
		if (n->stored[n->nstored++].name == NULL)
			return -1;
		if (names != NULL)
			names += len + (names[len] == ':');
	}
	return 0;
}

static int
take_store(struct notify *n)
{
	const int64_t pid = take_number("LISTEN_PID", INT_MAX);
	const int64_t fds = take_number("LISTEN_FDS", 1 << 16);
	int err = 0;

	n->store = take_number("FDSTORE", INT_MAX) > 0;
	if (fds > 0 && pid == getpid())
		err = take_descriptors(n, fds, getenv("LISTEN_FDNAMES"));
	unsetenv("LISTEN_FDNAMES");
	return err;
}

static void
take_watchdog(struct notify *n)
{
	const int64_t us = take_number("WATCHDOG_USEC", INT64_MAX);
	const int64_t pid = take_number("WATCHDOG_PID", INT_MAX);

	if (us > 1 && !for_another(pid))
		n->watchdog_us = us / 2;
}

/* A path, or '@' and a name in the abstract namespace (sd_notify(3)). */
static void
take_socket(struct notify *n)
{
	const struct timeval patience = { .tv_sec = 1 };
	const char *path = getenv("NOTIFY_SOCKET");
	const size_t len = path != NULL ? strlen(path) : 0;

	if (len > 1 && len < sizeof(n->addr.sun_path) &&
	    (path[0] == '/' || path[0] == '@')) {
		n->addr.sun_family = AF_UNIX;
		memcpy(n->addr.sun_path, path, len);
		if (path[0] == '@')
			n->addr.sun_path[0] = '\0';
		n->addrlen = offsetof(struct sockaddr_un, sun_path) + len +
		    (path[0] == '/');
		n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (n->fd != -1)
			setsockopt(n->fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			    sizeof(patience));
	}
	unsetenv("NOTIFY_SOCKET");
}

struct notify *
notify_open(void)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->fd = -1;
	/* First: the descriptors' numbers are fixed. */
	if (take_store(n) == -1) {
		notify_close(n);
		errno = ENOMEM;
		return NULL;
	}
	take_watchdog(n);
	take_socket(n);
	return n;
}

/* fd -1: no descriptor goes along. */
static int
send_with(struct notify *n, const char *state, int fd)
{
	union {
		struct cmsghdr hdr;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .hdr = {
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	} };
	struct iovec iov = { (char *)(uintptr_t)state, strlen(state) };
	struct msghdr mh = {
		.msg_name = &n->addr, .msg_namelen = n->addrlen,
		.msg_iov = &iov, .msg_iovlen = 1,
	};

	if (n->fd == -1)
		return 0;
	if (fd != -1) {
		memcpy(CMSG_DATA(&control.hdr), &fd, sizeof(fd));
		mh.msg_control = &control;
		mh.msg_controllen = sizeof(control.space);
	}
	return sendmsg(n->fd, &mh, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

int
notify_send(struct notify *n, const char *state)
{
	return send_with(n, state, -1);
}

uint64_t
notify_watchdog_us(const struct notify *n)
{
	return n->fd != -1 ? n->watchdog_us : 0;
}

bool
notify_can_store(const struct notify *n)
{
	return n->fd != -1 && n->store;
}

/* What sd_pid_notify_with_fds(3) calls fdname_is_valid; otherwise the
   manager would call the descriptor "stored". */
static bool
name_valid(const char *name)
{
	const char *s;

	for (s = name; *s != '\0'; s++)
		if (*s < ' ' || *s > '~' || *s == ':')
			return false;
	return s > name && s - name <= NAME_MAX_LEN;
}

static int
send_named(struct notify *n, const char *what, const char *name, int fd)
{
	char state[NAME_MAX_LEN + 64];

	if (!name_valid(name)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(state, sizeof(state), "%s\nFDNAME=%s", what, name);
	return send_with(n, state, fd);
}

/* FDPOLL=0: without it the manager would throw away a descriptor that
   poll(2) reports as hung up, as it may a BPF link or map. */
int
notify_store(struct notify *n, const char *name, int fd)
{
	if (fd < 0) {
		errno = EBADF;
		return -1;
	}
	return send_named(n, "FDSTORE=1\nFDPOLL=0", name, fd);
}

int
notify_unstore(struct notify *n, const char *name)
{
	for (int i = 0; i < n->nstored; i++)
		if (n->stored[i].fd != -1 &&
		    strcmp(n->stored[i].name, name) == 0) {
			close(n->stored[i].fd);
			n->stored[i].fd = -1;
		}
	return send_named(n, "FDSTOREREMOVE=1", name, -1);
}

int
notify_stored(const struct notify *n, const char *name)
{
	for (int i = 0; i < n->nstored; i++)
		if (strcmp(n->stored[i].name, name) == 0)
			return n->stored[i].fd;
	return -1;
}

void
notify_each(const struct notify *n, void (*fn)(void *, const char *),
    void *arg)
{
	for (int i = 0; i < n->nstored; i++)
		if (n->stored[i].fd != -1)
			fn(arg, n->stored[i].name);
}

void
notify_close(struct notify *n)
{
	if (n == NULL)
		return;
	for (int i = 0; i < n->nstored; i++) {
		if (n->stored[i].fd != -1)
			close(n->stored[i].fd);
		free(n->stored[i].name);
	}
	if (n->fd != -1)
		close(n->fd);
	free(n->stored);
	free(n);
}
