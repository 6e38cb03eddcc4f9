/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts: read from /proc and from the system calls themselves, never from
 * the collector.  Each is one write(2) to a file opened with O_APPEND.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "know.h"

#define FACTS_FD 100
#define PROC_FD 101
#define CMDLINE_MAX (1 << 20)
#define DELETED " (deleted)"

void
fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	_exit(3);
}

uint64_t
know_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static double
real_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Real time minus boot time, in seconds, to a tenth of a millisecond also
   where the readings are interrupted. */
static double
real_offset(void)
{
	uint64_t before, after, best = UINT64_MAX;
	double real, offset = 0;

	for (int i = 0; i < 100 && best > 100000; i++) {
		before = know_now();
		real = real_now();
		after = know_now();
		if (after - before >= best)
			continue;
		best = after - before;
		offset = real - before / 1e9;
	}
	return offset;
}

/* A whole file below /proc into buf, NUL-terminated; its length or -1. */
static ssize_t
slurp(const char *path, char *buf, size_t size)
{
	size_t have = 0;
	ssize_t n;
	int fd = openat(PROC_FD, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while (have < size - 1 &&
	    (n = read(fd, buf + have, size - 1 - have)) > 0)
		have += n;
	close(fd);
	buf[have] = '\0';
	return have;
}

/* The target of a link below /proc; empty if there is none. */
static void
follow(const char *path, char *buf, size_t size)
{
	ssize_t n = readlinkat(PROC_FD, path, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
}

/* The number in field nr (from 1) of /proc/PID/stat; 0 if there is none. */
static unsigned long long
stat_field(long pid, int nr)
{
	char path[48], buf[2048], *p;

	snprintf(path, sizeof(path), "%ld/stat", pid);
	if (slurp(path, buf, sizeof(buf)) <= 0 || !(p = strrchr(buf, ')')))
		return 0;
	for (nr -= 2; nr > 0 && p; nr--)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}

struct who
know_who(long pid)
{
	return (struct who){ .pid = pid, .start = stat_field(pid, 22) };
}

struct who
know_self(void)
{
	char buf[32];

	follow("self", buf, sizeof(buf));
	return know_who(atol(buf));
}

long
know_parent(void)
{
	return stat_field(know_self().pid, 4);
}

int
know_leader_lives(void)
{
	char path[64], buf[512], *p;
	long pid = know_self().pid;

	snprintf(path, sizeof(path), "%ld/task/%ld/stat", pid, pid);
	if (slurp(path, buf, sizeof(buf)) <= 0 || !(p = strrchr(buf, ')')))
		return 0;
	return p[2] != 'Z';
}

void
know_open(struct know *k, const char *path)
{
	int fd;

	memset(k, 0, sizeof(*k));
	k->kuid = k->kgid = -1;
	if ((fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0666)) < 0 ||
	    dup2(fd, FACTS_FD) < 0 || close(fd) < 0)
		fail(path);
	if ((fd = open("/proc", O_RDONLY | O_DIRECTORY)) < 0 ||
	    dup2(fd, PROC_FD) < 0 || close(fd) < 0)
		fail("/proc");
	k->self = know_self();
	k->by = know_who(getppid());
	k->before = know_now();
}

void
know_export(const struct know *k)
{
	char buf[1024];

	snprintf(buf, sizeof(buf), "%ld %llu %ld %llu %llu %llu %ld %ld %s %s",
	    k->self.pid, k->self.start, k->by.pid, k->by.start,
	    (unsigned long long)k->after, (unsigned long long)k->before,
	    k->kuid, k->kgid, k->label, k->root);
	setenv("LOAD_STATE", buf, 1);
	setenv("LOAD_ASKED", k->asked, 1);
}

int
know_import(struct know *k)
{
	const char *text = getenv("LOAD_STATE");
	unsigned long long after, before;

	memset(k, 0, sizeof(*k));
	if (!text || sscanf(text, "%ld %llu %ld %llu %llu %llu %ld %ld "
	    "%63s %255s", &k->self.pid, &k->self.start, &k->by.pid,
	    &k->by.start, &after, &before, &k->kuid, &k->kgid, k->label,
	    k->root) < 9)
		return -1;
	k->after = after;
	k->before = before;
	snprintf(k->asked, sizeof(k->asked), "%s", getenv("LOAD_ASKED"));
	return 0;
}

void
know_born(struct know *k, uint64_t after)
{
	k->by = k->self;
	k->self = know_self();
	k->after = after;
	k->before = know_now();
}

/* A JSON string whose characters U+0000 to U+00FF are the bytes. */
static void
json_bytes(FILE *f, const char *name, const char *s, size_t n)
{
	if (name)
		fprintf(f, ",\"%s\":", name);
	fputc('"', f);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = s[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void
json_argv(FILE *f)
{
	char *buf = malloc(CMDLINE_MAX), *p;
	ssize_t n = buf ? slurp("thread-self/cmdline", buf, CMDLINE_MAX) : -1;

	fprintf(f, ",\"argv\":[");
	for (p = buf; n > 0 && p < buf + n; p += strlen(p) + 1) {
		if (p > buf)
			fputc(',', f);
		json_bytes(f, NULL, p, strlen(p));
	}
	fprintf(f, "]");
	free(buf);
}

/* A one-line file below /proc as a number; def if there is none. */
static long long
proc_number(const char *path, long long def)
{
	char buf[64];

	return slurp(path, buf, sizeof(buf)) > 0 ? atoll(buf) : def;
}

static void
json_ids(FILE *f, const struct know *k)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	fprintf(f, ",\"uid\":%ld,\"euid\":%ld,\"gid\":%ld,\"egid\":%ld",
	    k->kuid >= 0 ? k->kuid : (long)r, k->kuid >= 0 ? k->kuid : (long)e,
	    k->kgid >= 0 ? k->kgid : (long)gr,
	    k->kgid >= 0 ? k->kgid : (long)ge);
	fprintf(f, ",\"auid\":%lld,\"ses\":%lld",
	    proc_number("thread-self/loginuid", -1),
	    proc_number("thread-self/sessionid", -1));
}

static void
json_state(FILE *f, const struct know *k)
{
	char buf[4096], exe[4608];
	ssize_t n = slurp("self/comm", buf, sizeof(buf));

	json_bytes(f, "comm", buf, n > 0 ? n - 1 : 0);
	follow("thread-self/exe", buf, sizeof(buf));
	/* The path that was executed, also when it has gone since. */
	if (k->unlinked && strstr(buf, DELETED))
		*strstr(buf, DELETED) = '\0';
	snprintf(exe, sizeof(exe), "%s%s", k->root, buf);
	json_bytes(f, "exe", exe, strlen(exe));
	json_bytes(f, "asked", k->asked, strlen(k->asked));
	fprintf(f, ",\"ppid\":%ld", know_parent());
	follow("thread-self/ns/net", buf, sizeof(buf));
	fprintf(f, ",\"netns\":%lld", atoll(buf + strcspn(buf, "0123456789")));
	n = slurp("thread-self/cgroup", buf, sizeof(buf));
	json_bytes(f, "cgroup", buf, n > 0 ? n : 0);
	json_ids(f, k);
}

static FILE *
fact_open(char **text, size_t *size, const struct know *k, const char *type)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		fail("open_memstream");
	fprintf(f, "{\"t\":\"%s\",\"case\":\"%s\",\"at\":%llu", type, k->label,
	    (unsigned long long)know_now());
	return f;
}

static void
fact_close(FILE *f, char **text, size_t *size)
{
	fprintf(f, "}\n");
	if (fclose(f) || write(FACTS_FD, *text, *size) != (ssize_t)*size)
		fail("writing a fact");
	free(*text);
}

void
know_proc(const struct know *k)
{
	char *text;
	size_t size;
	FILE *f = fact_open(&text, &size, k, "proc");

	fprintf(f, ",\"pid\":%ld,\"start\":%llu,\"by\":[%ld,%llu],"
	    "\"after\":%llu,\"before\":%llu", k->self.pid, k->self.start,
	    k->by.pid, k->by.start, (unsigned long long)k->after,
	    (unsigned long long)k->before);
	json_state(f, k);
	json_argv(f);
	fact_close(f, &text, &size);
}

void
know_exit(const struct know *k, struct who gone)
{
	char *text;
	size_t size;
	FILE *f = fact_open(&text, &size, k, "exit");

	fprintf(f, ",\"pid\":%ld,\"start\":%llu", gone.pid, gone.start);
	fact_close(f, &text, &size);
}

struct end
know_end(int fd)
{
	struct sockaddr_in6 a = { .sin6_family = AF_UNSPEC };
	struct sockaddr_in *a4 = (struct sockaddr_in *)&a;
	struct tcp_info info = { 0 };
	struct end e = { "", 0, 0 };
	socklen_t len = sizeof(a);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&a, &len))
		return e;
	inet_ntop(a.sin6_family, a.sin6_family == AF_INET ?
	    (void *)&a4->sin_addr : (void *)&a.sin6_addr, e.src,
	    sizeof(e.src));
	e.spt = ntohs(a.sin6_port);
	len = sizeof(info);
	if (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		e.tcp = info.tcpi_state;
	return e;
}

static void
json_target(FILE *f, const char *dst, int dport, const struct end *e)
{
	fprintf(f, ",\"dst\":\"%s\",\"dpt\":%d,\"real\":%.6f,\"offset\":%.6f,"
	    "\"src\":\"%s\",\"spt\":%d,\"tcp\":%d", dst, dport, real_now(),
	    real_offset(), e->src, e->spt, e->tcp);
}

void
know_conn(const struct know *k, const char *mode, const char *dst, int dport,
    int fd)
{
	struct end e = know_end(fd);
	char *text, name[17] = "", link[64];
	size_t size;
	FILE *f;

	know_proc(k);
	f = fact_open(&text, &size, k, "conn");
	json_target(f, dst, dport, &e);
	follow("thread-self", link, sizeof(link));
	prctl(PR_GET_NAME, name);
	fprintf(f, ",\"mode\":\"%s\",\"pid\":%ld,\"start\":%llu,\"tid\":%ld",
	    mode, k->self.pid, k->self.start,
	    strrchr(link, '/') ? atol(strrchr(link, '/') + 1) : 0);
	json_bytes(f, "thread", name, strlen(name));
	json_state(f, k);
	fact_close(f, &text, &size);
}

void
know_done(const struct know *k, const char *dst, int dport,
    const struct end *e, int error)
{
	char *text;
	size_t size;
	FILE *f = fact_open(&text, &size, k, "done");

	json_target(f, dst, dport, e);
	fprintf(f, ",\"errno\":%d", error);
	fact_close(f, &text, &size);
}
