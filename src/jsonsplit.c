/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of JSON in pieces; see jsonsplit.h. */
#include "jsonsplit.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "jsonstep.h"

#define CHUNK	(64 << 10)

/* A byte of the stream, and its line. */
struct place {
	uint64_t offset, line, line_start;
};

enum mode {
	MODE_READ,
	MODE_SEEK,		/* for a line that begins with { */
	MODE_SKIP,		/* to the bracket that ends a damaged value */
};

struct jsonsplit {
	gzFile z;
	int code;		/* of zlib: the first that was not Z_OK */
	struct jsonstep step;
	enum mode mode;
	unsigned open;		/* MODE_SKIP: brackets of either kind, */
	bool quoted, escaped;	/* and the byte is in a string */
	bool seen;		/* anything but blanks */
	bool eof, ended;
	struct place here, value;
	size_t have;
	uint64_t base;		/* offset of text[0] */
	uint64_t again;		/* bytes that were looked at twice */
	char why[128];
	char text[JSONSPLIT_SIZE + CHUNK];
};

struct jsonsplit *
jsonsplit_open(const char *path)
{
	struct jsonsplit *s = malloc(sizeof(*s));
	struct stat st;
	int fd;

	if (s == NULL)
		return NULL;
	memset(s, 0, offsetof(struct jsonsplit, text));
	s->here.line = 1;
	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		goto fail;
	errno = EISDIR;
	if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode))
		goto fail;
	errno = ENOMEM;
	if ((s->z = gzdopen(fd, "rb")) == NULL)
		goto fail;
	return s;
fail:
	if (fd >= 0)
		close(fd);
	free(s);
	return NULL;
}

void
jsonsplit_close(struct jsonsplit *s)
{
	if (s == NULL)
		return;
	gzclose_r(s->z);
	free(s);
}

/* Bytes, 0 or -1.  Of a file that is cut off zlib 1.3.2 says so beside its last
   bytes and at the next call no more, older ones both times. */
static int
read_some(struct jsonsplit *s)
{
	int n = gzread(s->z, s->text + s->have, CHUNK);

	if (s->code == Z_OK)
		gzerror(s->z, &s->code);
	return n;
}

static int
read_error(struct jsonsplit *s)
{
	const int code = s->code;

	if (code == Z_OK)
		return 0;
	snprintf(s->why, sizeof(s->why), "%s", code == Z_ERRNO ?
	    strerror(errno) : code == Z_BUF_ERROR ?
	    "the gzip file is cut off" : "the gzip file is damaged");
	return -1;
}

/* 1: *c is the byte here; 0: the end; -1: why. */
static int
look(struct jsonsplit *s, char *c)
{
	uint64_t from = s->step.in_value ? s->value.offset : s->here.offset;
	int n;

	if (s->here.offset == s->base + s->have) {
		if (s->eof)
			return 0;
		/* What lies before is not needed any more. */
		s->have -= from - s->base;
		memmove(s->text, s->text + (from - s->base), s->have);
		s->base = from;
		n = read_some(s);
		if (n <= 0) {
			s->eof = true;
			return read_error(s);
		}
		s->have += n;
	}
	*c = s->text[s->here.offset - s->base];
	return 1;
}

static void
step_over(struct jsonsplit *s, char c)
{
	s->here.offset++;
	if (c == '\n') {
		s->here.line++;
		s->here.line_start = s->here.offset;
	}
}

static uint64_t
column(const struct place *p)
{
	return p->offset - p->line_start + 1;
}

static int
damage(const struct jsonsplit *s, struct jsonsplit_value *v)
{
	*v = (struct jsonsplit_value){
		.inside = s->step.in_value,
		.first_line = s->step.in_value ? s->value.line : s->here.line,
		.line = s->here.line,
		.column = column(&s->here),
		.why = s->why,
	};
	return -1;
}

/*
 * In a stream of lines, what follows a damaged value is on the next line that
 * begins with {, and may have been read already as a part of it.  But a file
 * that is made to be damaged all over is not to take for ever.
 */
static bool
can_go_back(struct jsonsplit *s)
{
	uint64_t n = s->here.offset - s->value.offset;

	if (!s->step.in_value || column(&s->value) != 1 ||
	    s->again + n > s->here.offset + JSONSPLIT_SIZE)
		return false;
	s->again += n;
	return true;
}

/*
 * Where to go on, after damage here.  An element of a list: a new object
 * where a name should be says that brackets of the one before are missing;
 * else it ends with its own bracket.  Between values: an object where a comma
 * is missing.  Else it is the next line that begins with {.
 */
static void
recover(struct jsonsplit *s, char c)
{
	struct jsonstep *m = &s->step;
	bool element = m->in_value && m->outside > 0;

	s->mode = MODE_READ;
	if (element && c == '{' && m->state == STEP_NAME)
		jsonstep_leave(m, m->outside, STEP_VALUE);
	else if (element) {
		s->mode = MODE_SKIP;
		s->open = 0;
		s->quoted = s->escaped = false;
		s->here = s->value;
		jsonstep_leave(m, m->outside, STEP_AFTER);
	} else if (!m->in_value && m->depth > 0 && c == '{' &&
	    m->state == STEP_AFTER && m->level[m->depth].close == ']')
		jsonstep_leave(m, m->depth, STEP_VALUE);
	else {
		s->mode = MODE_SEEK;
		if (can_go_back(s)) {
			s->here = s->value;
			step_over(s, '{');
		}
		jsonstep_leave(m, 0, STEP_VALUE);
	}
}

/* What is here instead, for people. */
static void
name_found(const struct jsonsplit *s, bool end, char c, char *to, size_t size)
{
	const struct jsonstep_word *w = &s->step.word;
	unsigned char u = c;

	if (s->here.offset == 0 && (u == 0xff || u == 0xfe))
		snprintf(to, size, "UTF-16");
	else if (s->step.state == STEP_LITERAL && w->n < sizeof(w->s))
		snprintf(to, size, "\"%s\"", w->s);
	else if (end)
		snprintf(to, size, "the end of the file");
	else if (u == '\n')
		snprintf(to, size, "the end of the line");
	else if (u == '"')
		snprintf(to, size, "a quote");
	else if (u > ' ' && u < 0x7f)
		snprintf(to, size, "\"%c\"", u);
	else
		snprintf(to, size, "byte 0x%02x", u);
}

static int
bad(struct jsonsplit *s, struct jsonsplit_value *v, bool end, char c)
{
	char found[64];

	name_found(s, end, c, found, sizeof(found));
	snprintf(s->why, sizeof(s->why), "expected %s, found %s",
	    s->step.expected, found);
	damage(s, v);
	if (s->step.state == STEP_LITERAL)
		v->column -= s->step.word.n;
	recover(s, end ? '\0' : c);
	return -1;
}

static int
too_long(struct jsonsplit *s, struct jsonsplit_value *v)
{
	snprintf(s->why, sizeof(s->why),
	    "expected at most %d bytes of a finding", JSONSPLIT_SIZE);
	damage(s, v);
	recover(s, '\0');
	return -1;
}

/* True at the byte where reading goes on. */
static bool
found_again(struct jsonsplit *s, char c)
{
	if (s->mode == MODE_SEEK)
		return c == '{' && column(&s->here) == 1;
	if (s->quoted) {
		/* No string goes over the end of a line. */
		s->quoted = c != '\n' && (c != '"' || s->escaped);
		s->escaped = c == '\\' && !s->escaped;
	} else if (c == '"')
		s->quoted = true;
	else if (c == '{' || c == '[')
		s->open++;
	else if (s->open == 0)
		return c == ',' || c == ']' || c == '}';
	else if (c == '}' || c == ']')
		s->open--;
	return false;
}

static int
hand_out(struct jsonsplit *s, struct jsonsplit_value *v)
{
	*v = (struct jsonsplit_value){
		.text = s->text + (s->value.offset - s->base),
		.n = s->here.offset - s->value.offset,
		.first_line = s->value.line,
	};
	return 1;
}

static int
at_end(struct jsonsplit *s, struct jsonsplit_value *v)
{
	if (s->mode != MODE_READ) {
		s->ended = true;
		return 0;
	}
	if (!s->seen) {
		s->seen = true;
		s->step.expected = "JSON";
		return bad(s, v, true, '\0');
	}
	switch (jsonstep_end(&s->step)) {
	case JSONSTEP_BEFORE:
		return hand_out(s, v);
	case JSONSTEP_BAD:
		return bad(s, v, true, '\0');
	default:
		s->ended = true;
		return 0;
	}
}

/* The mark that some write before UTF-8. */
static bool
is_bom(const struct jsonsplit *s, char c)
{
	return s->here.offset < 3 && c == "\xef\xbb\xbf"[s->here.offset];
}

/* One byte: as jsonsplit_next, or 2: nothing yet. */
static int
read_byte(struct jsonsplit *s, struct jsonsplit_value *v, char c)
{
	enum jsonstep_result r = JSONSTEP_MORE;

	if (!is_bom(s, c)) {
		s->seen |= memchr(" \t\r\n", c, 4) == NULL;
		r = jsonstep(&s->step, c);
	}
	if (r == JSONSTEP_BAD)
		return bad(s, v, false, c);
	if (r == JSONSTEP_BEGIN)
		s->value = s->here;
	if (r == JSONSTEP_BEFORE)
		return hand_out(s, v);
	step_over(s, c);
	if (r == JSONSTEP_END)
		return hand_out(s, v);
	if (s->step.in_value &&
	    s->here.offset - s->value.offset > JSONSPLIT_SIZE)
		return too_long(s, v);
	return 2;
}

int
jsonsplit_next(struct jsonsplit *s, struct jsonsplit_value *v)
{
	char c;
	int rc;

	while (!s->ended) {
		if ((rc = look(s, &c)) < 0) {
			s->ended = true;
			return damage(s, v);
		}
		if (rc == 0) {
			if ((rc = at_end(s, v)) != 0)
				return rc;
			continue;
		}
		if (s->mode != MODE_READ) {
			if (found_again(s, c))
				s->mode = MODE_READ;
			else
				step_over(s, c);
			continue;
		}
		if ((rc = read_byte(s, v, c)) != 2)
			return rc;
	}
	return 0;
}
