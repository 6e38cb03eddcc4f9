/* SPDX-License-Identifier: BSD-2-Clause */
/* The rsyslogd of this host: its modules, its opinion of a configuration, and
   the one that reads our socket. */
#ifndef PIDTREED_RSYSLOGD_H
#define PIDTREED_RSYSLOGD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A module that is not built in, and the package that has it. */
struct rsyslogd_module {
	const char *name, *package;
	bool driver;		/* loaded by itself, not by module() */
};

extern const struct rsyslogd_module rsyslogd_modules[];
extern const size_t nrsyslogd_modules;

/* Is the module installed?  In the directory of RSYSLOG_MODDIR, if that is
   set, as for rsyslogd itself. */
bool rsyslogd_has(const char *module);
/* The program, from PATH and sbin; NULL: not installed. */
const char *rsyslogd_program(void);
/*
 * rsyslogd -N1 -f conf.  0: fine; 1: it is not, and out has what was said;
 * -1 with errno: it could not be run.  With full, the configuration as it was
 * read, included files in their places, is written there.
 */
int rsyslogd_check(const char *conf, const char *full, char *out, size_t size);
/* Was the file included, by that text?  false also if it cannot be read. */
bool rsyslogd_included(const char *full, const char *path);
/* The first complaint in what rsyslogd_check brought, made a line without
   prefix and trailing address, in place. */
const char *rsyslogd_complaint(char *out);
/* The module that is loaded twice, by the same, or NULL. */
const struct rsyslogd_module *rsyslogd_twice(const char *out);

/* The rsyslogd that has this socket open for reading, or -1. */
pid_t rsyslogd_reader(const char *socket);
/* Can that process, or root if pid is -1, read the file?  -1 with errno. */
int rsyslogd_can_read(pid_t pid, const char *path);

#endif
