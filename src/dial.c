/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the control socket; see dial.h. */
#include "dial.h"

#include <errno.h>
#include <json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define DIRECTORY	RUNSTATEDIR "/pidtreed/watch"

struct dial {
	int fd;
	size_t len, from;
	char in[DIAL_LINE];
};

const char *
dial_path(const char *instance, char *mem, size_t size)
{
	int n = snprintf(mem, size, DIRECTORY "/%s", instance);

	if (n > 0 && (size_t)n < size && *instance != '\0' &&
	    strchr(instance, '/') == NULL)
		return mem;
	log_error("--instance %s: expected 1 to 32 of letters, digits, - "
	    "and _", instance);
	return NULL;
}

static void
say_why(const char *path)
{
	if (errno == EACCES || errno == EPERM)
		log_error("%s: permission denied: root and the members of "
		    "group adm may watch", path);
	else if (errno == ENOENT || errno == ECONNREFUSED)
		log_error("%s: no collector is there; is pidtreed running?",
		    path);
	else
		log_error("%s: %s", path, strerror(errno));
}

static struct dial *
dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct dial *d;
	int error;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	strcpy(addr.sun_path, path);
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return NULL;
	d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (d->fd != -1 && connect(d->fd, (const struct sockaddr *)&addr,
	    sizeof(addr)) == 0)
		return d;
	error = errno;
	dial_close(d);
	errno = error;
	return NULL;
}

static struct fjson_object *
request(const char *name, const char *member, const char *value)
{
	struct fjson_object *o = fjson_object_new_object();

	if (o == NULL)
		return NULL;
	fjson_object_object_add(o, "do", fjson_object_new_string(name));
	if (member != NULL)
		fjson_object_object_add(o, member,
		    fjson_object_new_string(value));
	return o;
}

static int
say(struct dial *d, struct fjson_object *o)
{
	const char *s = fjson_object_to_json_string_ext(o,
	    FJSON_TO_STRING_PLAIN);
	size_t n = s == NULL ? 0 : strlen(s);
	struct iovec part[2] = { { (char *)s, n }, { "\n", 1 } };
	struct msghdr m = { .msg_iov = part, .msg_iovlen = 2 };

	if (n == 0) {
		errno = ENOMEM;
		return -1;
	}
	/* A line is short enough for the socket's buffer. */
	return sendmsg(d->fd, &m, MSG_NOSIGNAL) == (ssize_t)n + 1 ? 0 : -1;
}

/* Who is there says so first; or why he does not talk to us.  One that is
   about to end says nothing.  0 or errno. */
static int
greeting(struct dial *d, const char *path, bool quiet)
{
	struct fjson_object *o = dial_next(d, false);
	int rc = o != NULL ? 0 : errno == 0 ? ECONNREFUSED : errno;

	if (dial_error(o) != NULL) {
		log_error("%s: %s", path, dial_error(o));
		rc = EPROTO;
	} else if (rc != 0 && (!quiet || rc != ECONNREFUSED))
		log_error("%s: %s", path, rc == ECONNREFUSED ?
		    "the collector has closed it" : strerror(rc));
	fjson_object_put(o);
	return rc;
}

struct dial *
dial_ask(const char *path, const char *name, const char *member,
    const char *value, bool quiet)
{
	struct dial *d = dial(path);
	struct fjson_object *o;
	int rc;

	if (d == NULL) {
		if (!quiet || (errno != ENOENT && errno != ECONNREFUSED))
			say_why(path);
		return NULL;
	}
	o = request(name, member, value);
	rc = greeting(d, path, quiet);
	if (rc == 0 && say(d, o) == -1) {
		rc = errno == EPIPE ? ECONNREFUSED : errno;
		if (!quiet || rc != ECONNREFUSED)
			log_error("%s: %s", path, strerror(rc));
	}
	fjson_object_put(o);
	if (rc == 0)
		return d;
	dial_close(d);
	errno = rc;
	return NULL;
}

static struct fjson_object *
parse(const char *s, size_t n)
{
	struct fjson_tokener *t = fjson_tokener_new();
	struct fjson_object *o;

	if (t == NULL)
		return NULL;
	o = fjson_tokener_parse_ex(t, s, n);
	if (fjson_tokener_get_error(t) != fjson_tokener_success ||
	    !fjson_object_is_type(o, fjson_type_object)) {
		fjson_object_put(o);
		o = NULL;
		errno = EPROTO;
	}
	fjson_tokener_free(t);
	return o;
}

/* Reads more; false with errno, 0 at the end. */
static bool
more(struct dial *d, bool patient)
{
	struct pollfd p = { .fd = d->fd, .events = POLLIN };
	ssize_t n;

	memmove(d->in, d->in + d->from, d->len - d->from);
	d->len -= d->from;
	d->from = 0;
	if (d->len == sizeof(d->in)) {
		errno = EMSGSIZE;
		return false;
	}
	if (!patient && poll(&p, 1, DIAL_SECONDS * 1000) == 0) {
		errno = ETIMEDOUT;
		return false;
	}
	n = read(d->fd, d->in + d->len, sizeof(d->in) - d->len);
	if (n <= 0) {
		if (n == 0 || errno == ECONNRESET)
			errno = 0;
		return false;
	}
	d->len += n;
	return true;
}

struct fjson_object *
dial_next(struct dial *d, bool patient)
{
	char *line, *end;

	while ((end = memchr(d->in + d->from, '\n', d->len - d->from)) ==
	    NULL)
		if (!more(d, patient))
			return NULL;
	line = d->in + d->from;
	d->from = end + 1 - d->in;
	return parse(line, end - line);
}

bool
dial_waits(const struct dial *d)
{
	return memchr(d->in + d->from, '\n', d->len - d->from) != NULL;
}

const char *
dial_error(struct fjson_object *o)
{
	struct fjson_object *v = NULL;

	if (o == NULL || !fjson_object_object_get_ex(o, "error", &v))
		return NULL;
	return fjson_object_get_string(v);
}

void
dial_close(struct dial *d)
{
	if (d == NULL)
		return;
	if (d->fd != -1)
		close(d->fd);
	free(d);
}
