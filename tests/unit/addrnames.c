/* SPDX-License-Identifier: BSD-2-Clause */
/* addrnames: hosts-style files, as they are written and as they change. */
#include "capture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "addrnames.h"
#include "text.h"

/* The clock that addrnames sees. */
static int64_t ahead_s;

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = syscall(SYS_clock_gettime, id, t);

	if (r == 0)
		t->tv_sec += ahead_s;
	return r;
}

static struct buf want;		/* what is to be said */
static char wanted[4096];
static char dir[] = "/tmp/pidtreed-addrnames.XXXXXX";

static const char *
path(const char *name)
{
	static char p[3][128];		/* a, b, new */
	char *to = p[*name == 'a' ? 0 : *name == 'b' ? 1 : 2];

	snprintf(to, sizeof(p[0]), "%s/%s", dir, name);
	return to;
}

static void
put(const char *name, const char *text, size_t n)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
puts_to(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static struct addrnames *
open_files(const char *a, const char *b)
{
	struct items list = { 0 };
	struct addrnames *n;

	assert_int_equal(items_add(&list, path(a), NULL), 0);
	if (b != NULL)
		assert_int_equal(items_add(&list, path(b), NULL), 0);
	n = addrnames_new(&list);
	assert_non_null(n);
	items_clear(&list);
	return n;
}

static void
is(struct str got, const char *name)
{
	if (name == NULL) {
		assert_null(got.s);
		return;
	}
	assert_non_null(got.s);
	assert_int_equal(got.n, strlen(name));
	assert_memory_equal(got.s, name, got.n);
}

static void
expect(const struct addrnames *n, const char *addr, const char *name)
{
	struct message m;

	message_init(&m, MSG_CONNECT);
	assert_int_equal(text_parse_addr(addr, strlen(addr), &m.dst), 0);
	assert_int_equal(text_parse_addr("192.0.2.99", 10, &m.src), 0);
	addrnames_stamp(n, &m);
	is(m.dhost, NULL);
	m.family = AF_INET6;
	addrnames_stamp(n, &m);
	is(m.dhost, name);
	is(m.dhostsource, name != NULL ? "hosts" : NULL);
	is(m.shost, NULL);
	m.src = m.dst;
	addrnames_stamp(n, &m);
	is(m.shost, name);
	m.dhost = (struct str){ "dns", 3 };
	m.dhostsource = (struct str){ "dns", 3 };
	addrnames_stamp(n, &m);
	is(m.dhost, "dns");
	is(m.dhostsource, "dns");
}

static void
reads(void **state)
{
	struct capture c = capture_begin();
	struct addrnames *n;

	(void)state;
	puts_to("a", "# 192.0.2.9 no\n\n192.0.2.1 one one.example\r\n"
	    "\t192.0.2.2\t two# two\n192.0.2.1 again\n2001:db8::1 six\n"
	    "::ffff:192.0.2.3 three\n192.0.2.4 M\xc3\xbc" "ller\n"
	    "fe80::1%eth0 zone\n192.0.2.5 last");
	puts_to("b", "192.0.2.1 second\n192.0.2.6 six4\n");
	n = open_files("a", "b");
	expect(n, "192.0.2.1", "one");
	expect(n, "192.0.2.2", "two");
	expect(n, "192.0.2.3", "three");
	expect(n, "::ffff:192.0.2.3", "three");
	expect(n, "192.0.2.4", "M\xc3\xbc" "ller");
	expect(n, "192.0.2.5", "last");
	expect(n, "192.0.2.6", "six4");
	expect(n, "2001:db8::1", "six");
	expect(n, "2001:db8::2", NULL);
	expect(n, "192.0.2.9", NULL);
	expect(n, "0.0.0.0", NULL);
	expect(n, "fe80::1", "zone");
	expect(n, "64:ff9b::192.0.2.2", "two");
	addrnames_free(n);
	addrnames_free(NULL);
	assert_string_equal(capture_end(&c), "");
}

static void
complains(void **state)
{
	static const char text[] = "192.0.2.1 one\nserver 192.0.2.2\n"
	    "192.0.2.3\n192.0.2.4 \x1b[31m\n192.0.2.256 x\n192.0.2.5 five\n";
	char long_name[400] = "192.0.2.7 ";
	struct capture c = capture_begin();
	struct addrnames *n;

	(void)state;
	memset(long_name + 10, 'x', sizeof(long_name) - 11);
	puts_to("a", text);
	puts_to("b", long_name);
	n = open_files("a", "b");
	expect(n, "192.0.2.1", "one");
	expect(n, "192.0.2.5", "five");
	expect(n, "192.0.2.7", NULL);
	ahead_s += 10;
	addrnames_tick(n);		/* once, while it is the same */
	addrnames_free(n);
	buf_init(&want, wanted, sizeof(wanted));
	buf_addf(&want, "%s:2: \"server\" is not an address\n"
	    "%s:3: \"192.0.2.3\" has no name behind it\n"
	    "%s:4: \"\\x1b[31m\" is not a name of at most 255 bytes\n"
	    "%s:5: \"192.0.2.256\" is not an address\n"
	    "%s:1: \"%.40s...\" is not a name of at most 255 bytes\n",
	    path("a"), path("a"), path("a"), path("a"), path("b"),
	    long_name + 10);
	assert_string_equal(capture_end(&c), buf_cstr(&want));
}

static void
says_it_five_times(void **state)
{
	char text[1024] = "";
	struct capture c = capture_begin();

	(void)state;
	buf_init(&want, wanted, sizeof(wanted));
	for (int i = 1; i <= 20; i++) {
		strcat(text, "x\n");
		if (i <= 5)
			buf_addf(&want, "%s:%d: \"x\" is not an address\n",
			    path("a"), i);
	}
	buf_addf(&want, "%s: 15 more lines like these\n", path("a"));
	puts_to("a", text);
	addrnames_free(open_files("a", NULL));
	assert_string_equal(capture_end(&c), buf_cstr(&want));
}

static void
changes(void **state)
{
	struct capture c = capture_begin();
	struct addrnames *n;

	(void)state;
	unlink(path("b"));
	puts_to("a", "192.0.2.1 one\n");
	n = open_files("a", "b");	/* b is not there */
	expect(n, "192.0.2.1", "one");
	puts_to("a", "192.0.2.1 other\n");
	addrnames_tick(n);
	expect(n, "192.0.2.1", "one");	/* not yet */
	ahead_s += 3;
	addrnames_tick(n);
	expect(n, "192.0.2.1", "other");
	/* another file in its place, of the same length */
	puts_to("new", "192.0.2.1 third\n");
	rename(path("new"), path("a"));
	puts_to("b", "192.0.2.2 two\n");
	ahead_s += 3;
	addrnames_tick(n);
	expect(n, "192.0.2.1", "third");
	expect(n, "192.0.2.2", "two");
	unlink(path("a"));
	ahead_s += 3;
	addrnames_tick(n);
	expect(n, "192.0.2.1", NULL);
	expect(n, "192.0.2.2", "two");
	ahead_s += 3;
	addrnames_tick(n);		/* says nothing more */
	addrnames_free(n);
	buf_init(&want, wanted, sizeof(wanted));
	buf_addf(&want,
	    "%s: not used for names: No such file or directory\n"
	    "%s: not used for names: No such file or directory\n"
	    "%s: not used for names: No such file or directory\n",
	    path("b"), path("b"), path("a"));
	assert_string_equal(capture_end(&c), buf_cstr(&want));
}

/* Neither hangs nor fills the memory. */
static void
unfit(void **state)
{
	struct capture c = capture_begin();
	struct addrnames *n;
	char *big = malloc(5 << 20);
	size_t len = 0;
	int i;

	(void)state;
	assert_non_null(big);
	unlink(path("a"));
	unlink(path("b"));
	assert_int_equal(mkfifo(path("a"), 0600), 0);
	assert_int_equal(mkdir(path("b"), 0700), 0);
	addrnames_free(open_files("a", "b"));
	unlink(path("a"));
	rmdir(path("b"));
	for (i = 0; i < 70000; i++)
		len += sprintf(big + len, "10.%d.%d.%d n%d\n", i >> 16,
		    i >> 8 & 255, i & 255, i);
	put("a", big, len);
	memset(big, '#', 5 << 20);
	put("b", big, 5 << 20);
	n = open_files("a", "b");
	expect(n, "10.0.0.0", "n0");
	expect(n, "10.0.255.255", "n65535");
	expect(n, "10.1.0.0", NULL);
	addrnames_free(n);
	free(big);
	buf_init(&want, wanted, sizeof(wanted));
	buf_addf(&want, "%s: not used for names: not a regular file\n"
	    "%s: not used for names: not a regular file\n"
	    "%s: not used for names: all files together have more than 4 MiB\n"
	    "names of addresses: there are more than 65536, the others are "
	    "not used\n", path("a"), path("b"), path("b"));
	assert_string_equal(capture_end(&c), buf_cstr(&want));
}

static int
make_directory(void **state)
{
	(void)state;
	log_open("pidtreed", LOG_L_INFO);
	return mkdtemp(dir) == NULL;
}

static int
remove_directory(void **state)
{
	(void)state;
	unlink(path("a"));
	unlink(path("b"));
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(complains),
		cmocka_unit_test(says_it_five_times),
		cmocka_unit_test(changes),
		cmocka_unit_test(unfit),
	};

	unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests(tests, make_directory,
	    remove_directory);
}
