/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree forward test: a message that goes the way of all messages and can
   be found wherever they go. */
#include "config.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "forward_impl.h"
#include "log.h"
#include "option.h"
#include "rfc5424.h"

#define LOOK_BACK	(1 << 18)	/* bytes of the log, from its end */
#define PATIENCE	50		/* tenths of a second */

struct test {
	char id[32], host[RFC5424_HOSTNAME + 1];
	char line[RFC5424_MAX];
	size_t n;
	char tail[LOOK_BACK];	/* of the log */
};

static bool
compose(struct test *t)
{
	struct message m;
	struct timespec now;
	uint64_t id;
	char *p;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return false;
	snprintf(t->id, sizeof(t->id), "test-%016llx", (unsigned long long)id);
	if (gethostname(t->host, sizeof(t->host) - 1) < 0)
		t->host[0] = '\0';
	for (p = t->host; *p != '\0'; p++)	/* RFC 5424: PRINTUSASCII */
		if (*p <= ' ' || *p > '~')
			*p = '?';
	clock_gettime(CLOCK_REALTIME, &now);
	message_init(&m, MSG_TEST);
	m.time = now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
	m.hostname = (struct str){ t->host[0] == '\0' ? NULL : t->host,
	    strlen(t->host) };
	m.app = (struct str){ "pidtreed", strlen("pidtreed") };
	m.procid = getpid();
	m.externalid = (struct str){ t->id, strlen(t->id) };
	t->n = rfc5424_write(&m, t->line);
	return true;
}

static bool
deliver(const struct forward *f, const struct test *t)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, rc, e;

	errno = ENAMETOOLONG;
	if (strlen(f->socket) >= sizeof(addr.sun_path))
		return false;
	strcpy(addr.sun_path, f->socket);
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return false;
	rc = sendto(fd, t->line, t->n, MSG_DONTWAIT,
	    (const struct sockaddr *)&addr, sizeof(addr)) < 0 ? -1 : 0;
	e = errno;
	close(fd);
	errno = e;
	return rc == 0;
}

/* Is it near the end of the log? */
static bool
is_filed(const struct forward *f, struct test *t)
{
	int fd = open(f->log, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	off_t end;
	ssize_t n;

	if (fd < 0)
		return false;
	end = lseek(fd, 0, SEEK_END);
	n = pread(fd, t->tail, LOOK_BACK, end > LOOK_BACK ? end - LOOK_BACK :
	    0);
	close(fd);
	return n > 0 && memmem(t->tail, n, t->id, strlen(t->id)) != NULL;
}

static bool
wait_for(const struct forward *f, struct test *t)
{
	static const struct timespec tenth = { 0, 100000000 };
	int i;

	for (i = 0; !is_filed(f, t); i++) {
		if (i == PATIENCE) {
			log_error("%s: %s is not there after %d s", f->log,
			    t->id, PATIENCE / 10);
			return false;
		}
		nanosleep(&tenth, NULL);
	}
	return true;
}

int
forward_test(struct forward *f)
{
	struct test *t = calloc(1, sizeof(*t));
	int rc = EXIT_TROUBLE;

	if (t == NULL || !compose(t) || !deliver(f, t))
		log_error("%s: %s", f->socket, strerror(errno));
	else if (wait_for(f, t)) {
		printf("%s is in %s; look for it at the receiver\n", t->id,
		    f->log);
		rc = forward_status(f);
	}
	free(t);
	return rc;
}
