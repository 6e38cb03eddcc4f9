/* SPDX-License-Identifier: BSD-2-Clause */
/* conf: which files are read, in which order, and what is no file for it. */
#include "capture.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>

#include "conf.h"

/* The current directory is a new one of ours; a case names what is in it. */
static int
enter(void **state)
{
	static char dir[64];

	strcpy(dir, "/tmp/pidtreed-conf-XXXXXX");
	*state = dir;
	if (mkdtemp(dir) == NULL || chmod(dir, 0755) == -1)
		return -1;
	return chdir(dir) == -1 ? -1 : mkdir("conf.d", 0755);
}

static int
leave(void **state)
{
	char command[128];

	if (chdir("/") == -1)
		return -1;
	snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	return system(command);
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Reads main.yaml, and wants just these complaints. */
static struct conf *
want(bool must, const char *complaints)
{
	struct capture c = capture_begin();
	struct conf *conf = conf_read("main.yaml", must);

	assert_string_equal(capture_end(&c), complaints);
	if (*complaints != '\0')
		assert_null(conf);
	else
		assert_non_null(conf);
	return conf;
}

static void
missing(void **state)
{
	(void)state;
	want(true, "main.yaml: cannot be read: No such file or directory\n");
	conf_free(want(false, ""));
	assert_int_equal(rmdir("conf.d"), 0);
	conf_free(want(false, ""));
}

static void
order_of_names(void **state)
{
	struct conf *c;

	(void)state;
	put("main.yaml", "facility: mail\nstats: 1m\nuser: a\n"
	    "connect: {exclude: [192.0.2.0/24], ports: [\"!1\"]}\n");
	put("conf.d/B.yaml", "user: b\nconnect: {exclude+: [192.0.3.0/24]}\n");
	put("conf.d/10-x.yaml", "user: c\nconnect: {ports: [\"!2\"]}\n");
	put("conf.d/9-x.yaml", "user: d\nstats: 2m\n");
	put("conf.d/.hidden.yaml", "user: e\nxyzzy: 1\n");
	put("conf.d/z.yaml.dpkg-old", "xyzzy: 1\n");
	put("conf.d/.yaml", "xyzzy: 1\n");
	c = want(true, "");
	assert_int_equal(c->facility, 2);
	assert_int_equal(c->stats_s, 120);
	assert_string_equal(c->user, "b");
	assert_int_equal(c->exclude.n, 2);
	assert_string_equal(c->exclude.v[1].place, "conf.d/B.yaml:2:22");
	assert_int_equal(c->ports.n, 1);
	assert_string_equal(c->ports.v[0].text, "!2");
	conf_free(c);
}

static void
places_in_two_files(void **state)
{
	(void)state;
	put("main.yaml", "connect: {exclude+: [192.0.2.0/24]}\n");
	put("conf.d/a.yaml", "connect:\n  include: [192.0.2.0/24]\nx: 1\n");
	put("conf.d/b.yaml", "user: [\n");
	want(true, "conf.d/a.yaml:3:1: unknown key \"x\", expected one of "
	    "facility, severity, user, priority-boost, stats, cmd, redact, "
	    "metadata, "
	    "storm, proxy, hosts-files, connect, close, udp, dns, container, "
	    "listen, accept, exec, readline, capable, open, escape, log, "
	    "host, lookup, kernel\n"
	    "conf.d/b.yaml:2:1: not YAML: did not find expected node "
	    "content while parsing a flow node\n"
	    "conf.d/a.yaml:2:13: 192.0.2.0/24 is given twice, first at "
	    "main.yaml:1:22\n");
}

static void
links(void **state)
{
	struct conf *c;

	(void)state;
	put("real", "user: a\n");
	put("conf.d/a.yaml", "user: b\n");
	assert_int_equal(symlink("real", "main.yaml"), 0);
	assert_int_equal(symlink("/dev/null", "conf.d/b.yaml"), 0);
	assert_int_equal(symlink("../real", "conf.d/c.yaml"), 0);
	c = want(true, "");
	assert_string_equal(c->user, "a");
	conf_free(c);
	assert_int_equal(symlink("gone", "conf.d/d.yaml"), 0);
	assert_int_equal(symlink("e.yaml", "conf.d/e.yaml"), 0);
	want(true, "conf.d/d.yaml: cannot be read: No such file or "
	    "directory\n"
	    "conf.d/e.yaml: cannot be read: Too many levels of symbolic "
	    "links\n");
}

static void
no_files(void **state)
{
	(void)state;
	assert_int_equal(mkdir("conf.d/a.yaml", 0755), 0);
	assert_int_equal(mkfifo("conf.d/b.yaml", 0644), 0);
	assert_int_equal(symlink("/dev/zero", "conf.d/c.yaml"), 0);
	assert_int_equal(mkfifo("main.yaml", 0644), 0);
	want(true, "main.yaml: cannot be read: not a regular file\n"
	    "conf.d/a.yaml: cannot be read: Is a directory\n"
	    "conf.d/b.yaml: cannot be read: not a regular file\n"
	    "conf.d/c.yaml: cannot be read: not a regular file\n");
}

static void
no_directory(void **state)
{
	(void)state;
	put("main.yaml", "");
	assert_int_equal(rmdir("conf.d"), 0);
	put("conf.d", "user: a\n");
	want(true, "conf.d: cannot be read: Not a directory\n");
}

static void
unreadable(void **state)
{
	bool root = geteuid() == 0;

	(void)state;
	put("main.yaml", "");
	put("conf.d/a.yaml", "");
	assert_int_equal(chmod("conf.d/a.yaml", 0), 0);
	assert_int_equal(root ? seteuid(65534) : 0, 0);
	want(true, "conf.d/a.yaml: cannot be read: Permission denied\n");
	assert_int_equal(root ? seteuid(0) : 0, 0);
	assert_int_equal(chmod("conf.d", 0), 0);
	assert_int_equal(root ? seteuid(65534) : 0, 0);
	want(true, "conf.d: cannot be read: Permission denied\n");
	assert_int_equal(root ? seteuid(0) : 0, 0);
	assert_int_equal(chmod("conf.d", 0755), 0);
}

static void
large(void **state)
{
	static char text[(1 << 20) + 2];
	struct conf *c;

	(void)state;
	memset(text, '#', sizeof(text) - 2);
	put("main.yaml", text);
	c = want(true, "");
	conf_free(c);
	text[sizeof(text) - 2] = '#';
	put("main.yaml", text);
	want(true, "main.yaml: cannot be read: larger than 1 MiB\n");
}

/* As many prefixes as there may be, and one more. */
static void
many(void **state)
{
	FILE *f = fopen("main.yaml", "w");
	struct conf *c;

	(void)state;
	assert_non_null(f);
	fputs("metadata: off\nconnect:\n  exclude:\n", f);
	for (int i = 0; i < FILTER_PREFIXES - 7; i++)
		fprintf(f, "  - 10.%d.%d.0/24\n", i >> 8, i & 255);
	fclose(f);
	c = want(true, "");
	assert_int_equal(c->filter->n4 + c->filter->n6, FILTER_PREFIXES);
	conf_free(c);
	put("conf.d/a.yaml", "connect: {include: [::1]}\n");
	put("conf.d/a.yaml", "connect: {include: [\"::1\"]}\n");
	want(true, "main.yaml: more than 16384 prefixes\n");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(missing),
		CASE(order_of_names),
		CASE(places_in_two_files),
		CASE(links),
		CASE(no_files),
		CASE(no_directory),
		CASE(unreadable),
		CASE(large),
		CASE(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
