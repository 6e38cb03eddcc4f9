/* SPDX-License-Identifier: BSD-2-Clause */
/* The effective configuration as YAML that confyaml.c reads again. */
#include "conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define WIDTH	78

static void
write_doc(FILE *f, const char *indent, const char *doc)
{
	size_t column = 0, n;

	for (; *doc != '\0'; doc += n, doc += strspn(doc, " ")) {
		n = strcspn(doc, " ");
		if (column == 0 || column + 1 + n > WIDTH) {
			fprintf(f, "%s%s#", column == 0 ? "" : "\n", indent);
			column = strlen(indent) + 1;
		}
		fprintf(f, " %.*s", (int)n, doc);
		column += 1 + n;
	}
	fputc('\n', f);
}

/* The code point at s, of valid UTF-8 (libyaml takes no other). */
static uint32_t
decode(const char *s, size_t *len)
{
	unsigned char lead = *s;
	uint32_t c;

	*len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	c = *len == 1 ? lead : lead & (0x7f >> *len);
	for (size_t i = 1; i < *len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* All but plain ASCII is escaped: nothing turns a line or a terminal. */
static void
write_quoted(FILE *f, const char *s)
{
	size_t len;

	fputc('"', f);
	for (; *s != '\0'; s += len) {
		uint32_t c = decode(s, &len);

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c >= 0x20 && c < 0x7f)
			fputc(c, f);
		else
			fprintf(f, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
	}
	fputc('"', f);
}

/* redact+ if the patterns that are built in hold too. */
static void
write_list(FILE *f, const char *indent, const char *key,
    const struct option *o, const struct items *list)
{
	bool plus = o->off == offsetof(struct conf, patterns) &&
	    !list->replaced;

	fprintf(f, "%s%s%s:%s\n", indent, key,
	    plus ? "+" : "", list->n == 0 ? " []" : "");
	for (size_t i = 0; i < list->n; i++) {
		fprintf(f, "%s  - ", indent);
		write_quoted(f, list->v[i].text);
		fputc('\n', f);
	}
}

static void
write_option(FILE *f, const char *indent, const struct option *o,
    const struct conf *c)
{
	size_t in = option_in(o->key);
	const char *key = o->key + (in > 0 ? in + 1 : 0);
	char mem[PATH_MAX];
	struct buf value;

	buf_init(&value, mem, sizeof(mem));
	buf_adds(&value, o->doc);
	if (o->type != OPT_LIST) {
		buf_adds(&value, " Value: ");
		option_expects(o, &value);
		buf_addc(&value, '.');
	}
	write_doc(f, indent, buf_cstr(&value));
	if (o->type == OPT_LIST) {
		write_list(f, indent, key, o, option_items(o, c));
		return;
	}
	buf_init(&value, mem, sizeof(mem));
	option_show(o, c, &value);
	if (value.len == 0) {
		fprintf(f, "%s#%s:\n", indent, key);
		return;
	}
	fprintf(f, "%s%s: ", indent, key);
	if (o->type == OPT_NAME || o->type == OPT_PATH)
		write_quoted(f, buf_cstr(&value));
	else
		fputs(buf_cstr(&value), f);
	fputc('\n', f);
}

/* Rows of one section are neighbours in the table. */
char *
conf_dump(const struct conf *c)
{
	char *text = NULL;
	size_t size, in = 0;
	FILE *f = open_memstream(&text, &size);
	const char *section = "";

	if (f == NULL)
		return NULL;
	for (const struct option *o = options; o->key != NULL; o++) {
		size_t n = option_in(o->key);

		if (n > 0 && (n != in || memcmp(section, o->key, n) != 0))
			fprintf(f, "\n%.*s:\n", (int)n, o->key);
		section = o->key;
		in = n;
		write_option(f, n > 0 ? "  " : "", o, c);
	}
	if (ferror(f) | fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
