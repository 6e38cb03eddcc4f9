/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and targets of forwarders; see forwarder.h. */
#include "forwarder.h"

#include <arpa/inet.h>
#include <string.h>

#include "number.h"

const char *const format_names[NFORMATS] = {
	[FORMAT_RFC5424] = "rfc5424",
	[FORMAT_ECS] = "ecs",
	[FORMAT_CEF] = "cef",
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
forwarder_name_ok(const char *s)
{
	size_t i;

	if (!is_letter(s[0]))
		return false;
	for (i = 0; s[i] != '\0'; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '-')
			return false;
	return i <= FORWARDER_NAME;
}

bool
forwarder_is_address(const char *host)
{
	struct in6_addr a;

	return inet_pton(AF_INET, host, &a) == 1 ||
	    inet_pton(AF_INET6, host, &a) == 1;
}

/* RFC 1123 2.1, and the underscore that some networks have. */
static bool
is_host_name(const char *s)
{
	size_t i, label = 0;
	bool all_digits = true;

	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] == '.') {
			if (label == 0 || s[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if ((!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '_' &&
		    (s[i] != '-' || label == 0)) || ++label > 63)
			return false;
		if (!is_digit(s[i]))
			all_digits = false;
	}
	return i > 0 && s[i - 1] != '-' && !all_digits;
}

/* Where the port begins, and the end of the host: "h", "h:1", "[::1]:1",
   "::1".  NULL: a bracket is missing. */
static const char *
split(const char *s, size_t n, const char **host, size_t *len)
{
	const char *end = s + n, *colon = memchr(s, ':', n), *p;

	*host = s;
	*len = n;
	if (n > 0 && *s == '[') {
		if ((p = memchr(s, ']', n)) == NULL ||
		    (p + 1 < end && p[1] != ':'))
			return NULL;
		*host = s + 1;
		*len = p - s - 1;
		return p + 1;
	}
	if (colon == NULL || memchr(colon + 1, ':', end - colon - 1) != NULL)
		return end;
	*len = colon - s;
	return colon;
}

static int
endpoint(struct endpoint *e, const char *s, size_t n, const char **why)
{
	const char *host, *end = s + n, *port;
	struct in6_addr a;
	uint64_t number;
	size_t len;

	if ((port = split(s, n, &host, &len)) == NULL) {
		*why = "expected [ADDRESS] or [ADDRESS]:PORT";
		return -1;
	}
	if (len > FORWARDER_HOST) {
		*why = "a host's name has at most 253 characters";
		return -1;
	}
	memcpy(e->host, host, len);
	e->host[len] = '\0';
	if (*s == '[' ? inet_pton(AF_INET6, e->host, &a) != 1 :
	    !forwarder_is_address(e->host) && !is_host_name(e->host)) {
		*why = "expected a host's name or address";
		return -1;
	}
	if (port == end)
		return 0;
	if (number_parse(port + 1, end - port - 1, 65535, &number) < 0 ||
	    number == 0) {
		*why = "expected a port, 1 to 65535, after the colon";
		return -1;
	}
	e->port = number;
	return 0;
}

int
forwarder_target(struct forwarder *f, const char *s, const char **why)
{
	size_t n;

	for (f->nto = 0;; s += n + 1) {
		n = strcspn(s, ",");
		if (f->nto == f->kind->endpoints) {
			*why = f->nto == 1 ? "expected one host, not several" :
			    "too many hosts";
			return -1;
		}
		f->to[f->nto].port = f->kind->port;
		if (endpoint(&f->to[f->nto++], s, n, why) < 0)
			return -1;
		if (s[n] == '\0')
			return 0;
	}
}

void
forwarder_endpoint(struct buf *b, const struct endpoint *e)
{
	bool v6 = strchr(e->host, ':') != NULL;

	buf_addf(b, v6 ? "[%s]:%u" : "%s:%u", e->host, e->port);
}
