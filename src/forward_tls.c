/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths and certificates as they were asked for: would they do? */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "forward_impl.h"
#include "log.h"
#include "rsyslogd.h"

/* rsyslogd's directory is another one: paths are absolute.  What has to be
   quoted for anyone on the way to the file is refused. */
bool
forward_option_path(struct forward *f, const char *option, const char **p)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=@:,";
	char *cwd, *whole;

	if (*p == NULL)
		return true;
	if (**p == '\0' || (*p)[strspn(*p, plain)] != '\0') {
		log_error("%s: \"%s\": expected a path of letters, digits and "
		    "/ . _ - + = @ : ,", option, *p);
		return false;
	}
	if (**p == '/')
		return true;
	if ((cwd = getcwd(NULL, 0)) == NULL ||
	    asprintf(&whole, "%s/%s", cwd, *p) < 0) {
		log_error("%s: %s", option, strerror(errno));
		free(cwd);
		return false;
	}
	free(cwd);
	*p = forward_keep(f, whole);
	return forward_option_path(f, option, p);
}

/* A file that TLS needs: has it the PEM block (RFC 7468), and can rsyslogd
   read it? */
static bool
pem(const struct forward *f, const char *option, const char *file,
    const char *label)
{
	char *text, want[64];
	size_t n;
	bool has;

	if (file == NULL)
		return true;
	if ((text = change_read(file, &n)) == NULL) {
		log_error("%s: %s: %s", option, file, strerror(errno));
		return false;
	}
	snprintf(want, sizeof(want), "%s-----", label);
	has = strstr(text, want) != NULL;
	if (has && strstr(text, "ENCRYPTED") != NULL) {
		log_error("%s: %s: is encrypted; rsyslog cannot ask for a pass "
		    "phrase", option, file);
		free(text);
		return false;
	}
	free(text);
	if (!has) {
		log_error("%s: %s: expected a PEM file with -----BEGIN ... %s",
		    option, file, want);
		return false;
	}
	if (rsyslogd_can_read(rsyslogd_reader(f->socket), file) < 0) {
		log_error("%s: %s: rsyslogd cannot read it: %s", option, file,
		    strerror(errno));
		return false;
	}
	return true;
}

static bool
is_private(const char *option, const char *file)
{
	struct stat st;

	if (file == NULL || stat(file, &st) < 0 || (st.st_mode & S_IROTH) == 0)
		return true;
	log_error("%s: %s: everyone can read it; chmod o-rwx", option, file);
	return false;
}

bool
forward_certificates(struct forward *f)
{
	struct forwarder *to = &f->to;

	if (!forward_option_path(f, "--ca", &to->ca) ||
	    !forward_option_path(f, "--cert", &to->cert) ||
	    !forward_option_path(f, "--key", &to->key))
		return false;
	if (to->plain && (to->ca != NULL || to->cert != NULL)) {
		log_error("--no-tls: there are no certificates then");
		return false;
	}
	if (to->ca == NULL && to->kind->names) {
		log_error("--ca: expected the file with the certificate that "
		    "the receiver's is signed with");
		return false;
	}
	if ((to->cert == NULL) != (to->key == NULL)) {
		log_error("--cert and --key: expected both or none");
		return false;
	}
	return pem(f, "--ca", to->ca, "CERTIFICATE") &&
	    pem(f, "--cert", to->cert, "CERTIFICATE") &&
	    pem(f, "--key", to->key, "PRIVATE KEY") &&
	    is_private("--key", to->key);
}
