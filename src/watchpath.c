/* SPDX-License-Identifier: BSD-2-Clause */
/* See watchpath.h. */
#include "watchpath.h"

#include <stdlib.h>
#include <string.h>

const char *const watchpath_default[] = {
	"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-",
	"/etc/sudoers", "/etc/sudoers.d", "/etc/pam.conf", "/etc/pam.d",
	"/etc/security", "/usr/lib/*/security", "/etc/ssh", "/root/.ssh",
	"/home/*/.ssh", "/etc/crontab", "/etc/cron.d", "/etc/cron.hourly",
	"/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly",
	"/var/spool/cron", "/etc/systemd/system", "/run/systemd/system",
	"/usr/lib/systemd/system", "/usr/local/lib/systemd/system",
	"/etc/ld.so.preload", NULL
};

/* The next component; its length, 0 at the end. */
static size_t
component(const char **p, const char *end)
{
	const char *slash;

	while (*p < end && **p == '/')
		(*p)++;
	slash = memchr(*p, '/', end - *p);
	return (slash != NULL ? slash : end) - *p;
}

static bool
is(const char *p, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(p, word, n) == 0;
}

bool
watchpath_is(const char *s)
{
	const char *end = s + strlen(s);
	bool name = false;
	size_t n;

	if (*s != '/')
		return false;
	for (; (n = component(&s, end)) > 0; s += n) {
		if (is(s, n, ".") || is(s, n, ".."))
			return false;
		name = !is(s, n, "*");
		if (name && memchr(s, '*', n) != NULL)
			return false;
	}
	return name;
}

bool
watchpath_has(const char *watched, const char *path, size_t n)
{
	const char *wend = watched + strlen(watched), *end = path + n;
	size_t a, b;

	while ((a = component(&watched, wend)) > 0) {
		b = component(&path, end);
		if (b == 0 || (!is(watched, a, "*") &&
		    (a != b || memcmp(watched, path, a) != 0)))
			return false;
		watched += a;
		path += b;
	}
	return true;
}

static void
put(char to[WATCH_NAME], const char *p, size_t n)
{
	memset(to, 0, WATCH_NAME);
	memcpy(to, p, n < WATCH_NAME ? n : WATCH_NAME - 1);
}

void
watchpath_key(const char *s, struct watch_key *key)
{
	const char *end = s + strlen(s);
	size_t n;

	put(key->name, "/", 1);
	for (; (n = component(&s, end)) > 0; s += n) {
		memcpy(key->parent, key->name, WATCH_NAME);
		put(key->name, s, is(s, n, "*") ? 0 : n);
	}
}

char *
watchpath_real(const char *watched)
{
	char *real;

	if (strchr(watched, '*') != NULL)
		return NULL;
	real = realpath(watched, NULL);
	if (real == NULL || (strcmp(real, watched) != 0 && watchpath_is(real)))
		return real;
	free(real);
	return NULL;
}

void
watchpath_tidy(char *path, size_t *len)
{
	const char *p = path, *end = path + *len;
	size_t n, out = 0;

	for (; (n = component(&p, end)) > 0; p += n) {
		if (is(p, n, "."))
			continue;
		if (is(p, n, "..")) {
			while (out > 0 && path[--out] != '/')
				;
			continue;
		}
		path[out++] = '/';
		memmove(path + out, p, n);
		out += n;
	}
	if (out == 0 && *len > 0)
		path[out++] = '/';
	*len = out;
}
