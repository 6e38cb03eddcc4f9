/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator's words that send datagrams:
 *	udp=HOW,ADDRESS,PORT[,OPTION...]
 *		n=N datagrams (1); size=BYTES (1); sport=N, src=ADDR: bind to
 *		it; keep, reuse: the socket; stay=MS: before the close
 *	udpsocket=4|6, udpclose: the kept socket
 * What is true is written before the first and after the last.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define SIZE_MAX_UDP 9000
#define MSG_PROBE 0x10		/* include/linux/socket.h: do not send */

struct shot {
	const char *dst, *src;
	int dport, sport, n, size, stay;
	bool keep, reuse;
	struct sockaddr_storage sa;
	socklen_t len;
	char data[SIZE_MAX_UDP];
};

/* A datagram that is refused is sent none the less, only not here. */
static void
check(const char *what, ssize_t n)
{
	if (n < 0 && errno != ECONNREFUSED)
		fail(what);
}

static void
to(struct shot *s, int fd)
{
	for (int i = 0; i < s->n; i++)
		check("sendto", sendto(fd, s->data, s->size, 0,
		    (void *)&s->sa, s->len));
}

static void
to_connected(struct shot *s, int fd)
{
	if (connect(fd, (void *)&s->sa, s->len) < 0)
		fail("connect");
	for (int i = 0; i < s->n; i++)
		check("send", send(fd, s->data, s->size, 0));
}

/* All of them in one call. */
static void
many(struct shot *s, int fd, bool connected)
{
	struct iovec io = { s->data, s->size };
	struct mmsghdr m[64] = { 0 };

	for (int i = 0; i < s->n && i < 64; i++) {
		m[i].msg_hdr.msg_iov = &io;
		m[i].msg_hdr.msg_iovlen = 1;
		if (connected)
			continue;
		m[i].msg_hdr.msg_name = &s->sa;
		m[i].msg_hdr.msg_namelen = s->len;
	}
	if (sendmmsg(fd, m, s->n, 0) != s->n)
		fail("sendmmsg");
}

static void
to_many(struct shot *s, int fd)
{
	many(s, fd, false);
}

static void
to_many_connected(struct shot *s, int fd)
{
	if (connect(fd, (void *)&s->sa, s->len) < 0)
		fail("connect");
	many(s, fd, true);
}

/* n of them as one packet, which the kernel divides. */
static void
segments(struct shot *s, int fd)
{
	int size = s->size / s->n;

	if (connect(fd, (void *)&s->sa, s->len) < 0)
		fail("connect");
	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)) < 0)
		fail("UDP_SEGMENT");
	check("send", send(fd, s->data, s->size, 0));
}

/* As getaddrinfo does it, to learn the source address. */
static void
none(struct shot *s, int fd)
{
	if (connect(fd, (void *)&s->sa, s->len) < 0)
		fail("connect");
}

/* Its own peer's address is given all the same. */
static void
to_peer(struct shot *s, int fd)
{
	none(s, fd);
	to(s, fd);
}

/* With control data, as QUIC does for ECN: the kernel then asks who filters
   addresses, without one. */
static void
control(struct shot *s, int fd)
{
	bool v6 = s->sa.ss_family == AF_INET6;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { .head = { CMSG_LEN(sizeof(int)), v6 ? IPPROTO_IPV6 :
	    IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS } };
	struct iovec io = { s->data, s->size };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1,
	    .msg_control = &c, .msg_controllen = sizeof(c) };
	int ect0 = 2;

	memcpy(CMSG_DATA(&c.head), &ect0, sizeof(ect0));
	none(s, fd);
	for (int i = 0; i < s->n; i++)
		check("sendmsg", sendmsg(fd, &m, 0));
}

/* Each after one to loopback that is not sent at all. */
static void
decoy(struct shot *s, int fd)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
	    .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET,
	    .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool v6 = s->sa.ss_family == AF_INET6;

	none(s, fd);
	for (int i = 0; i < s->n; i++) {
		check("probe", sendto(fd, "", 0, MSG_CONFIRM | MSG_PROBE,
		    v6 ? (void *)&six : (void *)&four,
		    v6 ? sizeof(six) : sizeof(four)));
		check("send", send(fd, s->data, s->size, 0));
	}
}

/* A client's first packet: RFC 9000, 17.2.2. */
static void
quic(struct shot *s, int fd)
{
	static const unsigned char begin[] = { 0xc3, 0, 0, 0, 1, 8 };

	memcpy(s->data, begin, sizeof(begin));
	s->size = 1200;
	to_connected(s, fd);
}

static const struct {
	const char *name;
	void (*run)(struct shot *, int fd);
} hows[] = {
	{ "to",		to },
	{ "connected",	to_connected },
	{ "many",	to_many },
	{ "manyconnected", to_many_connected },
	{ "segments",	segments },
	{ "none",	none },
	{ "connectedto", to_peer },
	{ "control",	control },
	{ "decoy",	decoy },
	{ "quic",	quic },
	{ NULL,		NULL }
};

static void
address(const char *text, int port, struct sockaddr_storage *sa,
    socklen_t *len)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)sa;
	struct sockaddr_in *s4 = (struct sockaddr_in *)sa;
	bool v6 = strchr(text, ':');

	memset(sa, 0, sizeof(*sa));
	sa->ss_family = v6 ? AF_INET6 : AF_INET;
	s4->sin_port = htons(port);	/* the same place in both */
	*len = v6 ? sizeof(*s6) : sizeof(*s4);
	if (inet_pton(sa->ss_family, text, v6 ? (void *)&s6->sin6_addr :
	    (void *)&s4->sin_addr) == 1)
		return;
	errno = EINVAL;
	fail(text);
}

static void
option(struct shot *s, const char *text)
{
	const char *value = strchr(text, '=');
	size_t n = strcspn(text, "=");
	const struct { const char *name; int *number; } rows[] = {
		{ "n", &s->n }, { "size", &s->size },
		{ "sport", &s->sport }, { "stay", &s->stay },
	};

	if (!strcmp(text, "keep") || !strcmp(text, "reuse")) {
		*(*text == 'k' ? &s->keep : &s->reuse) = true;
		return;
	}
	if (!strncmp(text, "src=", 4)) {
		s->src = value + 1;
		return;
	}
	for (size_t i = 0; value && i < sizeof(rows) / sizeof(*rows); i++)
		if (!strncmp(rows[i].name, text, n) && !rows[i].name[n]) {
			*rows[i].number = atoi(value + 1);
			return;
		}
	errno = EINVAL;
	fail(text);
}

static int
make_socket(struct shot *s)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd = socket(s->sa.ss_family, SOCK_DGRAM, 0);

	if (fd < 0)
		fail("socket");
	if (!s->src && !s->sport)
		return fd;
	address(s->src ? s->src : s->sa.ss_family == AF_INET ? "0.0.0.0" : "::",
	    s->sport, &from, &len);
	if (bind(fd, (void *)&from, len) < 0)
		fail("bind");
	return fd;
}

static void
do_udp(struct load *l, char *arg)
{
	static struct shot shot;
	struct shot *s = &shot;
	const char *how = strsep(&arg, ","), *text;
	struct end e;
	int fd;

	memset(s, 0, sizeof(*s));
	s->n = s->size = 1;
	s->dst = strsep(&arg, ",");
	text = strsep(&arg, ",");
	if (!text)
		fail("udp=HOW,ADDRESS,PORT");
	s->dport = atoi(text);
	while ((text = strsep(&arg, ",")))
		option(s, text);
	address(s->dst, s->dport, &s->sa, &s->len);
	fd = s->reuse ? l->fd : make_socket(s);
	know_conn(&l->know, how, s->dst, s->dport, fd);
	for (size_t i = 0; hows[i].name; i++)
		if (!strcmp(hows[i].name, how))
			hows[i].run(s, fd);
	e = know_end(fd);
	know_done(&l->know, s->dst, s->dport, &e, 0);
	usleep(s->stay * 1000);
	if (s->keep)
		l->fd = fd;
	else if (!s->reuse)
		close(fd);
}

static void
do_udpsocket(struct load *l, char *arg)
{
	l->fd = socket(*arg == '6' ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	if (l->fd < 0)
		fail("socket");
}

static void
do_udpclose(struct load *l, char *arg)
{
	(void)arg;
	close(l->fd);
	l->fd = -1;
}

const struct word datagram_words[] = {
	{ "udp",	do_udp },
	{ "udpsocket",	do_udpsocket },
	{ "udpclose",	do_udpclose },
	{ NULL,		NULL }
};
