/* SPDX-License-Identifier: BSD-2-Clause */
/* rsyslogd's modules and what it thinks of a configuration; see rsyslogd.h. */
#include "config.h"

#include "rsyslogd.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct rsyslogd_module rsyslogd_modules[] = {
	{ "omrelp", "rsyslog-relp", false },
	{ "omelasticsearch", "rsyslog-elasticsearch", false },
	{ "omkafka", "rsyslog-kafka", false },
	{ "mmexternal", "rsyslog", false },
	{ "imfile", "rsyslog", false },
	{ "lmnsd_gtls", "rsyslog-gnutls", true },
	{ "lmnsd_ossl", "rsyslog-openssl", true },
};
const size_t nrsyslogd_modules =
    sizeof(rsyslogd_modules) / sizeof(rsyslogd_modules[0]);

/* Debian: /usr/lib/TRIPLET/rsyslog, elsewhere /usr/lib64/rsyslog. */
bool
rsyslogd_has(const char *module)
{
	static const char *const dirs[] = { "/usr/lib/*/rsyslog",
	    "/usr/lib64/rsyslog", "/usr/lib/rsyslog" };
	const char *own = getenv("RSYSLOG_MODDIR");
	char path[PATH_MAX];
	glob_t found;
	size_t i;
	bool has;

	if (own != NULL) {
		snprintf(path, sizeof(path), "%s/%s.so", own, module);
		return access(path, R_OK) == 0;
	}
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s.so", dirs[i], module);
		has = glob(path, 0, NULL, &found) == 0;
		if (has)
			globfree(&found);
		if (has)
			return true;
	}
	return false;
}

static bool
is_program(const char *dir, size_t n, char path[PATH_MAX])
{
	return n > 0 && snprintf(path, PATH_MAX, "%.*s/rsyslogd", (int)n,
	    dir) < PATH_MAX && access(path, X_OK) == 0;
}

const char *
rsyslogd_program(void)
{
	static const char sbin[] = "/usr/sbin:/sbin";
	static char path[PATH_MAX];
	const char *dirs[] = { getenv("PATH"), sbin }, *p;
	size_t i, n;

	for (i = 0; i < 2; i++)
		for (p = dirs[i]; p != NULL && *p != '\0'; p += n) {
			n = strcspn(p, ":");
			if (is_program(p, n, path))
				return path;
			n += p[n] == ':';
		}
	return NULL;
}

/* Both outputs of the program, as much as fits; its exit status or -1. */
static int
run(const char *const argv[], char *out, size_t size)
{
	int fd[2], status;
	size_t used = 0;
	char rest[512];
	ssize_t n;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	if ((pid = fork()) == 0) {
		/* It speaks of a missing terminal otherwise. */
		close(STDIN_FILENO);
		open("/dev/null", O_RDONLY);
		dup2(fd[1], STDOUT_FILENO);
		dup2(fd[1], STDERR_FILENO);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fd[1]);
	while (pid > 0 && (n = used + 1 < size ?
	    read(fd[0], out + used, size - 1 - used) :
	    read(fd[0], rest, sizeof(rest))) != 0)
		if (n > 0 && used + 1 < size)
			used += n;
		else if (n < 0 && errno != EINTR)
			break;
	out[used] = '\0';
	close(fd[0]);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int
rsyslogd_check(const char *conf, const char *full, char *out, size_t size)
{
	const char *argv[] = { rsyslogd_program(), "-N1", "-f", conf,
	    full != NULL ? "-o" : NULL, full, NULL };
	int rc;

	errno = ENOENT;
	if (argv[0] == NULL)
		return -1;
	rc = run(argv, out, size);
	/* It says so for a module that is there twice and exits with 0. */
	return rc > 0 || (rc == 0 && rsyslogd_twice(out) != NULL) ? 1 : rc;
}

bool
rsyslogd_included(const char *full, const char *path)
{
	FILE *f = fopen(full, "re");
	char line[PATH_MAX + 64], want[PATH_MAX + 64];
	bool found = false;

	if (f == NULL)
		return false;
	snprintf(want, sizeof(want), "##### BEGIN CONFIG: %s (", path);
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strncmp(line, want, strlen(want)) == 0;
	fclose(f);
	return found;
}

const struct rsyslogd_module *
rsyslogd_twice(const char *out)
{
	char said[64];
	size_t i;

	for (i = 0; i < nrsyslogd_modules; i++) {
		snprintf(said, sizeof(said), "module '%s' already in this",
		    rsyslogd_modules[i].name);
		if (strstr(out, said) != NULL)
			return &rsyslogd_modules[i];
	}
	return NULL;
}

const char *
rsyslogd_complaint(char *out)
{
	static const char prefix[] = "rsyslogd: ";
	char *line, *next, *end;

	for (line = out; *line != '\0'; line = next) {
		end = line + strcspn(line, "\n");
		next = *end == '\0' ? end : end + 1;
		if (strncmp(line, prefix, strlen(prefix)) == 0)
			line += strlen(prefix);
		if (strncmp(line, "version ", 8) == 0 ||
		    strncmp(line, "End of config", 13) == 0 || line == end)
			continue;
		*end = '\0';
		if ((end = strstr(line, " [v8.")) != NULL)
			*end = '\0';
		return line;
	}
	return "it does not say why";
}
