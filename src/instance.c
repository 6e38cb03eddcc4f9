/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of an instance: a file in the run-time directory. */
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define DIRECTORY	RUNSTATEDIR "/pidtreed"

/* Each part of the way, as mkdir -p does. */
static int
make_directories(void)
{
	char path[] = DIRECTORY;

	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) == -1 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(path, 0755) == -1 && errno != EEXIST ? -1 : 0;
}

int
instance_lock(const char *name)
{
	char path[256], pid[32] = "";
	ssize_t n;
	int fd;

	if (make_directories() == -1) {
		log_error("%s: %s", DIRECTORY, strerror(errno));
		return -1;
	}
	snprintf(path, sizeof(path), DIRECTORY "/%s.lock", name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd == -1) {
		log_error("%s: %s", path, strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		n = read(fd, pid, sizeof(pid) - 1);
		pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
		log_error("instance %s runs already, as process %s; "
		    "--instance NAME runs another beside it", name,
		    pid[0] != '\0' ? pid : "unknown");
		close(fd);
		return -1;
	}
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	if (ftruncate(fd, 0) == -1 ||
	    pwrite(fd, pid, strlen(pid), 0) == -1)
		log_warn("%s: %s", path, strerror(errno));
	return 0;
}
