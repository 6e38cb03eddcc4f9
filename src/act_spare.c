/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom pidtree act never stops or kills, whatever an event says: who has to be
 * there for somebody to log in and look, and for the log itself.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"

#define DEEPEST		1000	/* generations */
#define LISTENERS	256	/* sockets, in one network namespace */

/* Is `pid` that process or an ancestor of it? */
static bool
is_above(pid_t pid, pid_t of)
{
	struct act_stat s;
	int i;

	for (i = 0; i < DEEPEST && of > 0; i++) {
		if (of == pid)
			return true;
		if (act_stat(of, &s) != 0)
			return false;
		of = s.ppid;
	}
	return false;
}

/* The line of a file of proc(5) that begins so, without that. */
static bool
read_line(const char *dir, const char *file, const char *begin, char *out,
    int size)
{
	size_t n = strlen(begin);
	char path[320];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	while (!found && fgets(out, size, f) != NULL)
		found = strncmp(out, begin, n) == 0;
	fclose(f);
	if (!found)
		return false;
	memmove(out, out + n, strlen(out + n) + 1);
	out[strcspn(out, "\n")] = '\0';
	return true;
}

/* Its executable is called sshd, also after an upgrade.  Without the
   capability to look at that (Debian 13's rsyslog.service) the comm counts. */
static bool
is_sshd(const char *dir)
{
	char path[320], exe[4096], *name;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/exe", dir);
	if ((n = readlink(path, exe, sizeof(exe) - 1)) <= 0)
		return read_line(dir, "comm", "", exe, sizeof(exe)) &&
		    strcmp(exe, "sshd") == 0;
	exe[n] = '\0';
	name = strrchr(exe, '/');
	name = name == NULL ? exe : name + 1;
	return strcmp(name, "sshd") == 0 || strcmp(name, "sshd (deleted)") == 0;
}

static bool
is_roots(const char *dir)
{
	char line[256];

	return read_line(dir, "status", "Uid:\t", line, sizeof(line)) &&
	    atoi(line) == 0;
}

/* Inodes of the sockets that listen in its network namespace. */
static size_t
listening(const char *dir, const char *table, uint64_t inode[], size_t n)
{
	char path[320], line[512];
	unsigned state;
	FILE *f;

	snprintf(path, sizeof(path), "%s/net/%s", dir, table);
	if ((f = fopen(path, "re")) == NULL)
		return n;
	while (n < LISTENERS && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, " %*d: %*s %*s %x %*s %*s %*s %*d %*d %"
		    SCNu64, &state, &inode[n]) == 2 && state == 0x0a)
			n++;
	fclose(f);
	return n;
}

/* Yes, if that may not be seen. */
static bool
has_one(const char *dir, const char *fd, const uint64_t inode[], size_t n)
{
	char path[600], to[64];
	uint64_t number;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/fd/%s", dir, fd);
	if ((len = readlink(path, to, sizeof(to) - 1)) < 0)
		return errno == EACCES || errno == EPERM;
	to[len] = '\0';
	if (sscanf(to, "socket:[%" SCNu64 "]", &number) != 1)
		return false;
	while (n-- > 0)
		if (inode[n] == number)
			return true;
	return false;
}

/* Does it listen?  Yes, if that cannot be seen. */
static bool
listens(const char *dir)
{
	uint64_t inode[LISTENERS];
	size_t n = listening(dir, "tcp", inode, 0);
	char path[320];
	struct dirent *e;
	bool yes = false;
	DIR *d;

	n = listening(dir, "tcp6", inode, n);
	snprintf(path, sizeof(path), "%s/fd", dir);
	if (n == LISTENERS || (d = opendir(path)) == NULL)
		return true;
	while (!yes && (e = readdir(d)) != NULL)
		yes = has_one(dir, e->d_name, inode, n);
	closedir(d);
	return yes;
}

/* A root's sshd that listens: not one of a user's that only has the name. */
static bool
is_listener(const char *name)
{
	char dir[300];

	snprintf(dir, sizeof(dir), "/proc/%s", name);
	return is_sshd(dir) && is_roots(dir) && listens(dir);
}

/* Is it the listener of an sshd, or an ancestor?  Yes, if nobody can tell. */
static bool
is_of_sshd(pid_t pid)
{
	struct dirent *e;
	bool yes = false;
	DIR *d;

	if ((d = opendir("/proc")) == NULL)
		return true;
	while (!yes && (e = readdir(d)) != NULL)
		if (isdigit((unsigned char)e->d_name[0]) &&
		    is_listener(e->d_name))
			yes = is_above(pid, atoi(e->d_name));
	closedir(d);
	return yes;
}

bool
act_is_called(pid_t pid, const char *comm)
{
	char dir[64], line[64];

	snprintf(dir, sizeof(dir), "/proc/%d", (int)pid);
	return read_line(dir, "comm", "", line, sizeof(line)) &&
	    strcmp(line, comm) == 0;
}

const char *
act_spare(pid_t pid, pid_t collector)
{
	struct act_stat s;

	if (pid == 1)
		return "it is process 1";
	if (is_above(pid, getpid()))
		return "it is rsyslogd, this program, or what started it";
	if (collector > 0 && (is_above(pid, collector) ||
	    (act_stat(pid, &s) == 0 && s.ppid == collector)))
		return "it is the collector, its helper, or what started it";
	if (is_of_sshd(pid))
		return "it is an sshd that listens, or what started it";
	return NULL;
}
