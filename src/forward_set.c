/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a forwarder, or takes it away.  First it is checked alone, elsewhere;
 * then the files are changed and all of rsyslog's configuration is checked;
 * if rsyslogd does not like it, they are as they were.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "forward_impl.h"
#include "log.h"
#include "option.h"
#include "rsyslogd.h"

/* Files in the order in which they are written: at every moment what is
   called is there. */
enum { FILE_MODULES, FILE_OBJECTS, FILE_AUDIT, FILE_CALL, NFILES };

struct plan {
	struct change change[NFILES];
	char path[NFILES][PATH_MAX];
	char text[NFILES][FORWARD_TEXT];
	struct buf b[NFILES];
	char said[FORWARD_TEXT];	/* by rsyslogd */
	bool loaded[16];	/* by the configuration around ours */
	bool present;		/* or it is taken away */
};

static bool
uses(const char *text, const char *module)
{
	char type[64];

	snprintf(type, sizeof(type), "type=\"%s\"", module);
	return text != NULL && strstr(text, type) != NULL;
}

/* Do the forwarders that stay, and the new text, use the module?  What is
   auditd's has a file of its own. */
static bool
needed(const struct forward *f, const char *text, const char *module)
{
	char **names = forward_names(f), **n, path[PATH_MAX], *other;
	bool yes = uses(text, module);
	size_t len;

	for (n = names; !yes && n != NULL && *n != NULL; n++) {
		if (strcmp(*n, f->to.name) == 0)
			continue;
		forward_path(path, f, FORWARD_OBJECTS, *n);
		if ((other = change_read(path, &len)) != NULL)
			yes = uses(other, module);
		free(other);
	}
	forward_free_names(names);
	return yes;
}

/* One file loads for all: a module that is loaded twice is an error. */
static void
put_modules(struct plan *p, const struct forward *f)
{
	const struct rsyslogd_module *m;
	struct buf *b = &p->b[FILE_MODULES];
	size_t i, n = 0;

	buf_init(b, p->text[FILE_MODULES], FORWARD_TEXT - 1);
	buf_adds(b, "# Written by `pidtree forward`: modules that the files "
	    "here use.\n");
	for (i = 0; i < nrsyslogd_modules; i++) {
		m = &rsyslogd_modules[i];
		if (m->driver || p->loaded[i] ||
		    (!uses(p->change[FILE_AUDIT].text, m->name) &&
		    !needed(f, p->change[FILE_OBJECTS].text, m->name)))
			continue;
		buf_addf(b, "module(load=\"%s\")\n", m->name);
		n++;
	}
	p->change[FILE_MODULES].text = n > 0 ? buf_cstr(b) : NULL;
	p->change[FILE_MODULES].n = b->len;
}

static bool
plan(struct plan *p, const struct forward *f, bool present)
{
	static const char *const dirs[] = { FORWARD_OBJECTS, FORWARD_OBJECTS,
	    FORWARD_OBJECTS, FORWARD_ACTIONS };
	const char *names[] = { FORWARD_MODULES, f->to.name, FORWARD_AUDIT,
	    f->to.name };
	size_t i;

	for (i = 0; i < NFILES; i++) {
		forward_path(p->path[i], f, dirs[i], names[i]);
		p->change[i].path = p->path[i];
		p->change[i].mode = 0644;
		buf_init(&p->b[i], p->text[i], FORWARD_TEXT - 1);
	}
	p->present = present;
	if (f->to.password != NULL)
		p->change[FILE_OBJECTS].mode = 0600;
	if (present) {
		forwarder_text(&p->b[FILE_OBJECTS], &f->to);
		forwarder_call(&p->b[FILE_CALL], &f->to);
	}
	if (forward_audit(&p->b[FILE_AUDIT], f, present) < 0) {
		log_error("%s: %s", f->etc, strerror(errno));
		return false;
	}
	for (i = FILE_OBJECTS; i < NFILES; i++)
		if (p->b[i].len > 0) {
			p->change[i].text = buf_cstr(&p->b[i]);
			p->change[i].n = p->b[i].len;
		}
	put_modules(p, f);
	for (i = 0; i < NFILES; i++)
		if (p->b[i].full || p->path[i][0] == '\0') {
			log_error("%s: too long", f->to.name);
			return false;
		}
	return true;
}

/* The forwarder alone, in a configuration that has nothing else. */
static bool
check_alone(struct plan *p, const struct forward *f)
{
	char path[] = "/tmp/pidtree-forward.XXXXXX";
	int fd = mkstemp(path), rc;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return false;
	}
	fputs("global(workDirectory=\"/tmp\")\n", out);
	for (size_t i = 0; i < nrsyslogd_modules; i++)
		if (!rsyslogd_modules[i].driver &&
		    uses(p->text[FILE_OBJECTS], rsyslogd_modules[i].name))
			fprintf(out, "module(load=\"%s\")\n",
			    rsyslogd_modules[i].name);
	fprintf(out, "%s\nruleset(name=\"pidtreed\") {\n%s}\n"
	    "action(type=\"omfile\" file=\"/dev/null\")\n",
	    p->text[FILE_OBJECTS], p->text[FILE_CALL]);
	rc = fclose(out) == 0 ? rsyslogd_check(path, NULL,
	    p->said, sizeof(p->said)) : -1;
	unlink(path);
	if (rc < 0)
		log_error("rsyslogd: %s", strerror(errno));
	else if (rc > 0)
		log_error("%s: rsyslogd refuses it: %s", f->to.name,
		    rsyslogd_complaint(p->said));
	return rc == 0;
}

/* All of rsyslog's configuration; are our files part of it? */
static int
check_all(struct plan *p, const struct forward *f, bool *included)
{
	char full[] = "/tmp/pidtree-forward.XXXXXX";
	int fd = mkstemp(full), rc, e;

	if (fd < 0)
		return -1;
	close(fd);
	rc = rsyslogd_check(f->conf, full, p->said, sizeof(p->said));
	e = errno;
	*included = rsyslogd_included(full, p->path[FILE_OBJECTS]) &&
	    rsyslogd_included(full, p->path[FILE_CALL]);
	unlink(full);
	errno = e;
	return rc;
}

static bool
check_before(struct plan *p, const struct forward *f)
{
	bool included;
	int rc = check_all(p, f, &included);

	if (rc < 0)
		log_error("rsyslogd: %s", strerror(errno));
	else if (rc > 0)
		log_error("%s: has errors already, they come first: %s",
		    f->conf, rsyslogd_complaint(p->said));
	return rc == 0;
}

static bool
undo(struct plan *p, const struct forward *f, const char *why)
{
	if (change_undo(p->change, NFILES) < 0)
		log_error("%s: cannot be put back as it was: %s", f->etc,
		    strerror(errno));
	else
		log_error("%s; everything is as it was", why);
	return false;
}

/* Objects before what calls them; the other way round when they go. */
static bool
apply(struct plan *p)
{
	const char *where;
	size_t i;

	for (i = 0; i < NFILES; i++)
		if (change_apply(&p->change[p->present ? i : NFILES - 1 - i],
		    1, &where) < 0) {
			log_error("%s: %s", where, strerror(errno));
			change_undo(p->change, NFILES);
			return false;
		}
	return true;
}

/* A module that the configuration around ours loads as well is not loaded by
   ours: true then, and once more without it. */
static bool
without_module(struct plan *p, const struct forward *f)
{
	const struct rsyslogd_module *twice = rsyslogd_twice(p->said);
	bool *loaded;

	if (twice == NULL)
		return false;
	loaded = &p->loaded[twice - rsyslogd_modules];
	if (*loaded)
		return false;
	*loaded = true;
	change_undo(p->change, NFILES);
	change_free(p->change, NFILES);
	put_modules(p, f);
	return true;
}

static bool
change_and_check(struct plan *p, const struct forward *f)
{
	bool included;
	int rc;

	do {
		if (!apply(p))
			return false;
		rc = check_all(p, f, &included);
	} while (rc > 0 && without_module(p, f));
	if (rc != 0) {
		log_error("rsyslogd: %s", rc < 0 ? strerror(errno) :
		    rsyslogd_complaint(p->said));
		return undo(p, f, "rsyslogd refuses the configuration");
	}
	if (p->present && !included) {
		log_error("%s does not include %s/" FORWARD_OBJECTS "/*.conf "
		    "and " FORWARD_ACTIONS ": is the package pidtreed there, "
		    "and /etc/rsyslog.d/30-pidtreed.conf?", f->conf, f->etc);
		return undo(p, f, "it would not be read");
	}
	return true;
}

/* Signals that would leave it half done wait. */
static bool
change(struct plan *p, const struct forward *f)
{
	sigset_t block, old;
	bool done;

	if (!check_before(p, f))
		return false;
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigaddset(&block, SIGPIPE);
	sigprocmask(SIG_BLOCK, &block, &old);
	done = change_and_check(p, f);
	change_free(p->change, NFILES);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return done;
}

static void
show(const struct plan *p)
{
	size_t i;

	for (i = 0; i < NFILES; i++)
		if (p->change[i].text != NULL)
			printf("# %s\n%s\n", p->path[i], p->change[i].text);
}

static void
make_directories(const struct forward *f)
{
	static const char *const dirs[] = { "", "/" FORWARD_OBJECTS,
	    "/" FORWARD_ACTIONS };
	char path[PATH_MAX];
	size_t i;

	/* What goes wrong shows when the files are made. */
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (snprintf(path, sizeof(path), "%s%s", f->etc, dirs[i]) <
		    (int)sizeof(path))
			mkdir(path, 0755);
}

static void
say_set(const struct forward *f, const struct plan *p)
{
	char mem[FORWARDER_HOST + 16];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	forwarder_endpoint(&b, &f->to.to[0]);
	log_info("%s: %s to %s%s, written to %s", f->to.name,
	    f->to.kind->what, buf_cstr(&b),
	    f->to.audit != NULL ? ", auditd's records too" : "",
	    p->path[FILE_OBJECTS]);
}

int
forward_set(struct forward *f)
{
	struct plan *p = calloc(1, sizeof(*p));
	int rc = EXIT_TROUBLE;

	if (p == NULL) {
		log_error("out of memory");
		return rc;
	}
	if (!plan(p, f, true) || !check_alone(p, f))
		goto out;
	if (f->dry_run) {
		show(p);
		rc = fflush(stdout) == 0 ? EXIT_FOUND : EXIT_TROUBLE;
		goto out;
	}
	make_directories(f);
	if (!change(p, f))
		goto out;
	say_set(f, p);
	rc = forward_restart(f) ? EXIT_FOUND : EXIT_TROUBLE;
out:
	free(p);
	return rc;
}

int
forward_off(struct forward *f)
{
	struct plan *p;
	int rc = EXIT_TROUBLE;

	f->to.name = f->target;
	if (!forwarder_name_ok(f->to.name)) {
		log_error("off: \"%s\": no such forwarder", f->to.name);
		return rc;
	}
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		log_error("out of memory");
		return rc;
	}
	if (!plan(p, f, false))
		goto out;
	if (access(p->path[FILE_OBJECTS], F_OK) < 0 &&
	    access(p->path[FILE_CALL], F_OK) < 0) {
		log_error("off: %s: no such forwarder; pidtree forward status "
		    "shows them", f->to.name);
		goto out;
	}
	if (!change(p, f))
		goto out;
	log_info("%s: removed; what waited for it stays in %s/pidtreed_%s*",
	    f->to.name, f->to.spool, f->to.name);
	rc = forward_restart(f) ? EXIT_FOUND : EXIT_TROUBLE;
out:
	free(p);
	return rc;
}
