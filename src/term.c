/* SPDX-License-Identifier: BSD-2-Clause */
/* Output of the command; see term.h. */
#include "term.h"

#include <sys/ioctl.h>

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "glyph.h"
#include "text.h"

#define WIDTH_MIN	20

static bool
env_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0';
}

void
term_init(struct term *t, FILE *out, enum colour colour, int width)
{
	bool tty = isatty(fileno(out));
	const char *type = getenv("TERM");
	struct winsize ws;

	memset(t, 0, sizeof(*t));
	t->out = out;
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->colour = colour == COLOUR_ALWAYS || (colour == COLOUR_AUTO && tty &&
	    !env_set("NO_COLOR") && type != NULL && strcmp(type, "dumb") != 0);
	if (width >= 0)
		t->width = width;
	else if (tty && ioctl(fileno(out), TIOCGWINSZ, &ws) == 0)
		t->width = ws.ws_col;
	if (t->width != 0 && t->width < WIDTH_MIN)
		t->width = WIDTH_MIN;
}

static void
spaces(struct term *t, unsigned n)
{
	fprintf(t->out, "%*s", (int)n, "");
	t->column += n;
}

/* The word that is held back goes here, or to the next line. */
static void
flush_word(struct term *t)
{
	if (t->width != 0 && t->column > t->indent && t->word_columns != 0 &&
	    t->column + t->blanks + t->word_columns > t->width) {
		putc('\n', t->out);
		t->column = 0;
		t->blanks = t->indent;
	}
	if (t->word_columns != 0) {
		spaces(t, t->blanks);
		t->blanks = 0;
	}
	fwrite(t->word, 1, t->word_len, t->out);
	t->column += t->word_columns;
	t->word_len = t->word_columns = 0;
}

/* Bytes that are fit to be written: the one way out. */
static void
emit(struct term *t, const char *s, size_t n, unsigned columns)
{
	if (t->word_len + n > sizeof(t->word) || (t->width != 0 &&
	    t->word_columns + columns > t->width - t->indent))
		flush_word(t);
	memcpy(t->word + t->word_len, s, n);
	t->word_len += n;
	t->word_columns += columns;
}

void
term_style(struct term *t, enum style style)
{
	static const char *const sgr[] = {
		[STYLE_PLAIN] = "\033[0m",
		[STYLE_STRONG] = "\033[1m",
		[STYLE_FAINT] = "\033[2m",
		[STYLE_NOTE] = "\033[33m",
		[STYLE_BAD] = "\033[1;31m",
	};

	if (t->colour)
		emit(t, sgr[style], strlen(sgr[style]), 0);
}

/* Returns how many bytes of s were shown. */
static size_t
put(struct term *t, struct str s, unsigned columns)
{
	unsigned shown = 0;
	struct glyph g;
	size_t i;

	for (i = 0; i < s.n; i += g.used) {
		glyph_at(&g, t->utf8, s.s + i, s.n - i);
		shown += g.columns;
		if (columns != 0 && shown > columns)
			break;
		if (*g.s == ' ') {
			flush_word(t);
			t->blanks++;
		} else
			emit(t, g.s, g.len, g.columns);
	}
	return i;
}

void
term_put(struct term *t, struct str s)
{
	put(t, s, 0);
}

void
term_puts(struct term *t, const char *s)
{
	put(t, (struct str){ s, strlen(s) }, 0);
}

void
term_printf(struct term *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	term_puts(t, text);
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("._-+@/:%~=$", c) != NULL);
}

void
term_word(struct term *t, struct str s)
{
	struct str run = { s.s, 0 };

	if (s.s == NULL) {
		term_puts(t, "?");
		return;
	}
	while (run.n < s.n && is_plain(s.s[run.n]))
		run.n++;
	if (run.n == s.n && s.n != 0) {
		term_put(t, s);
		return;
	}
	term_puts(t, "\"");
	while ((run.n = s.s + s.n - run.s) != 0) {
		const char *end = run.s + run.n, *p = run.s;

		while (p < end && *p != '"' && *p != '\\')
			p++;
		run.n = p - run.s;
		term_put(t, run);
		if (p < end) {
			term_puts(t, *p == '"' ? "\\\"" : "\\\\");
			p++;
		}
		run.s = p;
	}
	term_puts(t, "\"");
}

unsigned
term_columns(const struct term *t, struct str s)
{
	unsigned columns = 0;
	struct glyph g;
	size_t i;

	for (i = 0; i < s.n; i += g.used) {
		glyph_at(&g, t->utf8, s.s + i, s.n - i);
		columns += g.columns;
	}
	return columns;
}

void
term_put_cut(struct term *t, struct str s, unsigned columns)
{
	size_t shown;

	if (columns == 0 || term_columns(t, s) <= columns) {
		term_put(t, s);
		return;
	}
	shown = put(t, s, columns);
	term_printf(t, "... (+%zu bytes)", s.n - shown);
}

void
term_pad(struct term *t, unsigned column)
{
	unsigned now;

	flush_word(t);
	now = t->column + t->blanks;
	if (now < column)
		t->blanks += column - now;
}

void
term_indent(struct term *t)
{
	flush_word(t);
	t->indent = t->column + t->blanks;
	if (t->width != 0 && t->indent > t->width / 2)
		t->indent = t->width / 2;
}

void
term_newline(struct term *t)
{
	flush_word(t);
	putc('\n', t->out);
	t->column = t->blanks = t->indent = 0;
}

int
term_flush(struct term *t)
{
	flush_word(t);
	return fflush(t->out) == 0 && !ferror(t->out) ? 0 : -1;
}

/* One character, valid UTF-8, inside a JSON string (RFC 8259, 7). */
static void
json_char(struct term *t, uint32_t c, const char *s, size_t n)
{
	char text[16];

	if (c != '"' && c != '\\' && !glyph_hostile(c) &&
	    (c < 0x80 || t->utf8)) {
		emit(t, s, n, n);
		return;
	}
	if (c == '"' || c == '\\')
		n = snprintf(text, sizeof(text), "\\%c", (int)c);
	else if (c <= 0xffff)
		n = snprintf(text, sizeof(text), "\\u%04x", (unsigned)c);
	else
		n = snprintf(text, sizeof(text), "\\u%04x\\u%04x",
		    0xd7c0 + (unsigned)(c >> 10),
		    0xdc00 + (unsigned)(c & 0x3ff));
	emit(t, text, n, n);
}

void
term_json(struct term *t, struct str s, bool escape)
{
	size_t i, n;
	uint32_t c;
	char hex[8];

	emit(t, "\"", 1, 1);
	for (i = 0; i < s.n; i += n) {
		n = glyph_decode(s.s + i, s.n - i, &c);
		if (n == 0 || (escape && (text_char(s.s + i, s.n - i) == 0 ||
		    (s.s[i] == '\\' &&
		    text_reads_as_escape(s.s + i, s.n - i))))) {
			n = snprintf(hex, sizeof(hex), "\\\\x%02x",
			    (unsigned char)s.s[i]);
			emit(t, hex, n, n);
			n = 1;
		} else
			json_char(t, c, s.s + i, n);
	}
	emit(t, "\"", 1, 1);
}

void
term_json_text(struct term *t, struct str s)
{
	size_t i, n;
	uint32_t c;

	for (i = 0; i < s.n; i += n) {
		n = glyph_decode(s.s + i, s.n - i, &c);
		if (n == 0) {
			emit(t, "\\ufffd", 6, 6);
			n = 1;
		} else if (c == '"' || c == '\\')
			emit(t, s.s + i, 1, 1);
		else
			json_char(t, c, s.s + i, n);
	}
}
