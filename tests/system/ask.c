/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver of our own, static, without libc's: asks, and connects to what it
 * was told.  Each argument is done in its order:
 *	udp,SERVER,NAME,TYPE	one socket that is not connected
 *	connected,...		one that is
 *	tcp,...			length and message in one write
 *	split,...		in two, with a moment between
 *	many,SERVER,NAME,N	N questions for one name, answers awaited
 *	flood,SERVER,NAME,N	N questions for n.NAME, n from 0, no wait
 *	raw,SERVER,HEX		a datagram with these bytes
 *	connect,ADDRESS,PORT	TCP
 *	send,ADDRESS,PORT	a datagram
 *	fork			a child does the rest, its parent waits
 *	wait			for a line on standard input
 * Prints "done WHAT BYTES" for each, BYTES of the answer, 0 if none came
 * within 2 s.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT	53

struct message {
	uint8_t b[512];
	size_t n;
};

static uint16_t next_id;

static socklen_t
address(const char *s, int port, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, s, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, s, &in6->sin6_addr) != 1) {
		fprintf(stderr, "ask: %s: not an address\n", s);
		exit(2);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	return sizeof(*in6);
}

static int
open_to(const char *server, int port, int kind, struct sockaddr_storage *ss,
    socklen_t *len, int connected)
{
	int fd;

	*len = address(server, port, ss);
	fd = socket(ss->ss_family, kind, 0);
	if (fd == -1 || (connected && connect(fd, (void *)ss, *len) == -1)) {
		fprintf(stderr, "ask: %s: %s\n", server, strerror(errno));
		exit(1);
	}
	return fd;
}

static void
question(struct message *m, const char *name, unsigned type)
{
	static const uint8_t head[12] = { [2] = 1, [5] = 1 };
	size_t n;

	memcpy(m->b, head, sizeof(head));
	m->n = sizeof(head);
	next_id++;
	m->b[0] = next_id >> 8;
	m->b[1] = next_id;
	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		if (n > 63 || m->n + n > 300)
			exit(2);
		m->b[m->n++] = n;
		memcpy(m->b + m->n, name, n);
		m->n += n;
	}
	m->b[m->n++] = 0;
	m->b[m->n++] = type >> 8;
	m->b[m->n++] = type;
	m->b[m->n++] = 0;
	m->b[m->n++] = 1;
}

static ssize_t
answer(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	uint8_t b[65536];
	ssize_t n;

	if (poll(&p, 1, 2000) != 1)
		return 0;
	n = recv(fd, b, sizeof(b), 0);
	return n > 0 ? n : 0;
}

static ssize_t
ask(const char *how, const char *server, const char *name, unsigned type)
{
	int tcp = *how == 't' || *how == 's', fd;
	struct sockaddr_storage ss;
	struct message m;
	uint8_t framed[514];
	socklen_t len;
	ssize_t got;

	question(&m, name, type);
	fd = open_to(server, PORT, tcp ? SOCK_STREAM : SOCK_DGRAM, &ss, &len,
	    *how != 'u');
	framed[0] = m.n >> 8;
	framed[1] = m.n;
	memcpy(framed + 2, m.b, m.n);
	if (*how == 's') {
		send(fd, framed, 2, 0);
		usleep(100000);
		send(fd, framed + 2, m.n, 0);
	} else if (tcp)
		send(fd, framed, m.n + 2, 0);
	else if (*how == 'c')
		send(fd, m.b, m.n, 0);
	else
		sendto(fd, m.b, m.n, 0, (void *)&ss, len);
	got = answer(fd);
	close(fd);
	return got;
}

static ssize_t
many(const char *server, const char *name, int n, int flood)
{
	struct sockaddr_storage ss;
	struct message m;
	char one[300];
	socklen_t len;
	ssize_t got = 0;
	int fd = open_to(server, PORT, SOCK_DGRAM, &ss, &len, 1);

	for (int i = 0; i < n; i++) {
		snprintf(one, sizeof(one), flood ? "%d.%s" : "%.0d%s",
		    flood ? i : 0, name);
		question(&m, one, 1);
		send(fd, m.b, m.n, MSG_DONTWAIT);
		if (!flood)
			got += answer(fd) > 0;
	}
	close(fd);
	return got;
}

static ssize_t
raw(const char *server, const char *hex)
{
	struct sockaddr_storage ss;
	struct message m = { .n = 0 };
	unsigned byte;
	socklen_t len;
	ssize_t got;
	int fd = open_to(server, PORT, SOCK_DGRAM, &ss, &len, 1);

	for (; m.n < sizeof(m.b) && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		m.b[m.n++] = byte;
	got = send(fd, m.b, m.n, 0);
	close(fd);
	return got;
}

static ssize_t
reach(const char *addr, int port, int kind)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd = open_to(addr, port, kind, &ss, &len, 1);
	ssize_t got = kind == SOCK_DGRAM ? send(fd, "x", 1, 0) : 1;

	close(fd);
	return got;
}

static ssize_t
go_on_in_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		return 0;
	waitpid(pid, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int
main(int argc, char **argv)
{
	char *word[4], *save, line[16];
	ssize_t got;

	next_id = getpid() * 7;
	for (int i = 1; i < argc; i++) {
		word[0] = strtok_r(argv[i], ",", &save);
		for (int k = 1; k < 4; k++)
			word[k] = strtok_r(NULL, ",", &save);
		got = 0;
		if (strcmp(word[0], "fork") == 0)
			go_on_in_child();
		else if (strcmp(word[0], "wait") == 0)
			got = fgets(line, sizeof(line), stdin) != NULL;
		else if (word[1] == NULL || word[2] == NULL)
			return 2;
		else if (strcmp(word[0], "connect") == 0)
			got = reach(word[1], atoi(word[2]), SOCK_STREAM);
		else if (strcmp(word[0], "send") == 0)
			got = reach(word[1], atoi(word[2]), SOCK_DGRAM);
		else if (strcmp(word[0], "raw") == 0)
			got = raw(word[1], word[2]);
		else if (word[3] == NULL)
			return 2;
		else if (strcmp(word[0], "many") == 0 ||
		    strcmp(word[0], "flood") == 0)
			got = many(word[1], word[2], atoi(word[3]),
			    *word[0] == 'f');
		else
			got = ask(word[0], word[1], word[2], atoi(word[3]));
		printf("done %s %zd\n", word[0], got);
		fflush(stdout);
	}
	return 0;
}
