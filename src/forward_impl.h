/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of `pidtree forward` share; others include forward.h. */
#ifndef PIDTREED_FORWARD_IMPL_H
#define PIDTREED_FORWARD_IMPL_H

#include <limits.h>
#include <stdbool.h>

#include "forwarder.h"

#define FORWARD_TEXT	(64 << 10)	/* bytes of a file, at most */

struct forward {
	struct forwarder to;
	const char *verb, *target, *format, *password_file;
	const char *etc;	/* rsyslog-forward.d, rsyslog-actions.d */
	const char *conf;	/* rsyslog's main configuration */
	const char *socket;	/* that the collector's messages come by */
	const char *log;	/* the local file */
	bool dry_run, restart;
	char *kept[8];		/* strings made on the way: a path of each
				   option, the password, ourselves */
	size_t nkept;
};

/* Each says on standard error what is wrong and returns an exit status. */
int forward_set(struct forward *);
int forward_off(struct forward *);
int forward_status(struct forward *);
int forward_test(struct forward *);

/* What cannot be written, or would not work, is said; false then. */
bool forward_complete(struct forward *);
bool forward_certificates(struct forward *);
/* Frees it at the end.  The same string, NULL if that is NULL. */
char *forward_keep(struct forward *, char *);
/* A path as rsyslogd's configuration can have it, made absolute; NULL: none
   was given. */
bool forward_option_path(struct forward *, const char *option, const char **);

/* Files of a forwarder; `dir` is rsyslog-forward.d or rsyslog-actions.d. */
#define FORWARD_OBJECTS	"rsyslog-forward.d"
#define FORWARD_ACTIONS	"rsyslog-actions.d"
#define FORWARD_MODULES	"00-modules"
#define FORWARD_AUDIT	"01-audit"
void forward_path(char path[PATH_MAX], const struct forward *,
    const char *dir, const char *name);
/* Names of the forwarders that are there, sorted, malloc'd each and all, a
   NULL at the end.  NULL with errno; no directory: none. */
char **forward_names(const struct forward *);
void forward_free_names(char **);

/* The file FORWARD_AUDIT, with this forwarder if it is to be present; nothing:
   no forwarder wants auditd's records.  -1 with errno. */
int forward_audit(struct buf *, const struct forward *, bool present);

/* As `systemctl restart rsyslog`; false, and said: it did not work. */
bool forward_restart(const struct forward *);

#endif
