/* SPDX-License-Identifier: BSD-2-Clause */
/* conf: what a text says, each complaint word by word, and the way back. */
#define _GNU_SOURCE	/* memmem */
#include "capture.h"

#include <stdlib.h>

#include "conf.h"
#include "options.h"
#include "redact.h"

static struct conf *
read_text(const char *text)
{
	return conf_read_text("f", text, strlen(text));
}

static const struct {
	const char *text, *complaints;
} refusals[] = {
	/* keys */
	{ "exlude: []\n",
	  "f:1:1: unknown key \"exlude\", did you mean \"exclude\" in "
	  "\"connect\"?\n" },
	{ "conect:\n  hold: 5s\n",
	  "f:1:1: unknown key \"conect\", did you mean \"connect\"?\n" },
	{ "connect.hold: 5s\n",
	  "f:1:1: unknown key \"connect.hold\", did you mean \"hold\" in "
	  "\"connect\"?\n" },
	{ "facility+: mail\n",
	  "f:1:1: unknown key \"facility+\", did you mean \"facility\"?\n" },
	{ "connect+:\n",
	  "f:1:1: unknown key \"connect+\", did you mean \"connect\"?\n" },
	{ "connect:\n  hlod: 5s\n  stats: 1m\n  xyzzy: [{a: [b]}]\n  +: 1\n",
	  "f:2:3: unknown key \"hlod\", did you mean \"hold\"?\n"
	  "f:3:3: unknown key \"stats\", did you mean \"stats\" outside of "
	  "any section?\n"
	  "f:4:3: unknown key \"xyzzy\", expected one of exclude, include, "
	  "ports, hold\n"
	  "f:5:3: unknown key \"+\", expected one of exclude, include, ports, "
	  "hold\n" },
	{ "xyzzy: 1\n",
	  "f:1:1: unknown key \"xyzzy\", expected one of facility, severity, "
	  "user, priority-boost, stats, cmd, redact, metadata, storm, proxy, "
	  "hosts-files, connect, close, udp, dns, container, listen, accept, "
	  "exec, readline, capable, open, escape, log, host, lookup, "
	  "kernel\n" },
	{ "container:\n  exclude: [name=web-*, docker]\n  include: [pod=]\n",
	  "f:2:25: \"docker\", expected KEY=PATTERN ..., KEY one of runtime, "
	  "id, name, image, pod, namespace\n"
	  "f:3:13: \"pod=\", expected KEY=PATTERN ..., KEY one of runtime, "
	  "id, name, image, pod, namespace\n" },
	{ "hosts-files: [/etc/hosts, etc/hosts]\n",
	  "f:1:27: hosts-files: \"etc/hosts\", expected an absolute path\n" },
	{ "\"faci\\nlity\\u202e\": mail\n",
	  "f:1:1: unknown key \"faci?lity???\", did you mean "
	  "\"facility\"?\n" },
	{ "facility: mail\nfacility: mail\n",
	  "f:2:1: key \"facility\" is given twice in this file\n" },
	{ "connect: {hold: 5s, hold: 5s}\nconnect: {hold: 5s}\n",
	  "f:1:21: key \"hold\" is given twice in this file\n"
	  "f:2:1: key \"connect\" is given twice in this file\n" },
	{ "connect:\n  exclude: []\n  exclude+: []\nredact+: []\nredact+: []\n",
	  "f:3:3: key \"connect.exclude\" is given with and without +, "
	  "expected one list\n"
	  "f:5:1: key \"redact+\" is given twice in this file\n" },
	{ "? [a]\n: b\n? {a: b}\n: {c: [d]}\n\"a\\0\": 1\n",
	  "f:1:3: a key that is not plain text, expected a word\n"
	  "f:3:3: a key that is not plain text, expected a word\n"
	  "f:5:1: a key that is not plain text, expected a word\n" },

	/* types and bounds */
	{ "facility: kernel\ncmd: yes\nmetadata: some\n",
	  "f:1:11: facility: \"kernel\", expected kern, user, mail, daemon, "
	  "auth, syslog, lpr, news, uucp, cron, authpriv, ftp, local0, "
	  "local1, local2, local3, local4, local5, local6 or local7\n"
	  "f:2:6: cmd: \"yes\", expected redacted, full, argv0 or none\n"
	  "f:3:11: metadata: \"some\", expected digest, all or off\n" },
	{ "user: \"a b\"\n", "f:1:7: user: \"a b\", expected at most 32 "
	  "printable ASCII characters without blanks\n" },
	{ "user: \"a\\0b\"\n", "f:1:7: user: wrong type, expected at most 32 "
	  "printable ASCII characters without blanks\n" },
	{ "host: {id: \"\", name: \xc3\xa9}\n",
	  "f:1:12: host.id: \"\", expected at most 255 printable ASCII "
	  "characters without blanks\n"
	  "f:1:22: host.name: \"\xc3\xa9\", expected at most 255 printable "
	  "ASCII characters without blanks\n" },
	{ "stats: 300\n", "f:1:8: stats: \"300\", expected a time from 1s to "
	  "1d, with its unit\n" },
	{ "stats: 1500ms\n", "f:1:8: stats: \"1500ms\", expected a time from "
	  "1s to 1d, with its unit\n" },
	{ "stats: 0s\n", "f:1:8: stats: \"0s\", expected a time from 1s to 1d, "
	  "with its unit\n" },
	{ "connect: {hold: -1s}\n", "f:1:17: connect.hold: \"-1s\", expected a "
	  "time from 0s to 5m, with its unit\n" },
	{ "connect: {hold: 6m}\n", "f:1:17: connect.hold: \"6m\", expected a "
	  "time from 0s to 5m, with its unit\n" },
	{ "connect: {hold: 18446744073709551616s}\n", "f:1:17: connect.hold: "
	  "\"18446744073709551616s\", expected a time from 0s to 5m, with its "
	  "unit\n" },
	{ "connect: {hold: 18446744073709552s}\n", "f:1:17: connect.hold: "
	  "\"18446744073709552s\", expected a time from 0s to 5m, with its "
	  "unit\n" },
	{ "connect: {hold: 5 s}\n", "f:1:17: connect.hold: \"5 s\", expected a "
	  "time from 0s to 5m, with its unit\n" },
	{ "connect: {hold: [5s]}\n", "f:1:17: connect.hold: wrong type, "
	  "expected a time from 0s to 5m, with its unit\n" },
	{ "kernel:\n  ring: 100K\n  processes: 5\n  images: 1k\n"
	  "  attempts: 0x100\n  dead-images: 1048577\n",
	  "f:2:9: kernel.ring: \"100K\", expected a power of two from 64K to "
	  "64M\n"
	  "f:3:14: kernel.processes: \"5\", expected auto or a number from "
	  "1024 to 4194304\n"
	  "f:4:11: kernel.images: \"1k\", expected a size from 1M to 4G\n"
	  "f:5:13: kernel.attempts: \"0x100\", expected a number from 64 to "
	  "1048576\n"
	  "f:6:16: kernel.dead-images: \"1048577\", expected a number from 64 "
	  "to 1048576\n" },
	{ "log: {socket: a/b, file: /a\\x1b, queue: 2G, target: journal}\n",
	  "f:1:15: log.socket: \"a/b\", expected an absolute path of at most "
	  "107 bytes\n"
	  "f:1:41: log.queue: \"2G\", expected a size from 64K to 1G\n"
	  "f:1:53: log.target: \"journal\", expected auto, socket or file\n" },
	{ "log:\n  file: \"/a\\nb\"\n", "f:2:9: log.file: \"/a?b\", "
	  "expected an absolute path of at most 4000 bytes\n" },
	{ "facility:\nstats: \"\"\nproxy:\nconnect: 5\nlog: []\nhost:\n",
	  "f:1:10: facility: no value, expected kern, user, mail, daemon, "
	  "auth, syslog, lpr, news, uucp, cron, authpriv, ftp, local0, "
	  "local1, local2, local3, local4, local5, local6 or local7\n"
	  "f:2:8: stats: \"\", expected a time from 1s to 1d, with its unit\n"
	  "f:3:7: proxy: no value, expected a list, [] if it is empty\n"
	  "f:4:10: connect: wrong type, expected a section with keys of its "
	  "own\n"
	  "f:5:6: log: wrong type, expected a section with keys of its own\n" },
	{ "- facility\n", "f:1:1: expected keys, like \"facility: "
	  "authpriv\"\n" },
	{ "facility\n", "f:1:1: expected keys, like \"facility: "
	  "authpriv\"\n" },

	/* lists */
	{ "connect:\n  exclude+: 198.51.100.0/24\n", "f:2:13: connect.exclude: "
	  "wrong type, expected a list, [] if it is empty\n" },
	{ "connect:\n  exclude+: [[a], {b: c}, 198.51.100.1/24]\n",
	  "f:2:14: connect.exclude: wrong type, expected items that are plain "
	  "text\n"
	  "f:2:19: connect.exclude: wrong type, expected items that are plain "
	  "text\n"
	  "f:2:27: \"198.51.100.1/24\": host bits set, expected "
	  "198.51.100.0/24\n" },
	{ "connect:\n  exclude+: [10.0.0.0/8, 10.0.0.0/9]\n"
	  "  include: [10.0.0.0/9, 192.0.2.1, \"192.0.2.1/32 only 5\"]\n",
	  "f:2:14: 10.0.0.0/8 is in the default list already, expected an "
	  "exclude: without it\n"
	  "f:3:13: 10.0.0.0/9 is given twice, first at f:2:26\n"
	  "f:3:36: 192.0.2.1/32 is given twice, first at f:3:25\n" },
	{ "connect:\n  ports: [70000, 9-8, -1]\n",
	  "f:2:11: port \"70000\", expected 0 to 65535 or a range like "
	  "8000-8999\n"
	  "f:2:18: ports 9-8, expected the lower one first\n"
	  "f:2:23: port \"-1\", expected 0 to 65535 or a range like "
	  "8000-8999\n" },
	{ "connect:\n  exclude+: [203.0.113.0/24 except 443,8000-8999]\n",
	  "f:2:40: \"8000-8999\": expected an IPv4 or IPv6 address or a "
	  "prefix like 192.0.2.0/24\n" },
	{ "proxy: [10.1.2.3:3128, 10.1.2.3:3128, 10.1.2.3]\n",
	  "f:1:24: this proxy is given twice\n"
	  "f:1:39: \"10.1.2.3\": expected ADDRESS:PORT, like 192.0.2.1:3128 "
	  "or [2001:db8::1]:3128\n" },

	{ "lookup: {forwarders+: [squid, /usr/sbin/nginx]}",
	  "f:1:31: lookup.forwarders: \"/usr/sbin/nginx\", expected the name "
	  "of a file without its directory\n" },
	{ "redact+: [\"a{3,5}b{20}\", \"a{255}{2}{2}\", \"(a{11}){,92}\", "
	  "\"\", \"a\\\\1\"]\n",
	  "f:1:26: redact: \"a{255}{2}{2}\": longer than "
	  "1000 characters with all repetitions written out\n"
	  "f:1:42: redact: \"(a{11}){,92}\": longer than "
	  "1000 characters with all repetitions written out\n"
	  "f:1:58: redact: \"\": empty\n"
	  "f:1:62: redact: \"a\\1\": back-references are not supported\n" },

	/* YAML */
	{ "connect:\n  ports: [!53]\n", "f:2:14: not YAML: did not find "
	  "expected whitespace or line break while scanning a tag, expected "
	  "quotes around what begins with !\n" },
	{ "connect:\n  ports:\n    - !53\n", "f:3:7: \"!53\" is a YAML tag, "
	  "expected quotes around what begins with !\n"
	  "f:3:7: port \"\", expected 0 to 65535 or a range like "
	  "8000-8999\n" },
	{ "connect:\n  include: [::1]\n", "f:2:13: not YAML: did not find "
	  "expected node content while parsing a flow node, expected quotes "
	  "around what begins with :\n" },
	{ "facility: &a mail\nuser: *a\n",
	  "f:1:11: \"a\" is an anchor or an alias, expected the value "
	  "itself\n"
	  "f:2:7: \"a\" is an anchor or an alias, expected the value itself\n"
	  "f:2:7: user: wrong type, expected at most 32 printable ASCII "
	  "characters without blanks\n" },
	{ "facility: !!str mail\n", "f:1:11: \"tag:yaml.org,2002:str\" is a "
	  "YAML tag, expected quotes around what begins with !\n" },
	{ "facility: mail\n---\nfacility: mail\n",
	  "f:2:1: a second document, expected one in a file\n" },
	{ "facility: mail: x\n",
	  "f:1:15: not YAML: mapping values are not allowed in this "
	  "context\n" },
	{ "facility: \"mail\n", "f:2:1: not YAML: found unexpected end of "
	  "stream while scanning a quoted scalar\n" },
	{ "facility: mail\n\tuser: root\n", "f:2:1: not YAML: found a tab "
	  "character that violates indentation while scanning a plain "
	  "scalar\n" },
	{ "facility: mail\r\n\r\nuser: \x01\r\n",
	  "f:3:7: not YAML: control characters are not allowed\n" },
	{ "user: \xff\n", "f:1:7: not YAML: invalid leading UTF-8 octet\n" },
	{ "\xff\xfe" "a", "f:1:1: not YAML: invalid leading UTF-8 octet\n" },
};

static void
refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		struct capture c = capture_begin();
		struct conf *conf = read_text(refusals[i].text);

		assert_string_equal(capture_end(&c), refusals[i].complaints);
		assert_null(conf);
	}
}

static void
refuses_patterns(void **state)
{
	struct capture c = capture_begin();
	struct conf *conf = read_text("redact+: [\"a(b)\", \"(\"]\n");
	const char *said = capture_end(&c);

	(void)state;
	assert_null(conf);
	assert_memory_equal(said, "f:1:19: redact: ", 16);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void
refuses_nul_bytes(void **state)
{
	static const char text[] = "user: ro\0ot\n";
	struct capture c = capture_begin();
	struct conf *conf = conf_read_text("f", text, sizeof(text) - 1);

	(void)state;
	assert_string_equal(capture_end(&c),
	    "f:1:9: not YAML: control characters are not allowed\n");
	assert_null(conf);
}

/* A key that is repeated by the thousand gives a page of lines at most. */
static void
gives_up(void **state)
{
	static char text[100000];
	struct capture c;
	struct conf *conf;
	const char *said;
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		strcpy(text + 10 * i, "abcdef: 1\n");
	c = capture_begin();
	conf = read_text(text);
	for (said = capture_end(&c); *said != '\0'; said++)
		lines += *said == '\n';
	assert_null(conf);
	assert_int_equal(lines, 21);
}

/* Deep, wide or full of anchors: refused at once, without memory or time. */
static void
bears_hostile_text(void **state)
{
	static const char *const unit[] = { "[", "{a: ", "- ", "? ", "[{",
	    "a:\n ", "&a ", "- &a b\n", "\"", "!a ", "'a': ", "{", "a: |\n",
	    "#", "%" };
	static char text[1 << 20];

	(void)state;
	for (size_t i = 0; i < sizeof(unit) / sizeof(*unit); i++) {
		size_t n = strlen(unit[i]), at = 0;
		struct capture c = capture_begin();
		struct conf *conf;

		while (at + n <= sizeof(text)) {
			memcpy(text + at, unit[i], n);
			at += n;
		}
		conf = conf_read_text("f", text, at);
		capture_end(&c);
		if (unit[i][0] != '#')
			assert_null(conf);
		conf_free(conf);
	}
}

static void
says_what_it_reads(void **state)
{
	static const char text[] = "\xef\xbb\xbf%YAML 1.1\r\n---\r\n"
	    "facility: local3\r\nuser: nobody\r\nstats: 90s\r\ncmd: 'none'\r\n"
	    "metadata: off\r\n"
	    "proxy: [10.1.2.3:3128, \"[2001:db8::1]:8080\"]\r\n"
	    "connect:\r\n  exclude+: [203.0.113.0/24 except 443]\r\n"
	    "  include: [10.9.0.0/16 only 3128]\r\n"
	    "  ports: [\"!53\"]\r\n  hold: 250ms\r\n"
	    "log: {target: file, socket: /s, file: /f, queue: 1M}\r\n"
	    "host: {id: i, name: n, cloud: c, account: \"12\", region: r}\r\n"
	    "kernel: {processes: 4096, images: 8M, dead-processes: 100,\r\n"
	    "  dead-images: 200, attempts: 300, ring: 1M}\r\n...\r\n";
	struct conf *c = conf_read_text("f", text, sizeof(text) - 1);

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->facility, 19);
	assert_string_equal(c->user, "nobody");
	assert_int_equal(c->stats_s, 90);
	assert_int_equal(c->cmd, CMD_NONE);
	assert_int_equal(c->metadata, METADATA_OFF);
	assert_int_equal(c->nproxies, 2);
	assert_int_equal(c->proxies[1].port, 8080);
	assert_int_equal(c->exclude.n, 17);
	assert_int_equal(c->hold_ms, 250);
	assert_string_equal(c->target, "file");
	assert_string_equal(c->socket, "/s");
	assert_string_equal(c->file, "/f");
	assert_int_equal(c->queue, 1 << 20);
	assert_string_equal(c->host_id, "i");
	assert_string_equal(c->host_name, "n");
	assert_string_equal(c->cloud, "c");
	assert_string_equal(c->account, "12");
	assert_string_equal(c->region, "r");
	assert_int_equal(c->processes, 4096);
	assert_int_equal(c->image_bytes, 8 << 20);
	assert_int_equal(c->dead_processes, 100);
	assert_int_equal(c->dead_images, 200);
	assert_int_equal(c->attempts, 300);
	assert_int_equal(c->ring_bytes, 1 << 20);
	assert_non_null(strstr(c->filter->text, "ports 0-52,54-65535;"));
	assert_non_null(strstr(c->filter->text, " 203.0.113.0/24 only 443"));
	assert_non_null(strstr(c->filter->text, " 10.9.0.0/16 only 3128"));
	assert_non_null(strstr(c->filter->text, " 10.1.2.3/32 only 3128"));
	conf_free(c);
}

static void
nothing_is_valid(void **state)
{
	static const char *const text[] = { "", "\n", "# x\n", "---\n",
	    "---\n...\n", "\xef\xbb\xbf", "{}", "connect:\nlog:\nhost: {}\n",
	    "redact+: []\n" };
	struct conf *c = conf_read_text("f", "", 0), *d;

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->facility, 10);
	assert_string_equal(c->user, "_pidtreed");
	assert_string_equal(c->target, "auto");
	assert_int_equal(c->queue, 8 << 20);
	assert_int_equal(c->hold_ms, 5000);
	assert_int_equal(c->stats_s, 300);
	assert_int_equal(c->cmd, CMD_REDACTED);
	assert_null(c->host_id);
	assert_int_equal(c->processes, 0);
	assert_int_equal(c->image_bytes, 32 << 20);
	assert_int_equal(c->dead_processes, 8192);
	assert_int_equal(c->dead_images, 2560);
	assert_int_equal(c->attempts, 32768);
	assert_int_equal(c->ring_bytes, 256 << 10);
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		d = read_text(text[i]);
		assert_non_null(d);
		assert_string_equal(c->hash, d->hash);
		conf_free(d);
	}
	conf_free(c);
}

static void
dumps_what_it_reads(void **state)
{
	static const char *const text[] = {
		"",
		"facility: local7\nstats: 61s\ncmd: argv0\nmetadata: off\n"
		"proxy: [\"[2001:db8::1]:8080\"]\nredact: []\n",
		"redact: [\"a\\tb\\\"c\\\\d\\u00e9\\u2028\\U0001f600(x)\"]\n",
		"redact+: [\"--my-token=(\\\\S+)\", '#: x', '- y']\n"
		"connect: {exclude: [], include: [192.0.2.1], hold: 0s,\n"
		"  ports: [\"!53\", 80, 8000-8999]}\n"
		"log: {file: \"/a b\\u00e9\", queue: 65537}\n"
		"host: {id: \"#1:[x]\", name: \"yes\"}\n"
		"kernel: {processes: 1024, ring: 64K}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct conf *c = read_text(text[i]), *d;
		char *one, *two;

		assert_non_null(c);
		one = conf_dump(c);
		d = read_text(one);
		assert_non_null(d);
		two = conf_dump(d);
		assert_string_equal(one, two);
		assert_string_equal(c->hash, d->hash);
		assert_string_equal(c->filter->text, d->filter->text);
		assert_string_equal(c->filter->hash, d->filter->hash);
		assert_int_equal(c->patterns.n, d->patterns.n);
		for (size_t k = 0; k < c->patterns.n; k++)
			assert_string_equal(c->patterns.v[k].text,
			    d->patterns.v[k].text);
		assert_int_equal(c->patterns.replaced, d->patterns.replaced);
		assert_int_equal(c->queue, d->queue);
		assert_string_equal(c->file, d->file);
		free(one);
		free(two);
		conf_free(c);
		conf_free(d);
	}
}

static bool
hides(const char *text, const char *secret)
{
	static const char argv[] = "x\0--my-token=abc\0--password=def";
	struct conf *c = read_text(text);
	char mem[256];
	struct buf b;
	bool hidden;

	assert_non_null(c);
	buf_init(&b, mem, sizeof(mem));
	redact_args(c->redact, argv, sizeof(argv), &b);
	hidden = memmem(mem, b.len, secret, 3) == NULL;
	conf_free(c);
	return hidden;
}

static void
patterns_add_or_replace(void **state)
{
	(void)state;
	assert_true(hides("", "def"));
	assert_false(hides("redact: []\n", "def"));
	assert_true(hides("redact+: [\"my-token=([^ ]+)\"]\n", "def"));
	assert_true(hides("redact+: [\"my-token=([^ ]+)\"]\n", "abc"));
	assert_true(hides("redact: [\"my-token=([^ ]+)\"]\n", "abc"));
	assert_false(hides("redact: [\"my-token=([^ ]+)\"]\n", "def"));
}

/* The file that is installed: nothing but comments; with its options taken
   out of them it is valid too. */
static void
example_is_valid(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[256], text[8192] = "";
	struct conf *c, *d;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/etc/pidtreed.yaml",
	    srcdir == NULL ? "." : srcdir);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		bool option = line[0] == '#' &&
		    (line[1] != ' ' || line[2] == ' ');

		assert_true(line[0] == '#' || line[0] == '\n');
		assert_true(strlen(text) + strlen(line) < sizeof(text));
		strcat(text, line + option);
	}
	fclose(f);
	c = read_text(text);
	d = read_text("");
	assert_non_null(c);
	assert_non_null(d);
	assert_string_not_equal(c->hash, d->hash);
	assert_string_equal(c->region, "eu-central-1");
	conf_free(c);
	conf_free(d);
}

/* The table itself: defaults are valid, sections are in one piece. */
static void
table_is_sound(void **state)
{
	(void)state;
	for (const struct option *o = options; o->key != NULL; o++) {
		size_t n = option_in(o->key);

		assert_true(o - options < 64 && strlen(o->key) < 32);
		assert_non_null(o->doc);
		for (const struct option *p = options; p < o; p++)
			assert_string_not_equal(p->key, o->key);
		if (n == 0 || o == options ||
		    strncmp(o[-1].key, o->key, n + 1) == 0)
			continue;
		for (const struct option *p = options; p < o; p++)
			assert_true(strncmp(p->key, o->key, n + 1) != 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test(example_is_valid),
		cmocka_unit_test(nothing_is_valid),
		cmocka_unit_test(says_what_it_reads),
		cmocka_unit_test(dumps_what_it_reads),
		cmocka_unit_test(patterns_add_or_replace),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_patterns),
		cmocka_unit_test(refuses_nul_bytes),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(bears_hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
