/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was asked for, made whole and looked at: names, paths, certificates,
 * modules.  What rsyslogd would only find out when it is too late is found out
 * here.
 */
#include "config.h"

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

/* Which name the receiver has to prove. */
static bool
peer(struct forwarder *to)
{
	const char *p = to->peer;

	if (!to->kind->names) {
		if (p != NULL)
			log_error("--peer: %s's certificate has to have the "
			    "name of the host", to->kind->name);
		return p == NULL;
	}
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
	if ((to->audit != NULL && !has_module("imfile")) ||
	    (to->format != FORMAT_RFC5424 && !has_module("mmexternal")))
		return false;
	if (to->kind->module != NULL)
		return has_module(to->kind->module);
	to->driver = rsyslogd_has("lmnsd_ossl") ? "ossl" : "gtls";
	return rsyslogd_has("lmnsd_ossl") || has_module("lmnsd_gtls");
}

static bool
format(struct forward *f)
{
	struct forwarder *to = &f->to;
	size_t i;

	to->format = to->kind->format;
	if (f->format == NULL)
		return true;
	for (i = 0; i < NFORMATS; i++)
		if (strcmp(f->format, format_names[i]) == 0 &&
		    (to->kind->formats >> i & 1) != 0) {
			to->format = i;
			return true;
		}
	log_error("--format: \"%s\": %s has", f->format, to->kind->name);
	for (i = 0; i < NFORMATS; i++)
		if (to->kind->formats >> i & 1)
			log_error("  %s", format_names[i]);
	return false;
}

/* Elasticsearch wants small letters, Kafka takes them; both have limits. */
static bool
into(struct forwarder *to)
{
	const char *s = to->into;

	if (to->kind->into == NULL && s != NULL) {
		log_error("--into: %s has nothing of that kind",
		    to->kind->name);
		return false;
	}
	if (s == NULL) {
		to->into = to->kind->into;
		return true;
	}
	if (strchr("-_.", *s) == NULL && strlen(s) <= 200 &&
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0')
		return true;
	log_error("--into: \"%s\": expected small letters, digits and - _ .",
	    s);
	return false;
}

/* The first line of the file. */
static bool
password(struct forward *f)
{
	char *text;
	size_t n;

	if ((f->to.user == NULL) != (f->password_file == NULL) ||
	    (f->to.user != NULL && f->to.kind->names)) {
		log_error(f->to.kind->names ? "--user: %s proves itself by "
		    "--cert and --key" : "--user and --password-file: %s "
		    "expected both or none", f->to.kind->name);
		return false;
	}
	if (f->to.user == NULL)
		return true;
	if ((text = change_read(f->password_file, &n)) == NULL) {
		log_error("--password-file: %s: %s", f->password_file,
		    strerror(errno));
		return false;
	}
	text[strcspn(text, "\r\n")] = '\0';
	f->to.password = forward_keep(f, text);
	if (*text != '\0' && strlen(text) < 1024 && *f->to.user != '\0' &&
	    strlen(f->to.user) < 256)
		return true;
	log_error("--user and --password-file: empty or too long");
	return false;
}

/* Who runs the program that exports. */
static bool
command(struct forward *f)
{
	char self[PATH_MAX];
	ssize_t n;

	if (f->to.format == FORMAT_RFC5424)
		return true;
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0) {
		log_error("/proc/self/exe: %s", strerror(errno));
		return false;
	}
	self[n] = '\0';
	f->to.command = forward_keep(f, strdup(self));
	if (f->to.command == NULL)
		log_error("out of memory");
	return f->to.command != NULL &&
	    forward_option_path(f, "pidtree", &f->to.command);
}

static bool
spool(struct forward *f)
{
	if (!forward_option_path(f, "--spool", &f->to.spool))
		return false;
	if (access(f->to.spool, X_OK) == 0)
		return true;
	log_error("--spool: %s: %s", f->to.spool, strerror(errno));
	return false;
}

static bool
target(struct forward *f)
{
	const char *why;

	if (forwarder_target(&f->to, f->target, &why) == 0)
		return true;
	log_error("%s: \"%s\": %s", f->verb, f->target, why);
	return false;
}

bool
forward_complete(struct forward *f)
{
	struct forwarder *to = &f->to;

	if (to->name == NULL)
		to->name = to->kind->name;
	if (!forwarder_name_ok(to->name)) {
		log_error("--name: \"%s\": expected a letter and then at most "
		    "%d letters, digits and -", to->name, FORWARDER_NAME - 1);
		return false;
	}
	if (to->plain && to->kind->names) {
		log_error("--no-tls: %s is never without", to->kind->name);
		return false;
	}
	return target(f) && format(f) && into(to) && size("--disk", to->disk) &&
	    forward_option_path(f, "--audit", &to->audit) &&
	    spool(f) && peer(to) &&
	    password(f) && command(f) && modules(to) &&
	    forward_certificates(f);
}
