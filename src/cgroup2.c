/* SPDX-License-Identifier: BSD-2-Clause */
/* The cgroup2 hierarchy; see cgroup2.h. */
#define _GNU_SOURCE
#include "cgroup2.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* proc(5), mountinfo: ID parent major:minor root mountpoint options [...] -
   type source options.  Octal escapes are for blanks, which no hierarchy's
   mount point on earth has; such a line is passed over. */
static int
open_mounted(void)
{
	char line[4096], root[2048], where[2048];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	int fd = -1;

	if (f == NULL)
		return -1;
	while (fd == -1 && fgets(line, sizeof(line), f) != NULL) {
		if (strstr(line, " - cgroup2 ") == NULL ||
		    sscanf(line, "%*d %*d %*s %2047s %2047s", root, where)
		    != 2 || strcmp(root, "/") != 0)
			continue;
		fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	fclose(f);
	return fd;
}

int
cgroup2_open(void)
{
	int fd = open_mounted(), fs;

	if (fd != -1)
		return fd;
	if ((fs = fsopen("cgroup2", FSOPEN_CLOEXEC)) == -1)
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return fd;
}

const char *
cgroup2_refuses_sockops(int cgroup_fd)
{
	static char line[128];
	uint32_t flags = 0, ids[64], n = 64;

	if (bpf_prog_query(cgroup_fd, BPF_CGROUP_SOCK_OPS, 0, &flags, ids, &n)
	    != 0 || n == 0 || flags & BPF_F_ALLOW_MULTI)
		return NULL;
	snprintf(line, sizeof(line), "sock_ops program %u on the root cgroup "
	    "was attached without BPF_F_ALLOW_MULTI", ids[0]);
	return line;
}

bool
cgroup2_foreign_sockops(const char *ours)
{
	uint32_t id = 0;
	bool foreign = false;
	int fd;

	while (!foreign && bpf_prog_get_next_id(id, &id) == 0) {
		struct bpf_prog_info info = { .type = 0 };
		uint32_t len = sizeof(info);

		if ((fd = bpf_prog_get_fd_by_id(id)) == -1)
			continue;
		foreign = bpf_obj_get_info_by_fd(fd, &info, &len) == 0 &&
		    info.type == BPF_PROG_TYPE_SOCK_OPS &&
		    strcmp(info.name, ours) != 0;
		close(fd);
	}
	return foreign;
}

static bool
ends(const char *s, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n > m && memcmp(s + n - m, end, m) == 0;
}

static bool
is_unit(const char *s, size_t n)
{
	return ends(s, n, ".service") || ends(s, n, ".scope") ||
	    ends(s, n, ".socket") || ends(s, n, ".mount") ||
	    ends(s, n, ".swap");
}

void
cgroup2_names(const struct cgroup_name *name, struct cgroup_text *t)
{
	const char *part[16];
	size_t n = 0, off = 0, len, last;
	char *p = t->mem;

	while (n < 16 && n < name->parts && off < name->len) {
		part[n++] = name->leaf_first + off;
		off += strnlen(name->leaf_first + off, name->len - off) + 1;
	}
	while (n-- > 0) {
		len = strnlen(part[n], CGROUP_LEN - (part[n] -
		    name->leaf_first));
		*p++ = '/';
		memcpy(p, part[n], len);
		p += len;
	}
	if (p == t->mem)
		*p++ = '/';
	if (name->cut)
		p = mempcpy(p, "/...", 4);
	t->path = (struct str){ t->mem, p - t->mem };
	t->unit = (struct str){ NULL, 0 };
	t->contained = container_find(t->path, &t->container);
	last = t->contained ? t->container.start : t->path.n;
	/* A process may sit below its unit: payload, init.scope, ... */
	for (p = t->mem; p != NULL && p - t->mem < (ptrdiff_t)last; ) {
		char *end = memchr(p + 1, '/', t->mem + t->path.n - p - 1);

		len = (end != NULL ? end : t->mem + t->path.n) - p - 1;
		if (is_unit(p + 1, len))
			t->unit = (struct str){ p + 1, len };
		p = end;
	}
}
