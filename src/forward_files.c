/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that forwarders are, and the restart that puts them in force. */
#include "config.h"

#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forward_impl.h"
#include "log.h"

void
forward_path(char path[PATH_MAX], const struct forward *f, const char *dir,
    const char *name)
{
	/* A path that is cut would be another file's: none then. */
	if (snprintf(path, PATH_MAX, "%s/%s/%s.conf", f->etc, dir, name) >=
	    PATH_MAX)
		path[0] = '\0';
}

static int
is_forwarder(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	char name[FORWARDER_NAME + 1];

	if (n <= 5 || n - 5 > FORWARDER_NAME ||
	    strcmp(d->d_name + n - 5, ".conf") != 0)
		return 0;
	memcpy(name, d->d_name, n - 5);
	name[n - 5] = '\0';
	return forwarder_name_ok(name);
}

char **
forward_names(const struct forward *f)
{
	char dir[PATH_MAX];
	struct dirent **d = NULL;
	char **names;
	int i, n;

	snprintf(dir, sizeof(dir), "%s/%s", f->etc, FORWARD_OBJECTS);
	n = scandir(dir, &d, is_forwarder, alphasort);
	if (n < 0 && errno != ENOENT)
		return NULL;
	names = calloc(n < 0 ? 1 : n + 1, sizeof(*names));
	for (i = 0; i < n; i++) {
		if (names != NULL)
			names[i] = strndup(d[i]->d_name,
			    strlen(d[i]->d_name) - strlen(".conf"));
		free(d[i]);
	}
	free(d);
	return names;
}

void
forward_free_names(char **names)
{
	char **n;

	for (n = names; n != NULL && *n != NULL; n++)
		free(*n);
	free(names);
}

bool
forward_restart(const struct forward *f)
{
	int status;
	pid_t pid;

	if (!f->restart) {
		log_info("in force after: systemctl restart rsyslog "
		    "(--restart does it)");
		return true;
	}
	if ((pid = fork()) == 0) {
		execlp("systemctl", "systemctl", "restart", "rsyslog.service",
		    (char *)NULL);
		log_error("systemctl: %s", strerror(errno));
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			pid = -1;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		log_info("rsyslog was restarted");
		return true;
	}
	log_error("systemctl restart rsyslog.service failed");
	return false;
}
