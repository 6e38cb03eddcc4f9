/* SPDX-License-Identifier: BSD-2-Clause */
/* A living process in proc(5); see procfs.h. */
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
procfs_same(const struct proc_key *key)
{
	unsigned long long ticks;
	char path[64], line[1024], *p;
	FILE *f;
	bool same;

	if (kill(key->tgid, 0) == -1 && errno == ESRCH)
		return false;
	snprintf(path, sizeof(path), "/proc/%u/stat", key->tgid);
	if ((f = fopen(path, "re")) == NULL)
		return errno != ENOENT;
	/* proc(5): starttime is the 22nd field, the 20th after the comm. */
	same = fgets(line, sizeof(line), f) == NULL ||
	    (p = strrchr(line, ')')) == NULL ||
	    sscanf(p + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
	    "%*s %*s %*s %*s %*s %*s %*s %llu", &ticks) != 1 ||
	    ticks == key->start / (1000000000 / sysconf(_SC_CLK_TCK));
	fclose(f);
	return same;
}

static ssize_t
read_args(uint32_t pid, char *out, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, out, size);
	close(fd);
	return n;
}

int
procfs_image(const struct proc_key *key, struct image *image)
{
	char path[64], args[2 * ARGS_LEN];
	ssize_t n = read_args(key->tgid, args, sizeof(args));

	if (n <= 0 || !procfs_same(key))
		return -1;
	memset(image, 0, sizeof(*image));
	image->args_len = n;
	image->args_have = n < ARGS_LEN ? n : ARGS_LEN;
	memcpy(image->args, args, image->args_have);
	snprintf(path, sizeof(path), "/proc/%u/exe", key->tgid);
	n = readlink(path, args, EXE_LEN);
	if (n < 0)
		n = 0;
	image->exe_off = EXE_LEN - n;
	memcpy(image->exe + image->exe_off, args, n);
	return 0;
}
