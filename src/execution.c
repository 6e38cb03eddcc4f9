/* SPDX-License-Identifier: BSD-2-Clause */
/* An execution out of an attempt; see execution.h. */
#include "execution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "image_text.h"
#include "filepath.h"
#include "kernel.h"
#include "redact.h"
#include "text.h"

struct execution {
	const struct conf *conf;
	const struct kernel *kernel;
	const struct filepath_host *host;
	unsigned char key[32];
	struct doing doing;		/* of the message in work */
	struct image_text *asked;
	char cwd[EXE_LEN + 8], root[EXE_LEN + 8], file[SCRIPT_LEN + 8];
	char traits[64];
	char inside[EXE_LEN + 8];
	char line[2 * ARGS_LEN];
};

struct execution *
execution_new(const struct conf *conf, const struct kernel *kernel,
    const struct filepath_host *host)
{
	struct execution *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->conf = conf;
	x->kernel = kernel;
	x->host = host;
	image_text_key(x->key);
	return x;
}

void
execution_set_conf(struct execution *x, const struct conf *conf)
{
	x->conf = conf;
}

static struct str
constant(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static void
places(struct execution *x, struct message *m)
{
	const struct doing *d = &x->doing;

	m->cwd = filepath_walked(x->cwd, sizeof(x->cwd), d->cwd, d->cwd_off,
	    d->flags & DOING_CWD_CUT);
	if (d->root_off < EXE_LEN)
		m->root = filepath_walked(x->root, sizeof(x->root), d->root,
		    d->root_off, d->flags & DOING_ROOT_CUT);
	if (d->mntns != 0 && d->mntns != x->host->mntns)
		m->mntns = d->mntns;
}

/* What failed was never an image; its arguments are made text like one's. */
static bool
asked(struct execution *x, struct message *m)
{
	const struct doing *d = &x->doing;
	struct image image = { .exe_off = EXE_LEN, .args_len = d->args_len,
	    .args_have = d->args_len };
	size_t n = strnlen(d->file, sizeof(d->file));

	snprintf(x->file, sizeof(x->file), "%.*s%s", (int)n, d->file,
	    d->flags & DOING_FILE_CUT ? "..." : "");
	if (n > 0)
		m->filepath = constant(x->file);
	if (d->flags & DOING_ARGS_CUT)
		m->argvcut = 1;
	memcpy(image.args, d->args, d->args_len);
	free(x->asked);
	x->asked = image_text_new(&image, x->conf, x->key);
	if (x->asked == NULL)
		return false;
	m->argv = x->asked->cmd;
	if (x->asked->cmdlen != NUM_NONE)
		m->argvcut = 1;
	return x->asked->redacted;
}

bool
execution_fill(struct execution *x, const struct attempt *a,
    int64_t offset_us, struct message *m)
{
	m->time = a->time / 1000 + offset_us;
	m->act = constant("exec");
	m->outcome = constant(a->err == 0 ? "success" : "failure");
	if (a->err != 0)
		m->reason = constant(text_errno(a->err));
	if (m->id == MSG_DIGEST) {
		m->start = m->time;
		m->time = m->end = a->decided / 1000 + offset_us;
		m->cnt = a->cnt;
	}
	if (kernel_doing(x->kernel, a->id, &x->doing) == -1) {
		x->doing.flags = 0;
		x->doing.inside_off = EXE_LEN;
		return false;
	}
	places(x, m);
	return a->err != 0 && asked(x, m);
}

/* Redacted as what a shell is given to run. */
static bool
redact_line(struct execution *x, const char *line, size_t n, struct buf *out)
{
	static const char shell[] = "sh\0-c";
	char args[sizeof(shell) + ARGS_LEN + 1], mem[3 * ARGS_LEN];
	const char *end, *s = mem;
	struct buf clean;
	bool redacted;

	memcpy(args, shell, sizeof(shell));
	memcpy(args + sizeof(shell), line, n);
	args[sizeof(shell) + n] = '\0';
	buf_init(&clean, mem, sizeof(mem));
	redacted = redact_args(x->conf->redact, args, sizeof(shell) + n + 1,
	    &clean);
	end = mem + clean.len;
	for (int i = 0; i < 2 && s < end; i++)
		s += strnlen(s, end - s) + 1;
	if (s < end)
		buf_add(out, s, strnlen(s, end - s));
	return redacted;
}

/* Of a word like A=secret, or a<<<secret, what is before that. */
static size_t
first_word(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && strchr(" \t=<>|;&()'\"`$\\", line[i]) == NULL)
		i++;
	return i;
}

bool
execution_fill_line(struct execution *x, const struct attempt *a,
    int64_t offset_us, struct message *m)
{
	const struct doing *d = &x->doing;
	bool redacted = false;
	struct buf b;
	size_t n;

	m->time = a->time / 1000 + offset_us;
	m->act = constant("type");
	if (kernel_doing(x->kernel, a->id, &x->doing) == -1)
		return false;
	places(x, m);
	n = strnlen(d->file, TTY_LEN);
	snprintf(x->file, sizeof(x->file), "%.*s", (int)n, d->file);
	if (n > 0)
		m->tty = constant(x->file);
	if (d->flags & DOING_ARGS_CUT)
		m->linecut = 1;
	if (d->args_len == 0 || x->conf->cmd == CMD_NONE)
		return false;
	n = strnlen(d->args, d->args_len);
	buf_init(&b, x->line, sizeof(x->line));
	if (x->conf->cmd == CMD_ARGV0)
		buf_add(&b, d->args, first_word(d->args, n));
	else if (x->conf->cmd == CMD_REDACTED)
		redacted = redact_line(x, d->args, n, &b);
	else
		buf_add(&b, d->args, n);
	m->line = (struct str){ b.p, b.len };
	return redacted;
}

static bool
begins(struct str s, const char *word)
{
	return s.n >= strlen(word) && memcmp(s.s, word, strlen(word)) == 0;
}

/* "/dev/fd/5" is the descriptor itself, "/dev/fd/5/x" is below it. */
static bool
descriptor(struct str s)
{
	return begins(s, "/dev/fd/") && memchr(s.s + 8, '/', s.n - 8) == NULL;
}

/* What the process calls its executable, and what it is called in its file
   system, where these are no end of its path. */
static void
other_paths(struct execution *x, struct message *m)
{
	static const struct str gone = { " (deleted)", 10 };
	const struct doing *d = &x->doing;
	struct str exe = m->gen[0].exe, inside;

	if (d->inside_off == 0 || d->inside_off >= EXE_LEN || exe.s == NULL)
		return;
	if (filepath_ends(exe, gone))
		exe.n -= gone.n;
	inside = filepath_walked(x->inside, sizeof(x->inside), d->args,
	    d->inside_off, d->flags & DOING_INSIDE_CUT);
	inside = filepath_on_host(inside, x->host);
	if (!filepath_ends(exe, inside))
		m->insidepath = inside;
	m->ownpath = filepath_below(exe, m->root);
}

void
execution_traits(struct execution *x, struct message *m)
{
	const uint32_t flags = x->doing.flags;
	bool failed = m->reason.n > 0;
	struct str none = { "", 0 };
	struct str exe = m->ngen > 0 && !failed ? m->gen[0].exe : none;
	struct str script = m->ngen > 0 && !failed ? m->gen[0].script : none;
	bool fd = flags & DOING_FD && (failed || descriptor(script));
	const struct {
		bool is;
		const char *name;
	} traits[] = {
		{ flags & DOING_SETUID, "setuid" },
		{ flags & DOING_SETGID, "setgid" },
		{ flags & DOING_SETCAP, "setcap" },
		{ fd, "fexecve" },
		{ (flags & DOING_FD && !fd) || flags & DOING_AT, "execveat" },
		{ begins(exe, "/memfd:"), "memfd" },
	};
	struct buf b;

	if (m->ngen > 0 && !failed)
		other_paths(x, m);
	buf_init(&b, x->traits, sizeof(x->traits));
	for (size_t i = 0; i < sizeof(traits) / sizeof(traits[0]); i++)
		if (traits[i].is)
			buf_addf(&b, "%s%s", b.len > 0 ? "," : "",
			    traits[i].name);
	if (b.len > 0)
		m->traits = (struct str){ b.p, b.len };
}

void
execution_free(struct execution *x)
{
	if (x == NULL)
		return;
	free(x->asked);
	free(x);
}
