/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of the container runtimes, read; see boxread.h. */
#include "config.h"

#include "boxread.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN_MAX		(1 << 20)	/* bytes of a container's file */
#define LIST_MAX	(4 << 20)	/* bytes of a list of all */
#define ENTRIES_MAX	65536		/* names of a directory */
#define HEX_ID		64

#define TASKS	"containerd/io.containerd.runtime.v2.task/"
#define STORAGE	"containers/storage/overlay-containers"

struct place {
	const char *asked;	/* the runtime that the cgroup names */
	const char *runtime;	/* whose file it is */
	enum box_file kind;
	const char *directory;	/* below root */
	const char *file;	/* ID/FILE in it; of a list, FILE */
};

/* "kubernetes", "": the cgroup does not tell; the first that is there. */
static const struct place places[] = {
	{ "docker", "docker", BOX_DOCKER, "var/lib/docker/containers",
	    "config.v2.json" },
	{ "containerd", "containerd", BOX_OCI, "run/" TASKS "k8s.io",
	    "config.json" },
	{ "containerd", "containerd", BOX_OCI, "run/k3s/" TASKS "k8s.io",
	    "config.json" },
	{ "containerd", "containerd", BOX_OCI, "run/" TASKS "default",
	    "config.json" },
	{ "cri-o", "cri-o", BOX_OCI, "run/" STORAGE, "userdata/config.json" },
	{ "cri-o", "cri-o", BOX_OCI, "var/lib/" STORAGE,
	    "userdata/config.json" },
	{ "podman", "podman", BOX_STORAGE, "var/lib/" STORAGE,
	    "containers.json" },
	{ "podman", "podman", BOX_STORAGE, "var/lib/" STORAGE,
	    "volatile-containers.json" },
	{ "podman", "podman", BOX_STORAGE, "run/" STORAGE,
	    "volatile-containers.json" },
	{ "kubernetes", "containerd", BOX_OCI, "run/" TASKS "k8s.io",
	    "config.json" },
	{ "kubernetes", "containerd", BOX_OCI, "run/k3s/" TASKS "k8s.io",
	    "config.json" },
	{ "kubernetes", "docker", BOX_DOCKER, "var/lib/docker/containers",
	    "config.v2.json" },
	{ "", "docker", BOX_DOCKER, "var/lib/docker/containers",
	    "config.v2.json" },
	{ "", "containerd", BOX_OCI, "run/" TASKS "default", "config.json" },
};

/* No component is a symbolic link; path is relative and has no "..". */
static int
walk(int dir, const char *path, int flags)
{
	char part[CONTAINER_ID + 64];
	int at = dir, next;
	size_t n;

	do {
		n = strcspn(path, "/");
		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		path += n;
		next = openat(at, part, *path != '\0' ? O_PATH | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC : flags | O_NOFOLLOW);
		if (at != dir)
			close(at);
		at = next;
	} while (at != -1 && *path++ != '\0');
	return at;
}

/*
 * RestrictSUIDSGID=, in the service's unit, takes openat2(2) away (ENOSYS): a
 * filter of system calls cannot see the mode in its argument.  Without it a
 * link is followed in the real root alone, and not even there in what is the
 * container's own.
 */
static int
open_at(int dir, const char *path, uint64_t flags, uint64_t resolve, bool real)
{
	struct open_how how = {
		.flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd != -1 || errno != ENOSYS)
		return fd;
	return real ? openat(dir, path, how.flags) :
	    walk(dir, path, how.flags);
}

/* The administrator may have put a link in a runtime's place. */
static int
open_directory(const char *root, const char *path)
{
	int at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (at == -1)
		return -1;
	fd = open_at(at, path, O_DIRECTORY, RESOLVE_IN_ROOT,
	    strcmp(root, "/") == 0);
	close(at);
	return fd;
}

static int
read_all(int fd, size_t max, struct box_text *t)
{
	ssize_t got;

	t->n = 0;
	t->text = malloc(max + 1);
	if (t->text == NULL)
		return -1;
	do {
		got = read(fd, t->text + t->n, max + 1 - t->n);
		if (got == -1 && errno != EINTR)
			return -1;
		t->n += got > 0 ? got : 0;
	} while (got != 0 && t->n <= max);
	return t->n > max ? -1 : 0;
}

static int
read_file(int dir, const char *path, struct box_text *t)
{
	const off_t max = t->kind == BOX_STORAGE ? LIST_MAX : OWN_MAX;
	int fd = open_at(dir, path, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	    false);
	struct stat st;
	int rc = -1;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= max)
		rc = read_all(fd, max, t);
	close(fd);
	if (rc == -1) {
		free(t->text);
		t->text = NULL;
	}
	return rc;
}

static int
read_place(const char *root, const struct place *p, const char *id,
    struct box_text *t)
{
	int dir = open_directory(root, p->directory), rc;
	char path[CONTAINER_ID + 64];

	if (dir == -1)
		return -1;
	*t = (struct box_text){ .kind = p->kind, .runtime = p->runtime };
	snprintf(path, sizeof(path), "%s%s%s",
	    p->kind == BOX_STORAGE ? "" : id,
	    p->kind == BOX_STORAGE ? "" : "/", p->file);
	rc = read_file(dir, path, t);
	close(dir);
	return rc;
}

static void
copy(char *to, size_t size, const char *s, size_t n)
{
	if (n >= size)
		return;
	memcpy(to, s, n);
	to[n] = '\0';
}

/* /var/log/pods/NAMESPACE_POD_UID: neither name has an underscore. */
static bool
take_pod(struct boxread *r, const struct box_request *q, const char *name)
{
	const char *pod = strchr(name, '_'), *uid;

	if (q->pod[0] == '\0' || pod == NULL ||
	    (uid = strchr(pod + 1, '_')) == NULL ||
	    strcmp(uid + 1, q->pod) != 0)
		return false;
	copy(r->space, sizeof(r->space), name, pod - name);
	copy(r->pod, sizeof(r->pod), pod + 1, uid - pod - 1);
	return true;
}

/* /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log */
static bool
take_log(struct boxread *r, const struct box_request *q, const char *name)
{
	const char *space = strchr(name, '_'), *box, *id;
	size_t n = strlen(name);

	if (space == NULL || (box = strchr(space + 1, '_')) == NULL ||
	    n < HEX_ID + 5)
		return false;
	id = name + n - HEX_ID - 4;
	if (id - 1 <= box || id[-1] != '-' || strcmp(id + HEX_ID, ".log") != 0
	    || memcmp(id, q->container, HEX_ID) != 0)
		return false;
	copy(r->name, sizeof(r->name), box + 1, id - 1 - (box + 1));
	copy(r->pod, sizeof(r->pod), name, space - name);
	copy(r->space, sizeof(r->space), space + 1, box - space - 1);
	return true;
}

static void
scan(const char *root, const char *path, bool (*take)(struct boxread *,
    const struct box_request *, const char *), struct boxread *r,
    const struct box_request *q)
{
	int fd = open_directory(root, path);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	for (int n = 0; n < ENTRIES_MAX && (e = readdir(dir)) != NULL; n++)
		if (take(r, q, e->d_name))
			break;
	closedir(dir);
}

/* An id comes from the kernel, and is a component of a path here. */
static bool
is_id(const char *s)
{
	return strlen(s) == HEX_ID && s[strspn(s, "0123456789abcdef")] == '\0';
}

void
boxread(const char *root, const struct box_request *q, struct boxread *r)
{
	memset(r, 0, sizeof(*r));
	if (!is_id(q->container))
		return;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (r->n == BOXREAD_FILES ||
		    (r->n > 0 && places[i].kind != BOX_STORAGE))
			break;
		if (strcmp(places[i].asked, q->runtime) == 0 &&
		    read_place(root, &places[i], q->container,
		    &r->file[r->n]) == 0)
			r->n++;
	}
	if (q->pod[0] == '\0')
		return;
	scan(root, "var/log/containers", take_log, r, q);
	if (r->pod[0] == '\0')
		scan(root, "var/log/pods", take_pod, r, q);
}

void
boxread_free(struct boxread *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->file[i].text);
	r->n = 0;
}
