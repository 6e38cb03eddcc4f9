/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the control socket is.  In a directory of the group, with the
 * set-group-ID bit: what the collector makes in it, never root under systemd,
 * is the group's (inode(7)), and nobody else gets in.
 */
#include "watch_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "watch.h"
#include "log.h"

#define BACKLOG		16

/* Made by tmpfiles.d where systemd is.  0, or -1 with errno. */
static int
make_directory(gid_t group)
{
	struct stat st;

	if (lstat(WATCH_DIRECTORY, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (geteuid() != 0) {
		errno = ENOENT;
		return -1;
	}
	if (mkdir(WATCH_DIRECTORY, 0700) == -1 ||
	    chown(WATCH_DIRECTORY, 0, group) == -1 ||
	    chmod(WATCH_DIRECTORY, 02750) == -1)
		return -1;
	if (symlink("watch/default", WATCH_LINK) == -1 && errno != EEXIST)
		log_warn(WATCH_LINK ": %s", strerror(errno));
	return 0;
}

/* The group is the directory's; as root it is made so, whatever that was. */
static int
give(const char *path, uid_t account, gid_t group)
{
	if (geteuid() == 0 && lchown(path, account, group) == -1)
		return -1;
	return chmod(path, 0660);
}

int
watch_socket(char *path, size_t size, const char *instance, uid_t account,
    gid_t group)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, error;

	if (snprintf(path, size, WATCH_DIRECTORY "/%s", instance) >=
	    (int)sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	if (make_directory(group) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if ((unlink(path) == 0 || errno == ENOENT) &&
	    bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 &&
	    give(path, account, group) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
