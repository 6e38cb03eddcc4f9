/* SPDX-License-Identifier: BSD-2-Clause */
/* The rsyslogd that runs; see rsyslogd.h. */
#include "config.h"

#include "rsyslogd.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKETS	16	/* of one path, after it was made anew */

/* Inodes of the sockets bound to the path, from proc_net_unix(5). */
static size_t
inodes(const char *path, unsigned long inode[SOCKETS])
{
	FILE *f = fopen("/proc/net/unix", "re");
	char line[512], name[256];
	size_t n = 0;

	while (f != NULL && n < SOCKETS && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %lu %255s",
		    &inode[n], name) == 2 && strcmp(name, path) == 0)
			n++;
	if (f != NULL)
		fclose(f);
	return n;
}

static bool
is_rsyslogd(pid_t pid)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	if (fgets(comm, sizeof(comm), f) == NULL)
		comm[0] = '\0';
	fclose(f);
	return strcmp(comm, "rsyslogd\n") == 0;
}

static bool
has_socket(pid_t pid, const unsigned long inode[], size_t n)
{
	char path[PATH_MAX], target[64];
	struct dirent *d;
	unsigned long own;
	bool has = false;
	ssize_t len;
	size_t i;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	if ((dir = opendir(path)) == NULL)
		return false;
	while (!has && (d = readdir(dir)) != NULL) {
		len = readlinkat(dirfd(dir), d->d_name, target,
		    sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (sscanf(target, "socket:[%lu]", &own) != 1)
			continue;
		for (i = 0; i < n; i++)
			has = has || inode[i] == own;
	}
	closedir(dir);
	return has;
}

pid_t
rsyslogd_reader(const char *socket)
{
	unsigned long inode[SOCKETS];
	size_t n = inodes(socket, inode);
	pid_t pid, found = -1;
	struct dirent *d;
	DIR *proc;

	if (n == 0 || (proc = opendir("/proc")) == NULL)
		return -1;
	while (found < 0 && (d = readdir(proc)) != NULL)
		if ((pid = atoi(d->d_name)) > 0 && is_rsyslogd(pid) &&
		    has_socket(pid, inode, n))
			found = pid;
	closedir(proc);
	return found;
}

#define GROUPS	64

/* The process's user and groups, from proc(5). */
static int
become(pid_t pid)
{
	char path[64], line[1024], *p;
	unsigned uid = 0, gid = 0;
	gid_t group[GROUPS];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Groups:", 7) == 0)
			for (p = line + 7; n < GROUPS && *p != '\0' &&
			    *(p += strspn(p, " \t\n")) != '\0';)
				group[n++] = strtoul(p, &p, 10);
		else if (sscanf(line, "Uid: %*u %u", &uid) != 1)
			sscanf(line, "Gid: %*u %u", &gid);
	fclose(f);
	if (uid == 0)
		return 0;
	return setgroups(n, group) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0 ? -1 : 0;
}

int
rsyslogd_can_read(pid_t pid, const char *path)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (pid > 0 && become(pid) < 0)
			_exit(errno & 0xff);
		_exit(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) < 0 ?
		    errno & 0xff : 0);
	}
	if (child < 0)
		return -1;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno == 0 ? 0 : -1;
}
