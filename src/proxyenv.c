/* SPDX-License-Identifier: BSD-2-Clause */
/* http_proxy and the like, as pam_env(8) and curl(1) read them; see
   proxyenv.h. */
#define _GNU_SOURCE	/* environ */
#include "proxyenv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"
#include "number.h"

/* The name of a proxy variable at s, ended by =; its length or 0. */
static size_t
variable(const char *s)
{
	static const char *const names[] = {
		"http_proxy", "https_proxy", "ftp_proxy", "all_proxy",
		"socks_proxy",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);

		if (strncasecmp(s, names[i], n) == 0 && s[n] == '=')
			return n;
	}
	return 0;
}

/* Cuts [SCHEME://][USER@]HOST[:PORT][/...] down to HOST and port (0: none
   given).  What is before the @ may be a secret and is never shown. */
static char *
host_of(char *s, uint64_t *port)
{
	char *p = strstr(s, "://"), *colon;

	s = p != NULL ? p + 3 : s;
	p = strrchr(s, '@');
	s = p != NULL ? p + 1 : s;
	s[strcspn(s, "/?#")] = '\0';
	colon = strrchr(s, ':');
	*port = 0;
	if (*s == '[') {
		p = strchr(++s, ']');
		if (p != NULL)
			*p++ = '\0';
		colon = p != NULL && *p == ':' ? p : NULL;
	}
	if (colon != NULL) {
		if (number_parse(colon + 1, strlen(colon + 1), 65535, port))
			*port = 0;
		*colon = '\0';
	}
	return s;
}

static bool
listed(const struct conf *c, const char *host, uint16_t port)
{
	struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
	bool is_name = inet_pton(AF_INET, host, a.s6_addr + 12) != 1 &&
	    inet_pton(AF_INET6, host, &a) != 1;

	for (size_t i = 0; i < c->nproxies; i++)
		if ((port == 0 || c->proxies[i].port == port) && (is_name ||
		    memcmp(&c->proxies[i].addr, &a, sizeof(a)) == 0))
			return true;
	return false;
}

/* NAME=VALUE of the environment; the line is ours to change. */
static unsigned
warn_about(const struct conf *c, const char *where, char *line)
{
	size_t n = variable(line), quoted;
	char *value = line + n + 1, *host;
	uint64_t port;

	if (n == 0)
		return 0;
	line[n] = '\0';
	quoted = *value == '"' || *value == '\'';
	value[strcspn(value + quoted, "\"'\n") + quoted] = '\0';
	host = host_of(value + quoted, &port);
	if (*host == '\0' || listed(c, host, port))
		return 0;
	if (port == 0)
		log_warn("%s: %s names %s, which is not listed as a proxy",
		    where, line, host);
	else
		log_warn("%s: %s names %s port %u, which is not listed as a "
		    "proxy", where, line, host, (unsigned)port);
	return 1;
}

unsigned
proxyenv_warn(const struct conf *c, const char *file)
{
	char line[4096], *p;
	unsigned warnings = 0;
	FILE *f = fopen(file, "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		p = line + strspn(line, " \t");
		if (strncmp(p, "export", 6) == 0)
			p += 6 + strspn(p + 6, " \t");
		warnings += warn_about(c, file, p);
	}
	if (f != NULL)
		fclose(f);
	for (char **e = environ; *e != NULL; e++) {
		snprintf(line, sizeof(line), "%s", *e);
		warnings += warn_about(c, "environment", line);
	}
	return warnings;
}
