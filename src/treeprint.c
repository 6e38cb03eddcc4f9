/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection and the line of processes behind it; see treeprint.h. */
#define _GNU_SOURCE	/* memrchr */
#include "treeprint.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "headline.h"

#define MARGIN		2	/* columns before what belongs to a header */
#define CMD_LINES	4	/* of a command line, on a terminal */
#define CUT_NOTE	17	/* columns of "... (+12345 bytes)" */
#define DAY		INT64_C(86400000000)	/* us */

/* Of one message, so that its rows line up. */
struct layout {
	unsigned pid, user, born;	/* width of each column */
	unsigned step;			/* indentation of a generation */
	bool is_short;			/* a line for each process */
};

static bool
str_is(struct str a, struct str b)
{
	return a.s != NULL && b.s != NULL && a.n == b.n &&
	    memcmp(a.s, b.s, a.n) == 0;
}

static struct str
basename_of(struct str path)
{
	const char *slash = path.s == NULL ? NULL :
	    memrchr(path.s, '/', path.n);

	if (slash == NULL)
		return path;
	return (struct str){ slash + 1, path.s + path.n - slash - 1 };
}

/* Is NAME, or NAMEn for an ancestor, in "cmd,cmd2"? */
static bool
lists(struct str list, const char *name, int64_t dist)
{
	char mem[48];
	struct buf b;
	const char *p = list.s, *end, *comma;

	if (p == NULL)
		return false;
	buf_init(&b, mem, sizeof(mem));
	buf_adds(&b, name);
	if (dist > 0)
		buf_addu(&b, dist);
	for (end = p + list.n; p < end; p = comma + 1) {
		comma = memchr(p, ',', end - p);
		if (comma == NULL)
			comma = end;
		if ((size_t)(comma - p) == b.len &&
		    memcmp(p, b.p, b.len) == 0)
			return true;
	}
	return false;
}

/*
 * When a process was born, as seen from the message: the time; with the date
 * if that differs; the date alone if it is over half a year away.
 */
static void
born_text(struct buf *b, int64_t born, int64_t now)
{
	int64_t days = born / DAY - now / DAY;
	time_t s = born / 1000000;
	char text[32];
	struct tm tm;

	if (born == NUM_NONE || gmtime_r(&s, &tm) == NULL)
		return;
	strftime(text, sizeof(text), days == 0 ? "%H:%M:%S" :
	    days < -183 || days > 183 ? "%Y-%m-%d" : "%m-%d %H:%M:%S", &tm);
	buf_adds(b, text);
}

static void
mark(struct term *t, bool *first, const char *what)
{
	term_puts(t, *first ? "[" : ", ");
	*first = false;
	term_puts(t, what);
}

/* The first word of a command line that is quoted as for a shell. */
static struct str
first_word(struct str cmd)
{
	const char *p = cmd.s, *end;
	bool quoted = false, dollar = false;

	if (p == NULL)
		return cmd;
	for (end = p + cmd.n; p < end && (quoted || *p != ' '); p++) {
		if (*p == '\'') {
			dollar = !quoted && p > cmd.s && p[-1] == '$';
			quoted = !quoted;
		} else if (*p == '\\' && p + 1 < end && (dollar || !quoted))
			p++;
	}
	return (struct str){ cmd.s, p - cmd.s };
}

/* Is the process called otherwise than its file, script or first word? */
static bool
renamed(const struct generation *g, struct str argv0)
{
	struct str as[] = { basename_of(g->exe), basename_of(g->script),
	    basename_of(argv0) };
	size_t i;

	for (i = 0; i < sizeof(as) / sizeof(as[0]); i++) {
		if (as[i].n > COMM_LEN - 1)
			as[i].n = COMM_LEN - 1;
		if (str_is(as[i], g->comm))
			return false;
	}
	return g->comm.s != NULL && g->exe.s != NULL;
}

/* What is unusual about a process goes before its name: what a process
   calls itself cannot look like it there. */
static void
marks(struct term *t, const struct message *m, const struct generation *g,
    struct str argv0)
{
	bool first = true;

	term_style(t, STYLE_NOTE);
	if (g->state.s != NULL) {
		mark(t, &first, "");
		term_word(t, g->state);
	}
	if (g->euid != NUM_NONE) {
		mark(t, &first, "effective ");
		term_printf(t, "uid %" PRId64, g->euid);
	}
	if (g->egid != NUM_NONE) {
		mark(t, &first, "effective ");
		term_printf(t, "gid %" PRId64, g->egid);
	}
	if (g != &m->gen[0] && g->auid != NUM_NONE &&
	    g->auid != m->gen[0].auid) {
		mark(t, &first, "login ");
		headline_user(t, g->auser, g->auid);
	}
	if (renamed(g, argv0)) {
		mark(t, &first, "named ");
		term_word(t, g->comm);
	}
	if (g->script.s != NULL) {
		mark(t, &first, "script ");
		term_word(t, g->script);
	}
	if (lists(m->redacted, "cmd", g->dist))
		mark(t, &first, "redacted");
	if (lists(m->truncated, "exe", g->dist))
		mark(t, &first, "path shortened");
	if (g->cmdlen != NUM_NONE || lists(m->truncated, "cmd", g->dist))
		mark(t, &first, "arguments shortened");
	if (g->cmdlen != NUM_NONE)
		term_printf(t, " from %" PRId64 " bytes", g->cmdlen);
	if (!first)
		term_puts(t, "] ");
	term_style(t, STYLE_PLAIN);
}

/* Columns left on this line. */
static unsigned
room(const struct term *t)
{
	unsigned used = t->column + t->blanks + t->word_columns;

	return used < t->width ? t->width - used : 0;
}

/* As much of s as fits on this line. */
static void
put_rest(struct term *t, struct str s)
{
	unsigned have = room(t);

	if (term_columns(t, s) <= have)
		term_put(t, s);
	else if (have > CUT_NOTE + 4)
		term_put_cut(t, s, have - CUT_NOTE);
	else if (have >= 4)
		term_puts(t, " ...");
}

/* A path that is too long for this line loses its front. */
static void
put_path(struct term *t, struct str path)
{
	unsigned have = room(t);

	if (term_columns(t, path) + 2 > have && have >= 20 &&
	    path.n > have - 5) {
		path.s += path.n - (have - 5);
		path.n = have - 5;
		term_puts(t, "...");
	}
	term_word(t, path);
}

/* The same as below, in what is left of one line. */
static void
short_command(struct term *t, const struct message *m,
    const struct generation *g)
{
	struct str argv0 = first_word(g->cmd), rest = g->cmd;

	marks(t, m, g, argv0);
	if (g == &m->gen[0])
		term_style(t, STYLE_STRONG);
	if (g->exe.s != NULL)
		put_path(t, g->exe);
	else if (g->cmd.s == NULL)
		term_word(t, g->comm);
	if (g->exe.s != NULL && argv0.n != 0) {
		rest.s += argv0.n;
		rest.n -= argv0.n;
		if (!str_is(argv0, g->exe) && !str_is(argv0, g->script) &&
		    !str_is(argv0, basename_of(g->exe)) &&
		    term_columns(t, argv0) + 7 < room(t)) {
			term_puts(t, " (");
			term_put(t, argv0);
			term_puts(t, ")");
		}
	}
	term_style(t, STYLE_PLAIN);
	put_rest(t, rest);
}

/*
 * Executable and arguments; the name alone where neither is known.  The first
 * argument is in parentheses, and only if it is not the executable's name:
 * in arguments these are always quoted.
 */
static void
command(struct term *t, const struct message *m, const struct generation *g)
{
	unsigned columns = t->width == 0 ? 0 :
	    CMD_LINES * (t->width - t->indent);
	struct str argv0 = first_word(g->cmd), rest = g->cmd;

	marks(t, m, g, argv0);
	if (g == &m->gen[0])
		term_style(t, STYLE_STRONG);
	if (g->exe.s != NULL)
		term_word(t, g->exe);
	if (g->exe.s != NULL && argv0.n != 0) {
		rest.s += argv0.n;
		rest.n -= argv0.n;
		if (!str_is(argv0, g->exe) &&
		    !str_is(argv0, basename_of(g->exe))) {
			term_puts(t, " (");
			term_put_cut(t, argv0, columns / 2);
			term_puts(t, ")");
		}
	} else if (g->exe.s == NULL && g->cmd.s == NULL)
		term_word(t, g->comm);
	term_style(t, STYLE_PLAIN);
	term_put_cut(t, rest, columns);
}

/* Blanks, so that n columns end at the right edge of a column. */
static void
right(struct term *t, unsigned width, size_t n)
{
	while (n++ < width)
		term_puts(t, " ");
}

static void
row(struct term *t, const struct message *m, size_t i, const struct layout *l)
{
	unsigned level = (m->ngen - 1 - i) * l->step;
	/* On a terminal deeper generations stay in that column. */
	unsigned most = t->width == 0 ? level :
	    t->width / (l->is_short ? 10 : 5);
	const struct generation *g = &m->gen[i];
	unsigned start = MARGIN + l->pid + 1;
	char mem[40];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	if (g->pid != NUM_NONE)
		buf_addf(&b, "%" PRId64, g->pid);
	right(t, MARGIN + l->pid, b.len);
	term_put(t, (struct str){ b.p, b.len });
	term_puts(t, " ");
	headline_user(t, g->user, g->uid);
	term_pad(t, start + l->user + 1);
	buf_init(&b, mem, sizeof(mem));
	born_text(&b, g->born, m->time);
	right(t, l->born, b.len);
	term_style(t, STYLE_FAINT);
	term_put(t, (struct str){ b.p, b.len });
	right(t, (level < most ? level : most) + 1, 0);
	if (level > 0)
		term_puts(t, t->utf8 ? "\342\224\224 " : "`- ");
	term_style(t, STYLE_PLAIN);
	term_indent(t);
	if (l->is_short)
		short_command(t, m, g);
	else
		command(t, m, g);
	term_newline(t);
}

static unsigned
at_least(unsigned a, size_t b)
{
	return b > a ? b : a;
}

static void
measure(struct layout *l, const struct term *t, const struct message *m)
{
	char mem[40];
	struct buf b;
	size_t i;

	*l = (struct layout){ .pid = 5, .step = m->ngen > 12 ? 1 : 2 };
	for (i = 0; i < m->ngen; i++) {
		const struct generation *g = &m->gen[i];

		buf_init(&b, mem, sizeof(mem));
		buf_addf(&b, "%" PRId64, g->pid == NUM_NONE ? 0 : g->pid);
		l->pid = at_least(l->pid, b.len);
		buf_init(&b, mem, sizeof(mem));
		buf_addf(&b, "(%" PRId64 ")", g->uid == NUM_NONE ? 0 : g->uid);
		l->user = at_least(l->user, b.len +
		    (g->user.s == NULL ? 2 : term_columns(t, g->user)));
		buf_init(&b, mem, sizeof(mem));
		born_text(&b, g->born, m->time);
		l->born = at_least(l->born, b.len);
	}
	if (l->user > 24)
		l->user = 24;
}

static void
between(struct term *t, const struct layout *l, int64_t n)
{
	if (n < 1)
		return;
	right(t, MARGIN + l->pid, 0);
	term_style(t, STYLE_NOTE);
	term_printf(t, " ... %" PRId64 " processes between", n);
	term_style(t, STYLE_PLAIN);
	term_newline(t);
}

/* The outermost and the nearest that have room, if there is a limit. */
static void
tree(struct term *t, const struct message *m, bool is_short, size_t most)
{
	size_t i, near = most < 4 ? most : most - 2;
	struct layout l;

	measure(&l, t, m);
	l.is_short = is_short;
	if (is_short)
		l.step = 1;
	for (i = m->ngen; i-- > 0; ) {
		row(t, m, i, &l);
		if (i == 0)
			break;
		if (most != 0 && m->ngen > most && i == m->ngen - 1) {
			between(t, &l, m->gen[i].dist - m->gen[near - 1].dist -
			    1);
			i = near;
		} else
			between(t, &l, m->gen[i].dist - m->gen[i - 1].dist -
			    1);
	}
}

void
treeprint(struct term *t, const struct message *m)
{
	headline(t, m);
	headline_notes(t, m);
	tree(t, m, false, 0);
}

void
treeprint_short(struct term *t, const struct message *m, size_t most)
{
	tree(t, m, t->width != 0, t->width == 0 ? 0 : most);
}
