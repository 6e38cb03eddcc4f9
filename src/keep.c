/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors that outlive the collector; see keep.h. */
#include "keep.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "notify.h"

#define BPFFS	"/sys/fs/bpf"
#define KEEP_NAMES	128	/* maps, and links of two generations */

struct keep {
	struct notify *notify;	/* not NULL: it stores */
	int dir;		/* of the pins, or -1 */
	char where[256];
	char names[KEEP_NAMES][48];	/* put by us */
	size_t nnames;
};

static bool
is_bpffs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 &&
	    (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

/* On a bpffs of mode 1777, mount(8)'s default, anybody can be first. */
static bool
is_ours(int dir, uid_t account)
{
	struct stat st;

	if (fstat(dir, &st) == -1)
		return false;
	if (st.st_uid == 0 || st.st_uid == account ||
	    account == KEEP_ANYBODY)
		return true;
	errno = EPERM;
	return false;
}

static int
pins_open(struct keep *k, const char *instance, uid_t account)
{
	if (!is_bpffs(BPFFS) &&
	    mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    "mode=0700") == -1)
		return -1;
	snprintf(k->where, sizeof(k->where), BPFFS "/pidtreed-%s", instance);
	if (mkdir(k->where, 0700) == -1 && errno != EEXIST)
		return -1;
	k->dir = open(k->where, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (k->dir == -1)
		return -1;
	if (is_ours(k->dir, account))
		return 0;
	close(k->dir);
	k->dir = -1;
	return -1;
}

struct keep *
keep_open(const char *instance, struct notify *notify, uid_t account)
{
	struct keep *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->dir = -1;
	if (notify_can_store(notify)) {
		k->notify = notify;
		strcpy(k->where, "fdstore");
	} else if (pins_open(k, instance, account) == -1)
		snprintf(k->where, sizeof(k->where), "none: " BPFFS
		    "/pidtreed-%s: %s", instance, strerror(errno));
	return k;
}

const char *
keep_where(const struct keep *k)
{
	return k->where;
}

bool
keep_managed(const struct keep *k)
{
	return k->notify != NULL;
}

/* The way to a pin: through the open directory, whatever its parents allow. */
static const char *
pin_path(const struct keep *k, const char *name, char path[128])
{
	snprintf(path, 128, "/proc/self/fd/%d/%s", k->dir, name);
	return path;
}

int
keep_get(struct keep *k, const char *name)
{
	char path[128];
	int fd;

	if (k->notify != NULL) {
		fd = notify_stored(k->notify, name);
		return fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	}
	if (k->dir == -1) {
		errno = ENOENT;
		return -1;
	}
	return bpf_obj_get(pin_path(k, name, path));
}

int
keep_put(struct keep *k, const char *name, int fd)
{
	char path[128];

	if (k->nnames < KEEP_NAMES)
		snprintf(k->names[k->nnames++], 48, "%s", name);
	if (k->notify != NULL)
		return notify_store(k->notify, name, fd);
	if (k->dir == -1)
		return 0;
	return bpf_obj_pin(fd, pin_path(k, name, path));
}

void
keep_drop(struct keep *k, const char *name)
{
	if (k->notify != NULL)
		notify_unstore(k->notify, name);
	else if (k->dir != -1)
		unlinkat(k->dir, name, 0);
}

void
keep_each(struct keep *k, void (*fn)(void *, const char *), void *arg)
{
	struct dirent *e;
	DIR *d;
	int fd;

	if (k->notify != NULL)
		notify_each(k->notify, fn, arg);
	if (k->dir == -1 || (fd = openat(k->dir, ".", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) == -1)
		return;
	if ((d = fdopendir(fd)) == NULL) {
		close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			fn(arg, e->d_name);
	closedir(d);
}

int
keep_give(struct keep *k, uid_t uid, gid_t gid)
{
	return k->dir == -1 ? 0 : fchown(k->dir, uid, gid);
}

static void
drop_one(void *k, const char *name)
{
	keep_drop(k, name);
}

void
keep_undo(struct keep *k)
{
	for (size_t i = 0; i < k->nnames; i++)
		keep_drop(k, k->names[i]);
	k->nnames = 0;
	if (k->dir != -1)
		rmdir(k->where);	/* if empty; and as root only */
}

void
keep_release(struct keep *k)
{
	keep_each(k, drop_one, k);
	keep_undo(k);
}

void
keep_close(struct keep *k)
{
	if (k == NULL)
		return;
	if (k->dir != -1)
		close(k->dir);
	free(k);
}
