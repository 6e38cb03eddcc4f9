/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree forward status: what is forwarded, whether it is in force, what
   waits on disk, whether there is a connection. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "change.h"
#include "forward_impl.h"
#include "log.h"
#include "option.h"
#include "rsyslogd.h"
#include "tcpconn.h"
#include "text.h"

/* What status prints begins with it. */
static void
label(const char *what)
{
	printf("  %-10s ", what);
}

/* When the process was started, in seconds since 1970; 0: not known. */
static time_t
started(pid_t pid)
{
	char path[64], line[1024], *p;
	unsigned long long ticks = 0;
	struct timespec boot, now;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL &&
	    (p = strrchr(line, ')')) != NULL)
		sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
		    "%*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks);
	fclose(f);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &now);
	return ticks == 0 ? 0 : now.tv_sec - boot.tv_sec +
	    (time_t)(ticks / sysconf(_SC_CLK_TCK));
}

/* Did rsyslogd start after both files had been written? */
static bool
in_force(const struct forward *f, const char *name, pid_t pid)
{
	static const char *const dirs[] = { FORWARD_OBJECTS, FORWARD_ACTIONS };
	char path[PATH_MAX];
	struct stat st;
	size_t i;

	label("in force");
	for (i = 0; i < 2; i++) {
		forward_path(path, f, dirs[i], name);
		if (stat(path, &st) < 0) {
			printf("no: %s: %s\n", path, strerror(errno));
			return false;
		}
		/* Whole seconds, and the two clocks may be one apart. */
		if (pid > 0 && st.st_mtime > started(pid) + 1) {
			printf("no: systemctl restart rsyslog\n");
			return false;
		}
	}
	if (pid < 0)
		printf("no: no rsyslogd reads %s\n", f->socket);
	else
		printf("yes, by rsyslogd %d\n", pid);
	return pid > 0;
}

static void
put_address(const struct in6_addr *a, unsigned port)
{
	char text[TEXT_ADDR];
	int n = text_put_addr(text, a);

	printf(memchr(text, ':', n) != NULL ? "[%.*s]:%u" : "%.*s:%u", n, text,
	    port);
}

static bool
connection(const struct forwarder *to, pid_t pid)
{
	struct tcpconn c;
	size_t i;
	int rc = 0;

	label("connection");
	for (i = 0; pid > 0 && rc == 0 && i < to->nto; i++)
		rc = tcpconn_find(pid, to->to[i].host, to->to[i].port, &c);
	if (rc < 0)
		printf("not known: %s\n", strerror(errno));
	else if (rc == 0)
		printf("none; the reason: journalctl -t rsyslogd\n");
	else {
		put_address(&c.local, c.lport);
		printf(" to ");
		put_address(&c.remote, c.rport);
		if (c.unacknowledged > 0)
			printf(", %llu bytes not acknowledged",
			    (unsigned long long)c.unacknowledged);
		putchar('\n');
	}
	return rc == 1;
}

/* Files of its queues, but for the .qi that says where reading goes on. */
static void
queue(const struct forward *f, const char *name)
{
	char pattern[PATH_MAX];
	unsigned long long bytes = 0;
	struct stat st;
	glob_t found;
	size_t i, n = 0;
	const char *path;

	label("queue");
	snprintf(pattern, sizeof(pattern), "%s/pidtreed_%s[._]*", f->to.spool,
	    name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc; i++) {
			path = found.gl_pathv[i];
			if (stat(path, &st) < 0 || st.st_size == 0 ||
			    strcmp(path + strlen(path) - 3, ".qi") == 0)
				continue;
			bytes += st.st_size;
			n++;
		}
		globfree(&found);
	}
	if (n == 0)
		printf("nothing on disk (up to 6000 messages are kept in "
		    "memory)\n");
	else
		printf("%llu bytes in %zu file%s below %s\n", bytes, n,
		    n == 1 ? "" : "s", f->to.spool);
}

/* true: in force and connected. */
static bool
one(const struct forward *f, const char *name, pid_t pid)
{
	struct forwarder to = { .name = name };
	char path[PATH_MAX], mem[FORWARDER_MEM], where[FORWARDER_HOST + 16];
	struct buf b;
	char *text;
	bool up;
	size_t n;

	forward_path(path, f, FORWARD_OBJECTS, name);
	if ((text = change_read(path, &n)) == NULL) {
		printf("%s: %s: %s\n", name, path, strerror(errno));
		return false;
	}
	if (forwarder_read(&to, text, mem) < 0) {
		printf("%s: %s was written by hand\n", name, path);
		free(text);
		return in_force(f, name, pid);
	}
	buf_init(&b, where, sizeof(where));
	forwarder_endpoint(&b, &to.to[0]);
	printf("%s: %s to %s%s%s\n", name, to.kind->what, buf_cstr(&b),
	    to.audit != NULL ? ", and " : "",
	    to.audit != NULL ? to.audit : "");
	up = in_force(f, name, pid);
	up = connection(&to, pid) && up;
	queue(f, name);
	free(text);
	return up;
}

int
forward_status(struct forward *f)
{
	char **names = forward_names(f), **n;
	pid_t pid = rsyslogd_reader(f->socket);
	bool up = true, any = false;

	if (names == NULL) {
		log_error("%s/%s: %s", f->etc, FORWARD_OBJECTS,
		    strerror(errno));
		return EXIT_TROUBLE;
	}
	for (n = names; *n != NULL; n++)
		if (f->target == NULL || strcmp(f->target, *n) == 0) {
			any = true;
			up = one(f, *n, pid) && up;
		}
	if (!any && f->target != NULL)
		log_error("%s: no such forwarder", f->target);
	else if (!any)
		printf("nothing is forwarded\n");
	forward_free_names(names);
	if (fflush(stdout) != 0 || (!any && f->target != NULL))
		return EXIT_TROUBLE;
	return any && up ? EXIT_FOUND : EXIT_NONE;
}
