/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator's words that change who and where a process is: ids,
 * names, namespaces.  Arguments are %HH-escaped.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define PROC_FD 101

/* One write to a file, relative to /proc unless it begins with a slash. */
static void
put(const char *path, const char *text)
{
	int fd = openat(PROC_FD, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	close(fd);
}

/* uid=N: all three ids, no supplementary groups. */
static void
do_uid(struct load *l, char *arg)
{
	uid_t uid = atoi(arg);

	(void)l;
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		fail("uid");
}

/* euid=N: the effective id alone. */
static void
do_euid(struct load *l, char *arg)
{
	(void)l;
	if (setresuid(-1, atoi(arg), -1) < 0)
		fail("euid");
}

/* gid=N: all three group ids. */
static void
do_gid(struct load *l, char *arg)
{
	gid_t gid = atoi(arg);

	(void)l;
	if (setresgid(gid, gid, gid) < 0)
		fail("gid");
}

/* egid=N: the effective id alone. */
static void
do_egid(struct load *l, char *arg)
{
	(void)l;
	if (setresgid(-1, atoi(arg), -1) < 0)
		fail("egid");
}

static void
do_loginuid(struct load *l, char *arg)
{
	(void)l;
	put("self/loginuid", arg);
}

static void
do_comm(struct load *l, char *arg)
{
	(void)l;
	load_unescape(arg);
	if (prctl(PR_SET_NAME, arg) < 0)
		fail("comm");
}

/* The title, over the arguments and the environment. */
static void
do_title(struct load *l, char *arg)
{
	char *start = program_invocation_name, *end = start, **e;

	(void)l;
	for (e = environ; *e; e++)
		end = *e + strlen(*e) + 1;
	load_unescape(arg);
	if (end < start + strlen(arg) + 1)
		fail("title");
	memset(start, 0, end - start);
	strcpy(start, arg);
	environ = NULL;
}

static void
do_cgroup(struct load *l, char *arg)
{
	char path[512];

	(void)l;
	load_unescape(arg);
	snprintf(path, sizeof(path), "%s/cgroup.procs", arg);
	put(path, "0");
}

static void
do_chdir(struct load *l, char *arg)
{
	(void)l;
	load_unescape(arg);
	if (chdir(arg) < 0)
		fail(arg);
}

static void
do_chroot(struct load *l, char *arg)
{
	load_unescape(arg);
	if (chroot(arg) < 0 || chdir("/") < 0)
		fail(arg);
	snprintf(l->know.root, sizeof(l->know.root), "%s", arg);
}

static void
copy_self(const char *to)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	char buf[65536];
	ssize_t n;

	if (in < 0 || out < 0)
		fail(to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			fail(to);
	if (n < 0 || fchmod(out, 0755) < 0)
		fail(to);
	close(in);
	close(out);
}

/* copy=PATH: this executable under another name. */
static void
do_copy(struct load *l, char *arg)
{
	(void)l;
	load_unescape(arg);
	copy_self(arg);
}

/* In a chroot, / is no mount. */
static void
private_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
	    errno != EINVAL))
		fail("unshare mounts");
}

/* mounts=DIR: a mount namespace with a tmpfs of its own on DIR. */
static void
do_mounts(struct load *l, char *arg)
{
	(void)l;
	private_mounts();
	if (mount("tmpfs", arg, "tmpfs", 0, "size=8m,mode=0755") < 0)
		fail(arg);
}

/* pivot=DIR: as mounts, and it becomes the root, with a copy as /load. */
static void
do_pivot(struct load *l, char *arg)
{
	char path[512];

	do_mounts(l, arg);
	snprintf(path, sizeof(path), "%s/load", arg);
	copy_self(path);
	if (chdir(arg) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		fail("pivot_root");
}

/* pidns: the next child is process 1 of a new pid namespace. */
static void
do_pidns(struct load *l, char *arg)
{
	(void)l, (void)arg;
	if (unshare(CLONE_NEWPID) < 0)
		fail("pidns");
}

/* userns: we are root in a new user namespace; outside stays what it was. */
static void
do_userns(struct load *l, char *arg)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	(void)arg;
	if (unshare(CLONE_NEWUSER) < 0)
		fail("userns");
	l->know.kuid = uid;
	l->know.kgid = gid;
	prctl(PR_SET_DUMPABLE, 1);	/* else /proc/self belongs to root */
	snprintf(map, sizeof(map), "0 %u 1", uid);
	put("self/uid_map", map);
	put("self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	put("self/gid_map", map);
}

/* netns=PATH: into a network namespace that exists. */
static void
do_netns(struct load *l, char *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	(void)l;
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		fail(arg);
	close(fd);
}

static void
interface(int fd, const char *name, struct in_addr addr)
{
	struct ifreq r = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&r.ifr_addr;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	sin->sin_family = AF_INET;
	sin->sin_addr = addr;
	if (addr.s_addr && ioctl(fd, SIOCSIFADDR, &r) < 0)
		fail("SIOCSIFADDR");
	if (ioctl(fd, SIOCGIFFLAGS, &r) < 0)
		fail("SIOCGIFFLAGS");
	r.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		fail("SIOCSIFFLAGS");
}

/* newnet=ADDR,PORT: a namespace with ADDR on lo and a listener there. */
static void
do_newnet(struct load *l, char *arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct in_addr none = { 0 };
	char *port = strchr(arg, ',');
	int fd;

	(void)l;
	if (!port || unshare(CLONE_NEWNET) < 0)
		fail("newnet");
	*port++ = '\0';
	if (inet_pton(AF_INET, arg, &sin.sin_addr) != 1)
		fail(arg);
	sin.sin_port = htons(atoi(port));
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
		fail("socket");
	interface(fd, "lo", none);
	interface(fd, "lo:1", sin.sin_addr);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
	    listen(fd, 128) < 0)
		fail("listen");
}

/* sysctl=PATH,VALUE: below /proc/sys, of our network namespace. */
static void
do_sysctl(struct load *l, char *arg)
{
	char path[256], *value = strchr(arg, ',');

	(void)l;
	if (!value)
		fail("sysctl");
	*value++ = '\0';
	snprintf(path, sizeof(path), "sys/%s", arg);
	put(path, value);
}

/* await=PATH: until the file exists. */
static void
do_await(struct load *l, char *arg)
{
	(void)l;
	for (int i = 0; access(arg, F_OK) < 0; i++) {
		if (i == 6000)
			fail(arg);
		usleep(20000);
	}
}

/* mark=PATH: says that we came this far. */
static void
do_mark(struct load *l, char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	know_proc(&l->know);
	if (fd < 0)
		fail(arg);
	close(fd);
}

static void
do_sleep(struct load *l, char *arg)
{
	(void)l;
	usleep(atoi(arg) * 1000);
}

const struct word place_words[] = {
	{ "uid",	do_uid },
	{ "euid",	do_euid },
	{ "gid",	do_gid },
	{ "egid",	do_egid },
	{ "loginuid",	do_loginuid },
	{ "comm",	do_comm },
	{ "title",	do_title },
	{ "cgroup",	do_cgroup },
	{ "chdir",	do_chdir },
	{ "chroot",	do_chroot },
	{ "copy",	do_copy },
	{ "mounts",	do_mounts },
	{ "pivot",	do_pivot },
	{ "pidns",	do_pidns },
	{ "userns",	do_userns },
	{ "netns",	do_netns },
	{ "newnet",	do_newnet },
	{ "sysctl",	do_sysctl },
	{ "await",	do_await },
	{ "mark",	do_mark },
	{ "sleep",	do_sleep },
	{ NULL,		NULL }
};
