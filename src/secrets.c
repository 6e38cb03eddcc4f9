/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Secrets that an option announces: `--password x`, `mysql -px`, `curl -u
 * user:x`, in arguments and in what a shell is given to run.  A cut command
 * line must not show what a whole one would have hidden; and where it is not
 * clear, hiding a harmless word is the lesser evil.
 */
#define _GNU_SOURCE		/* memmem, memrchr */
#include "secrets.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define DEPTH	4	/* sh -c "ssh x 'mysql ...'" */

enum {
	JOINED	= 1 << 0,	/* -pX, --opt=X */
	NEXT	= 1 << 1,	/* -p X */
	LOGIN	= 1 << 2,	/* behind the word `login` alone */
	FIRST	= 1 << 3,	/* until the first word that is no option */
};

/* Options that are secret in some programs alone. */
static const struct row {
	const char *program;	/* a '*' at its end: begins so */
	const char *option;
	int how;
	char sep;		/* the secret is what follows it */
} rows[] = {
	{ "mysql*", "-p", JOINED, 0 },
	{ "mariadb*", "-p", JOINED, 0 },
	{ "curl", "-u", JOINED | NEXT, ':' },
	{ "curl", "-U", JOINED | NEXT, ':' },
	{ "curl", "--user", JOINED | NEXT, ':' },
	{ "curl", "--proxy-user", JOINED | NEXT, ':' },
	{ "curl", "--oauth2-bearer", JOINED | NEXT, 0 },
	{ "http", "-a", JOINED | NEXT, ':' },
	{ "https", "-a", JOINED | NEXT, ':' },
	{ "http", "--auth", JOINED | NEXT, ':' },
	{ "https", "--auth", JOINED | NEXT, ':' },
	{ "sshpass", "-p", JOINED | NEXT | FIRST, 0 },
	{ "redis-cli", "-a", NEXT, 0 },
	{ "ldap*", "-w", JOINED | NEXT, 0 },
	{ "mongo*", "-p", NEXT, 0 },
	{ "smbclient", "-U", JOINED | NEXT, '%' },
	{ "docker", "-p", JOINED | NEXT | LOGIN, 0 },
	{ "podman", "-p", JOINED | NEXT | LOGIN, 0 },
	{ "nmcli", "password", NEXT, 0 },
	{ "aws", "aws_secret_access_key", NEXT, 0 },
	{ "aws", "aws_session_token", NEXT, 0 },
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

/* What the words so far say about the next one. */
struct context {
	const char *program;	/* its name, a row's */
	bool login;
	bool expected;		/* the next word is a secret, */
	char sep;		/* or what follows this in it */
	bool script;		/* the next word is for a shell */
	bool goes_on;		/* the secret of this word does */
};

static bool
is(const struct text *t, const struct word *w, const char *s)
{
	size_t n = strlen(s);

	return w->to - w->from == n && memcmp(t->s + w->from, s, n) == 0;
}

static bool
begins(const struct text *t, const struct word *w, const char *s)
{
	size_t n = strlen(s);

	return w->to - w->from >= n && memcmp(t->s + w->from, s, n) == 0;
}

static void
expect(struct context *c, char sep)
{
	c->expected = true;
	c->sep = sep;
}

/* The file name of a path. */
static struct word
basename_of(const struct text *t, struct word w)
{
	const char *slash = memrchr(t->s + w.from, '/', w.to - w.from);

	if (slash != NULL)
		w.from = slash + 1 - t->s;
	return w;
}

static void
look_for_program(const struct text *t, struct context *c, const struct word *w)
{
	struct word base = basename_of(t, *w);
	size_t i, n;

	for (i = 0; i < NROWS; i++) {
		n = strlen(rows[i].program);
		if (rows[i].program[n - 1] == '*' ?
		    base.to - base.from >= n - 1 &&
		    memcmp(t->s + base.from, rows[i].program, n - 1) == 0 :
		    is(t, &base, rows[i].program)) {
			c->program = rows[i].program;
			c->login = false;
			return;
		}
	}
	if (is(t, w, "login"))
		c->login = true;
	for (i = 0; i < NROWS && c->program != NULL; i++)
		if (rows[i].how & FIRST &&
		    strcmp(c->program, rows[i].program) == 0)
			c->program = NULL;
}

/* curl's letters without an argument may stand before: -su user:x. */
static size_t
cluster(const struct text *t, const struct row *row, const struct word *w)
{
	static const char letters[] = "0146#aBfgGijIkLlMnNOqRsSvVZJ";
	size_t i = w->from + 1;

	if (strcmp(row->program, "curl") == 0)
		while (i < w->to && memchr(letters, t->s[i],
		    sizeof(letters) - 1) != NULL)
			i++;
	return i - w->from - 1;
}

/* How many bytes of the word are this option; 0: it is another. */
static size_t
option_length(const struct text *t, const struct row *row,
    const struct word *w)
{
	const char *s = t->s + w->from;
	size_t n = strlen(row->option), k;

	if (n > 2)
		return begins(t, w, row->option) ? n : 0;
	if (*s != '-')
		return 0;
	k = cluster(t, row, w);
	return w->to - w->from >= 2 + k && s[1 + k] == row->option[1] ?
	    2 + k : 0;
}

/* Is the word this option?  Then the secret is marked or expected. */
static bool
take_option(struct text *t, struct context *c, const struct row *row,
    struct word w)
{
	size_t n = option_length(t, row, &w);

	if (n == 0)
		return false;
	if (w.to - w.from == n) {
		if (row->how & NEXT)
			expect(c, row->sep);
		return true;
	}
	if (strlen(row->option) > 2 && t->s[w.from + n++] != '=')
		return false;
	if (!(row->how & JOINED))
		return false;
	w.from += n;
	secrets_mark(t, w, row->sep);
	return true;
}

static bool
take_program_option(struct text *t, struct context *c, const struct word *w)
{
	size_t i;

	if (c->program == NULL)
		return false;
	for (i = 0; i < NROWS; i++)
		if (strcmp(c->program, rows[i].program) == 0 &&
		    (c->login || !(rows[i].how & LOGIN)) &&
		    take_option(t, c, &rows[i], *w))
			return true;
	return false;
}

/* --password, and not --no-password: what follows is the secret. */
static void
take_any_option(struct text *t, struct context *c, const struct word *w)
{
	static const char *const flags[] = { "no-", "ask-", "prompt-",
	    "with-" };
	const char *s = t->s + w->from, *end = t->s + w->to;
	bool two = begins(t, w, "--"), part;
	size_t i, n;

	while (s < end && *s == '-')
		s++;
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		n = strlen(flags[i]);
		if ((size_t)(end - s) >= n && strncasecmp(s, flags[i], n) == 0)
			return;
	}
	/* -pass is two passes to some, a pass phrase to others. */
	if (memchr(s, '=', end - s) == NULL && secrets_name(s, end, &part) &&
	    (two || !part))
		expect(c, 0);
}

/* -c, -lc, -ec: what follows is for a shell. */
static bool
is_script_option(const struct text *t, const struct word *w)
{
	size_t i;

	if (w->to - w->from < 2 || t->s[w->from] != '-' ||
	    t->s[w->to - 1] != 'c')
		return false;
	for (i = w->from + 1; i < w->to; i++)
		if (!islower((unsigned char)t->s[i]))
			return false;
	return true;
}

static bool
has_blank(const struct text *t, const struct word *w)
{
	size_t i;

	for (i = w->from; i < w->to; i++)
		if (isspace((unsigned char)t->s[i]))
			return true;
	return false;
}

static void find_in_script(struct text *, struct word, int depth);

/* An option's value looks like an option if it begins with '-': then the
   option had none. */
static bool
take_expected(struct text *t, struct context *c, const struct word *w)
{
	bool option = t->s[w->from] == '-' && w->to - w->from > 1;

	if (!c->expected)
		return false;
	c->expected = false;
	if (option)
		return false;
	secrets_mark(t, *w, c->sep);
	return true;
}

static void
take_word(struct text *t, struct context *c, struct word w, int depth)
{
	if (depth > 0)
		secrets_unquote(t, &w);
	if (w.from == w.to) {
		c->expected = false;
		return;
	}
	w.script = depth > 0 || c->script;
	w.whole = !w.script;
	if (c->goes_on)
		secrets_mark(t, w, 0);
	else if (!take_expected(t, c, &w) &&
	    !take_program_option(t, c, &w)) {
		if (t->s[w.from] == '-')
			take_any_option(t, c, &w);
		else
			look_for_program(t, c, &w);
	}
	if (begins(t, &w, "pass:"))		/* openssl -passin pass:x */
		secrets_mark(t, w, ':');
	if (depth > 0)
		secrets_in_assignment(t, w);
	else
		c->goes_on = secrets_in_word(t, &w) || (c->goes_on &&
		    memmem(t->s + w.from, w.to - w.from, "-----END", 8) ==
		    NULL);
	if (depth < DEPTH && has_blank(t, &w))
		find_in_script(t, w, depth + 1);
	c->script = is_script_option(t, &w);
}

/* The end of the word that begins at i: blanks and operators end it unless
   they are quoted.  A quote without end is an apostrophe. */
static size_t
end_of_word(const struct text *t, size_t i, size_t to)
{
	char quote = 0;

	for (; i < to; i++) {
		char c = t->s[i];

		if (c == '\\' && quote != '\'' && i + 1 < to)
			i++;
		else if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if ((c == '"' || c == '\'') &&
		    (memchr(t->s + i + 1, c, to - i - 1) != NULL || t->cut))
			quote = c;
		else if (isspace((unsigned char)c) ||
		    memchr(";|&()`", c, 6) != NULL)
			break;
	}
	return i;
}

static void
find_in_script(struct text *t, struct word script, int depth)
{
	struct context c = { 0 };
	struct word w = script;
	size_t i = script.from;

	while (i < script.to) {
		if (isspace((unsigned char)t->s[i])) {
			if (t->s[i] == '\n')
				c = (struct context){ 0 };
			i++;
		} else if (memchr(";|&()`", t->s[i], 6) != NULL) {
			c = (struct context){ 0 };
			i++;
		} else {
			w.from = i;
			w.to = i = end_of_word(t, i, script.to);
			take_word(t, &c, w, depth);
		}
	}
}

void
secrets_find(struct marks *marks, const char *s, size_t n)
{
	struct text t = { marks, s, n, n > 0 && s[n - 1] != '\0' };
	struct context c = { 0 };
	struct word w = { 0 };
	const char *nul;

	for (; w.from < n; w.from = w.to + 1) {
		nul = memchr(s + w.from, '\0', n - w.from);
		w.to = nul == NULL ? n : (size_t)(nul - s);
		take_word(&t, &c, w, 0);
	}
}
