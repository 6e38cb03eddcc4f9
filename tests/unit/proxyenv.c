/* SPDX-License-Identifier: BSD-2-Clause */
/* proxyenv: which lines of the environment are worth a warning. */
#include "capture.h"

#include <stdlib.h>

#include "conf.h"
#include "proxyenv.h"

static const char conf_text[] = "proxy: [10.1.2.3:3128, "
    "\"[2001:db8::1]:8080\"]\n";

static const struct {
	const char *line, *warning;
} lines[] = {
	{ "http_proxy=http://10.1.2.3:3128/\n", "" },
	{ "export HTTPS_PROXY=\"10.1.2.3:3128\"\n", "" },
	{ "all_proxy='socks5://[2001:db8::1]:8080'\n", "" },
	{ "http_proxy=10.1.2.3\n", "" },
	{ "https_proxy=http://proxy.example.net:3128\n", "" },
	{ "http_proxy=\n", "" },
	{ "no_proxy=10.0.0.0/8\n", "" },
	{ "#http_proxy=http://10.9.9.9:1/\n", "" },
	{ "my_http_proxy=http://10.9.9.9:1/\n", "" },
	{ "http_proxy=http://10.1.2.3:3129\n",
	  "F: http_proxy names 10.1.2.3 port 3129, "
	  "which is not listed as a proxy\n" },
	{ "  https_proxy=\"http://user:s3cret@10.1.2.4:3128/\"\n",
	  "F: https_proxy names 10.1.2.4 port 3128, "
	  "which is not listed as a proxy\n" },
	{ "HTTP_PROXY=[2001:db8::2]:8080\n",
	  "F: HTTP_PROXY names 2001:db8::2 port 8080, "
	  "which is not listed as a proxy\n" },
	{ "ftp_proxy=10.1.2.5\n",
	  "F: ftp_proxy names 10.1.2.5, which is not listed as a proxy\n" },
	{ "http_proxy=http://a:p@ss/w@proxy.example.net:81",
	  "F: http_proxy names proxy.example.net port 81, "
	  "which is not listed as a proxy\n" },
	{ "http_proxy=http://proxy.example.net:81",
	  "F: http_proxy names proxy.example.net port 81, "
	  "which is not listed as a proxy\n" },
	{ "http_proxy=[\nhttp_proxy=:\nhttp_proxy=://\nhttp_proxy=@\n"
	  "http_proxy=\"\nhttp_proxy=''\nhttp_proxy=[]:\nhttp_proxy=:1:\n"
	  "http_proxy", "" },
};

static void
clear(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy",
	    "ftp_proxy", "all_proxy", "socks_proxy", "HTTP_PROXY",
	    "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "SOCKS_PROXY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

/* The file is written as it is and named F in what is wanted. */
static void
warns_by_file(void **state)
{
	char path[] = "/tmp/pidtreed-proxyenv-XXXXXX", want[512];
	struct conf *c = conf_read_text("f", conf_text, strlen(conf_text));
	int fd = mkstemp(path);

	(void)state;
	assert_non_null(c);
	assert_true(fd != -1);
	clear();
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct capture cap;
		unsigned n;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, lines[i].line,
		    strlen(lines[i].line), 0), strlen(lines[i].line));
		cap = capture_begin();
		n = proxyenv_warn(c, path);
		snprintf(want, sizeof(want), "%s%s", n > 0 ? path : "",
		    lines[i].warning + (n > 0));
		assert_string_equal(capture_end(&cap), want);
		assert_int_equal(n, *lines[i].warning != '\0');
	}
	close(fd);
	unlink(path);
	conf_free(c);
}

static void
warns_by_environment(void **state)
{
	struct conf *c = conf_read_text("f", conf_text, strlen(conf_text));
	struct capture cap;

	(void)state;
	clear();
	setenv("https_proxy", "http://192.0.2.1:3128", 1);
	cap = capture_begin();
	assert_int_equal(proxyenv_warn(c, "/nonexistent"), 1);
	assert_string_equal(capture_end(&cap), "environment: https_proxy names "
	    "192.0.2.1 port 3128, which is not listed as a proxy\n");
	clear();
	conf_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warns_by_file),
		cmocka_unit_test(warns_by_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
