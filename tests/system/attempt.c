/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator's word that connects:
 *	connect=HOW,ADDRESS,PORT[,OPTION...]
 * and what the options mean is in struct try; and those that wait for others:
 *	listen=ADDRESS,PORT	TCP
 *	bind=ADDRESS,PORT	UDP
 * What is true is written before the attempt and after it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define PATIENCE_MS 60000

struct try {
	const char *how, *dst;
	int dport, sport;		/* sport=N: bind to it */
	const char *src;		/* src=ADDR: bind to it */
	bool bound;			/* bind: the kernel chooses, early */
	bool reuse, keep;		/* the socket of the last attempt */
	int syncnt;			/* syn=N */
	int timeout;			/* timeout=MS: TCP_USER_TIMEOUT */
	bool say;			/* a byte is sent once connected */
	int stay;			/* stay=MS: before the close */
	int protocol;
	struct sockaddr_storage sa;
	socklen_t len;
};

struct how {
	const char *name;
	int (*run)(struct try *, int fd);	/* 0 or an errno */
	int protocol;
	bool leaves;			/* ends the process: no "done" */
};

static int
blocking(struct try *t, int fd)
{
	return connect(fd, (void *)&t->sa, t->len) < 0 ? errno : 0;
}

static int
start(struct try *t, int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return blocking(t, fd);
}

static int
await(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);

	if (poll(&p, 1, PATIENCE_MS) != 1)
		fail("no end of a connect");
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

static int
nonblocking(struct try *t, int fd)
{
	int error = start(t, fd);

	return error == EINPROGRESS ? await(fd) : error;
}

/* The process has ended when the packet leaves. */
static int
leave(struct try *t, int fd)
{
	start(t, fd);
	syscall(SYS_exit_group, 0);
	return 0;
}

static int
leave_blocking(struct try *t, int fd)
{
	blocking(t, fd);
	syscall(SYS_exit_group, 0);
	return 0;
}

static int
fastopen(struct try *t, int fd)
{
	return sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&t->sa, t->len) < 0 ?
	    errno : 0;
}

static int
fastopen_connect(struct try *t, int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on,
	    sizeof(on)) < 0)
		fail("TCP_FASTOPEN_CONNECT");
	if (connect(fd, (void *)&t->sa, t->len) < 0)
		return errno;
	return write(fd, "x", 1) < 0 ? errno : 0;
}

static int
uring(struct try *t, int fd)
{
	return uring_connect(URING_INLINE, fd, (void *)&t->sa, t->len);
}

static int
uring_async(struct try *t, int fd)
{
	return uring_connect(URING_ASYNC, fd, (void *)&t->sa, t->len);
}

static int
uring_sqpoll(struct try *t, int fd)
{
	return uring_connect(URING_SQPOLL, fd, (void *)&t->sa, t->len);
}

/* Established by decree: no packet is sent, none at the close either. */
static int
repair(struct try *t, int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) < 0)
		fail("TCP_REPAIR");
	return blocking(t, fd);
}

static const struct how hows[] = {
	{ "block",	blocking,	0,	false },
	{ "nonblock",	nonblocking,	0,	false },
	{ "start",	start,		0,	false },
	{ "leave",	leave,		0,	true },
	{ "leaveblock",	leave_blocking,	0,	true },
	{ "fastopen",	fastopen,	0,	false },
	{ "tfoconnect",	fastopen_connect, 0,	false },
	{ "uring",	uring,		0,	false },
	{ "uringasync",	uring_async,	0,	false },
	{ "sqpoll",	uring_sqpoll,	0,	false },
	{ "repair",	repair,		0,	false },
	{ "mptcp",	blocking,	IPPROTO_MPTCP, false },
	{ NULL,		NULL,		0,	false }
};

static void
address(const char *text, int port, struct sockaddr_storage *sa,
    socklen_t *len)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)sa;
	struct sockaddr_in *s4 = (struct sockaddr_in *)sa;

	memset(sa, 0, sizeof(*sa));
	if (strchr(text, ':')) {
		sa->ss_family = AF_INET6;
		s6->sin6_port = htons(port);
		*len = sizeof(*s6);
		if (inet_pton(AF_INET6, text, &s6->sin6_addr) == 1)
			return;
	} else {
		sa->ss_family = AF_INET;
		s4->sin_port = htons(port);
		*len = sizeof(*s4);
		if (inet_pton(AF_INET, text, &s4->sin_addr) == 1)
			return;
	}
	errno = EINVAL;
	fail(text);
}

static void
option(struct try *t, const char *text)
{
	const char *value = strchr(text, '=');
	size_t n = strcspn(text, "=");
	int number = value ? atoi(++value) : 1;
	const struct { const char *name; bool *flag; int *number; } rows[] = {
		{ "bind", &t->bound, NULL }, { "reuse", &t->reuse, NULL },
		{ "keep", &t->keep, NULL }, { "say", &t->say, NULL },
		{ "syn", NULL, &t->syncnt },
		{ "timeout", NULL, &t->timeout }, { "stay", NULL, &t->stay },
		{ "sport", NULL, &t->sport },
	};

	if (!strncmp(text, "src=", 4)) {
		t->src = value;
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strncmp(rows[i].name, text, n) || rows[i].name[n])
			continue;
		if (rows[i].flag)
			*rows[i].flag = true;
		else
			*rows[i].number = number;
		return;
	}
	errno = EINVAL;
	fail(text);
}

static const struct how *
understand(struct try *t, char *arg)
{
	char *text;

	t->how = strsep(&arg, ",");
	t->dst = strsep(&arg, ",");
	text = strsep(&arg, ",");
	if (!text)
		fail("connect=HOW,ADDRESS,PORT");
	t->dport = atoi(text);
	while ((text = strsep(&arg, ",")))
		option(t, text);
	address(t->dst, t->dport, &t->sa, &t->len);
	for (const struct how *h = hows; h->name; h++)
		if (!strcmp(h->name, t->how))
			return h;
	errno = EINVAL;
	fail(t->how);
}

static void
set(int fd, int level, int name, int value)
{
	if (value && setsockopt(fd, level, name, &value, sizeof(value)) < 0)
		fail("setsockopt");
}

static int
make_socket(struct try *t, int protocol)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd = socket(t->sa.ss_family, SOCK_STREAM, protocol);

	if (fd < 0)
		fail("socket");
	set(fd, IPPROTO_TCP, TCP_SYNCNT, t->syncnt);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, t->timeout);
	if (!t->bound && !t->src && !t->sport)
		return fd;
	set(fd, SOL_SOCKET, SO_REUSEADDR, t->sport);
	address(t->src ? t->src : t->sa.ss_family == AF_INET ? "0.0.0.0" : "::",
	    t->sport, &from, &len);
	if (bind(fd, (void *)&from, len) < 0)
		fail("bind");
	return fd;
}

static void
do_connect(struct load *l, char *arg)
{
	struct try t = { 0 };
	const struct how *how = understand(&t, arg);
	int fd = t.reuse ? l->fd : make_socket(&t, how->protocol), error;

	know_conn(&l->know, t.how, t.dst, t.dport, fd);
	error = how->run(&t, fd);
	if (error == EINPROGRESS) {
		struct end e = know_end(fd);

		close(fd);
		know_done(&l->know, t.dst, t.dport, &e, error);
		return;
	}
	struct end e = know_end(fd);
	know_done(&l->know, t.dst, t.dport, &e, error);
	if (t.say && write(fd, "x", 1) != 1)
		fail("write");
	usleep(t.stay * 1000);
	if (t.keep)
		l->fd = fd;
	else
		close(fd);
}

static void
wait_there(struct load *l, char *arg, int type)
{
	const char *addr = strsep(&arg, ",");
	struct sockaddr_storage here;
	struct end e;
	int port = arg ? atoi(arg) : 0, fd;
	socklen_t len;

	address(addr, port, &here, &len);
	fd = socket(here.ss_family, type, 0);
	if (fd < 0)
		fail("socket");
	know_conn(&l->know, "listen", addr, port, fd);
	if (bind(fd, (void *)&here, len) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 5) < 0))
		fail("listen");
	e = know_end(fd);
	know_done(&l->know, addr, port, &e, 0);
	close(fd);
}

static void
do_listen(struct load *l, char *arg)
{
	wait_there(l, arg, SOCK_STREAM);
}

static void
do_bind(struct load *l, char *arg)
{
	wait_there(l, arg, SOCK_DGRAM);
}

/* socket: made here, used with `reuse' here or by a child. */
static void
do_socket(struct load *l, char *arg)
{
	l->fd = socket(*arg == '6' ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (l->fd < 0)
		fail("socket");
}

/* disconnect: the kept socket may connect again. */
static void
do_disconnect(struct load *l, char *arg)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	(void)arg;
	if (connect(l->fd, &sa, sizeof(sa)) < 0)
		fail("disconnect");
}

const struct word attempt_words[] = {
	{ "connect",	do_connect },
	{ "listen",	do_listen },
	{ "bind",	do_bind },
	{ "socket",	do_socket },
	{ "disconnect",	do_disconnect },
	{ NULL,		NULL }
};
