/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was asked for, made whole and looked at: names, paths, certificates,
 * modules.  What rsyslogd would only find out when it is too late is found out
 * here.
 */
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
#include "number.h"
#include "rsyslogd.h"

/* rsyslogd's directory is another one: paths are absolute.  What has to be
   quoted for anyone on the way to the file is refused. */
static bool
path(const char *option, const char **p)
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
	*p = whole;	/* until the end: there are a few */
	return path(option, p);
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

static bool
certificates(struct forward *f)
{
	struct forwarder *to = &f->to;

	if (!path("--ca", &to->ca) || !path("--cert", &to->cert) ||
	    !path("--key", &to->key))
		return false;
	if (to->ca == NULL) {
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

/* Which name the receiver has to prove. */
static bool
peer(struct forwarder *to)
{
	const char *p = to->peer;

	if (p == NULL && forwarder_is_address(to->to[0].host)) {
		log_error("%s: is an address: --peer has to say the name in "
		    "the receiver's certificate", to->to[0].host);
		return false;
	}
	if (p == NULL)
		to->peer = to->to[0].host;
	else if (*p == '\0' || strlen(p) > FORWARDER_HOST ||
	    p[strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-*")] != '\0') {
		log_error("--peer: \"%s\": expected a name as in a "
		    "certificate", p);
		return false;
	}
	return true;
}

static bool
size(const char *option, const char *s)
{
	size_t n = strlen(s);
	uint64_t v;

	if (n > 1 && strchr("kmg", s[n - 1]) != NULL &&
	    number_parse(s, n - 1, 100000, &v) == 0 && v > 0)
		return true;
	log_error("%s: \"%s\": expected a size such as 500m or 2g", option, s);
	return false;
}

static bool
has_module(const char *module)
{
	size_t i;

	if (rsyslogd_has(module))
		return true;
	for (i = 0; i < nrsyslogd_modules; i++)
		if (strcmp(rsyslogd_modules[i].name, module) == 0)
			log_error("rsyslog's module %s is missing; on Debian: "
			    "apt install %s", module,
			    rsyslogd_modules[i].package);
	return false;
}

static bool
modules(struct forwarder *to)
{
	if (rsyslogd_program() == NULL) {
		log_error("rsyslogd is missing; on Debian: apt install "
		    "rsyslog");
		return false;
	}
	if (to->audit != NULL && !has_module("imfile"))
		return false;
	if (to->kind->module != NULL)
		return has_module(to->kind->module);
	to->driver = rsyslogd_has("lmnsd_ossl") ? "ossl" : "gtls";
	return rsyslogd_has("lmnsd_ossl") || has_module("lmnsd_gtls");
}

bool
forward_complete(struct forward *f)
{
	struct forwarder *to = &f->to;
	const char *why;

	if (to->name == NULL)
		to->name = to->kind->name;
	if (!forwarder_name_ok(to->name)) {
		log_error("--name: \"%s\": expected a letter and then at most "
		    "%d letters, digits and -", to->name, FORWARDER_NAME - 1);
		return false;
	}
	if (forwarder_target(to, f->target, &why) < 0) {
		log_error("%s: \"%s\": %s", f->verb, f->target, why);
		return false;
	}
	to->tls = true;
	return size("--disk", to->disk) && path("--audit", &to->audit) &&
	    path("--spool", &to->spool) && peer(to) && modules(to) &&
	    certificates(f);
}
