/* SPDX-License-Identifier: BSD-2-Clause */
/* The one place where messages go at a time; see target.h. */
#include "target.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "ingest.h"
#include "log.h"
#include "outfile.h"

#define GRACE_MS	10000	/* how long "auto" waits for the socket */

enum kind { UNDECIDED, SOCKET, OUTFILE, STDOUT };

struct target {
	const struct conf *conf;
	enum kind kind;
	bool automatic;		/* file -> socket, when it is there */
	bool said_old, said_none;
	int64_t opened_ms;
	struct ingest *ingest;	/* NULL: the file or stdout was asked for */
	struct outfile *out;	/* NULL: not now */
	char name[PATH_MAX + 16];
};

const char *
target_place(const struct target *t)
{
	switch (t->kind) {
	case OUTFILE:
		return t->conf->file;
	case STDOUT:
		return "standard output";
	case UNDECIDED:
	case SOCKET:
		break;
	}
	return t->conf->socket;
}

const char *
target_name(const struct target *t)
{
	return t->name;
}

static void
become(struct target *t, enum kind kind)
{
	static const char *const name[] = { "waiting", "socket", "file" };

	t->kind = kind;
	if (kind == STDOUT)
		strcpy(t->name, "stdout");
	else
		snprintf(t->name, sizeof(t->name), "%s:%s", name[kind],
		    target_place(t));
}

static int
go_to_file(struct target *t)
{
	size_t cut;

	t->out = outfile_open(t->conf->file, &cut);
	if (t->out == NULL)
		return -1;
	if (cut > 0)
		log_warn("%s: removed half a line (%zu bytes) at its end",
		    t->conf->file, cut);
	become(t, OUTFILE);
	return 0;
}

static void
go_to_socket(struct target *t)
{
	outfile_close(t->out);
	t->out = NULL;
	become(t, SOCKET);
}

int
target_decide(struct target *t, bool at_once)
{
	if (t->kind != UNDECIDED)
		return 0;
	if (ingest_connect(t->ingest) == 0) {
		go_to_socket(t);
		return 0;
	}
	if (!at_once && clock_ms() - t->opened_ms < GRACE_MS)
		return -1;
	if (go_to_file(t) == -1) {
		if (!t->said_none)
			log_warn("%s: no rsyslog there; %s: %s; messages wait",
			    t->conf->socket, t->conf->file, strerror(errno));
		t->said_none = true;
		return -1;
	}
	log_info("%s: no rsyslog there, messages go to %s", t->conf->socket,
	    t->conf->file);
	return 0;
}

bool
target_decided(const struct target *t)
{
	return t->kind != UNDECIDED;
}

static bool
directory_there(const char *path)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", path);
	return access(dirname(dir), F_OK) == 0;
}

static int
open_socket(struct target *t)
{
	t->ingest = ingest_open(t->conf->socket);
	if (t->ingest == NULL)
		return -1;
	if (strcmp(t->conf->target, "socket") == 0 ||
	    ingest_connect(t->ingest) == 0) {
		become(t, SOCKET);
		return 0;
	}
	t->automatic = true;
	outfile_prepare(t->conf->file, t->conf->user);
	become(t, UNDECIDED);
	target_decide(t, !directory_there(t->conf->socket));
	return 0;
}

static int
open_any(struct target *t, bool to_stdout)
{
	if (to_stdout) {
		become(t, STDOUT);
		t->out = outfile_stdout();
		return t->out == NULL ? -1 : 0;
	}
	if (strcmp(t->conf->target, "file") == 0) {
		outfile_prepare(t->conf->file, t->conf->user);
		return go_to_file(t);
	}
	return open_socket(t);
}

struct target *
target_open(const struct conf *conf, bool to_stdout)
{
	struct target *t = calloc(1, sizeof(*t));
	int error;

	if (t == NULL)
		return NULL;
	t->conf = conf;
	t->opened_ms = clock_ms();
	if (open_any(t, to_stdout) == 0)
		return t;
	error = errno;
	target_close(t);
	errno = error;
	return NULL;
}

enum put
target_put(struct target *t, const char *msg, size_t len)
{
	switch (t->kind) {
	case SOCKET:
		return ingest_put(t->ingest, msg, len);
	case OUTFILE:
	case STDOUT:
		return outfile_put(t->out, msg, len);
	case UNDECIDED:
		break;
	}
	errno = ENOENT;
	return PUT_RETRY;
}

bool
target_forgets(const struct target *t)
{
	return t->kind == SOCKET;
}

size_t
target_unread(struct target *t)
{
	return ingest_unread(t->ingest);
}

size_t
target_unread_maybe(const struct target *t)
{
	return ingest_unread_maybe(t->ingest);
}

int
target_fd(const struct target *t)
{
	if (t->out != NULL)
		return outfile_fd(t->out);
	return t->kind == SOCKET ? ingest_fd(t->ingest) : -1;
}

void
target_reopen(struct target *t)
{
	if (t->kind != OUTFILE)
		return;
	if (outfile_reopen(t->out) != -1) {
		t->said_old = false;
		return;
	}
	if (!t->said_old)
		log_warn("%s: %s; messages go on into the old file",
		    t->conf->file, strerror(errno));
	t->said_old = true;
}

void
target_tick(struct target *t, bool stuck)
{
	if (t->kind == SOCKET && stuck && ingest_replaced(t->ingest))
		ingest_leave(t->ingest);
	if (t->kind != OUTFILE)
		return;
	target_reopen(t);
	if (t->automatic && ingest_connect(t->ingest) == 0) {
		log_info("%s: rsyslog is there, messages go to it from now on",
		    t->conf->socket);
		go_to_socket(t);
	}
}

bool
target_watch(const struct target *t)
{
	return t->kind == OUTFILE;
}

void
target_close(struct target *t)
{
	if (t == NULL)
		return;
	ingest_close(t->ingest);
	outfile_close(t->out);
	free(t);
}
