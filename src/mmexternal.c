/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of rsyslog's mmexternal; see mmexternal.h. */
#include "mmexternal.h"

#include <sys/uio.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST	(64 << 10)

struct lines {
	char *p;
	size_t size, have;	/* have bytes are in p */
	size_t looked;		/* of these: without a newline */
	bool skipping;		/* inside a line that is too long */
};

static int
write_all(int fd, struct iovec *v, int n)
{
	ssize_t done;

	while (n > 0) {
		if ((done = writev(fd, v, n)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		for (; n > 0 && (size_t)done >= v->iov_len; v++, n--)
			done -= v->iov_len;
		if (n > 0) {
			v->iov_base = (char *)v->iov_base + done;
			v->iov_len -= done;
		}
	}
	return 0;
}

static int
reply(int out, const char *json)
{
	struct iovec v[2];

	if (json == NULL)
		json = MMEXTERNAL_NOTHING;
	v[0] = (struct iovec){ (char *)json, strlen(json) };
	v[1] = (struct iovec){ "\n", 1 };
	return write_all(out, v, 2);
}

/* Room for more; a line that would need too much is skipped. */
static int
make_room(struct lines *l)
{
	size_t size = l->size == 0 ? FIRST : 2 * l->size;
	char *p;

	if (l->have < l->size)
		return 0;
	if (l->size < MMEXTERNAL_LINE &&
	    (p = realloc(l->p, size)) != NULL) {
		l->p = p;
		l->size = size;
		return 0;
	}
	if (l->size == 0)
		return -1;
	l->skipping = true;
	l->have = l->looked = 0;
	return 0;
}

/* Answers the whole lines that are there, and keeps the rest. */
static int
answer_lines(struct lines *l, int out, mmexternal_answer *answer, void *arg)
{
	char *line = l->p, *end = l->p + l->have, *nl;

	while ((nl = memchr(line + l->looked, '\n',
	    end - line - l->looked)) != NULL) {
		if (reply(out, l->skipping ? NULL :
		    answer(arg, line, nl - line)) < 0)
			return -1;
		l->skipping = false;
		l->looked = 0;
		line = nl + 1;
	}
	l->have = l->looked = end - line;
	memmove(l->p, line, l->have);
	return 0;
}

static int
run(struct lines *l, int in, int out, mmexternal_answer *answer, void *arg)
{
	ssize_t n;

	for (;;) {
		if (make_room(l) < 0)
			return -1;
		if ((n = read(in, l->p + l->have, l->size - l->have)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0)
			break;
		l->have += n;
		if (answer_lines(l, out, answer, arg) < 0)
			return -1;
	}
	/* The last one without its newline. */
	if (l->have == 0 && !l->skipping)
		return 0;
	return reply(out, l->skipping ? NULL : answer(arg, l->p, l->have));
}

int
mmexternal_run(int in, int out, mmexternal_answer *answer, void *arg)
{
	struct lines l = { NULL, 0, 0, 0, false };
	int rc = run(&l, in, out, answer, arg);
	int error = errno;

	free(l.p);
	errno = error;
	return rc;
}
