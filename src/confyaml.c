/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys and values of one YAML file; see confyaml.h. */
#include "confyaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "yamlfile.h"

#define OPTIONS		64	/* more than there are */

struct file {
	struct yamlfile r;
	struct conf *conf;
	char given[OPTIONS];	/* by row: ':', '+' */
	bool opened[OPTIONS];	/* sections, by their first row */
};

static void
expected(struct file *f, const struct option *o)
{
	struct yamlfile *r = &f->r;
	char mem[512];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	option_expects(o, &b);
	yamlfile_complain(r, NULL, "%s: %s, expected %.*s", o->key,
	    yamlfile_nothing(r) ? "no value" : "wrong type", (int)b.len, b.p);
}

static void
read_item(struct file *f, const struct option *o)
{
	struct yamlfile *r = &f->r;
	struct items *list = option_items(o, f->conf);
	const char *text = yamlfile_scalar(r);
	char *where;

	if (text == NULL) {
		yamlfile_complain(r, NULL, "%s: wrong type, expected items "
		    "that are plain text", o->key);
		return;
	}
	if (list->n == o->max) {
		yamlfile_complain(r, NULL, "%s: expected at most %zu items",
		    o->key, (size_t)o->max);
		r->over = true;
		return;
	}
	where = yamlfile_place(r, NULL);
	if (where == NULL || items_add(list, text, where) == -1)
		yamlfile_complain(r, NULL, "%s", strerror(errno));
	free(where);
}

static void
read_list(struct file *f, const struct option *o, bool add)
{
	struct yamlfile *r = &f->r;
	struct items *list = option_items(o, f->conf);

	if (r->ev.type != YAML_SEQUENCE_START_EVENT) {
		expected(f, o);
		yamlfile_skip(r);
		return;
	}
	if (!add) {
		items_clear(list);
		list->replaced = true;
	}
	yamlfile_next(r);
	while (!r->over && r->ev.type != YAML_SEQUENCE_END_EVENT) {
		read_item(f, o);
		yamlfile_skip(r);
	}
	yamlfile_next(r);
}

static void
read_value(struct file *f, const struct option *o)
{
	struct yamlfile *r = &f->r;
	const char *text = yamlfile_scalar(r);
	char mem[512];
	struct buf why;

	buf_init(&why, mem, sizeof(mem));
	if (text == NULL || yamlfile_nothing(r))
		expected(f, o);
	else if (option_set(o, f->conf, text, &why) == -1)
		yamlfile_complain(r, NULL, "%s: %.*s", o->key,
		    (int)why.len, why.p);
	yamlfile_skip(r);
}

/* A key may be given once in a file, and not with and without its +. */
static bool
twice(struct file *f, const yaml_mark_t *m, const struct option *o,
    const char *key)
{
	struct yamlfile *r = &f->r;
	char *given = &f->given[o - options];
	char how = key[strlen(key) - 1] == '+' ? '+' : ':';

	if (*given == 0) {
		*given = how;
		return false;
	}
	if (*given == how)
		yamlfile_complain(r, m, "key \"%s\" is given twice in this "
		    "file", key);
	else
		yamlfile_complain(r, m, "key \"%s\" is given with and without "
		    "+, expected one list", o->key);
	return true;
}

static void
unknown(struct file *f, const yaml_mark_t *m, const char *section,
    const char *key)
{
	struct yamlfile *r = &f->r;
	char mem[512];
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	option_suggest(section, key, &b);
	yamlfile_complain(r, m, "unknown key \"%.64s\", %.*s", key,
	    (int)b.len, b.p);
	yamlfile_skip(r);
}

static void read_mapping(struct file *, const char *section);

static void
read_section(struct file *f, const yaml_mark_t *m, const struct option *o,
    const char *key)
{
	struct yamlfile *r = &f->r;
	bool *opened = &f->opened[o - options];

	if (*opened) {
		yamlfile_complain(r, m, "key \"%s\" is given twice in this "
		    "file", key);
		yamlfile_skip(r);
		return;
	}
	*opened = true;
	if (r->ev.type == YAML_MAPPING_START_EVENT) {
		read_mapping(f, key);
		return;
	}
	if (!yamlfile_nothing(r))
		yamlfile_complain(r, NULL, "%s: wrong type, expected a "
		    "section with keys of its own", key);
	yamlfile_skip(r);
}

/* One `key: value`; the current event is the value.  section is "" or the
   only one that this one is in. */
static void
read_pair(struct file *f, const yaml_mark_t *m, const char *section,
    const char *key)
{
	struct yamlfile *r = &f->r;
	size_t n = strlen(key);
	bool plus = n > 0 && key[n - 1] == '+';
	const struct option *o = option_find(section, key, n - plus);
	const struct option *in = *section == '\0' ? option_section(key) : NULL;

	if (o != NULL && (!plus || o->type == OPT_LIST)) {
		if (twice(f, m, o, key))
			yamlfile_skip(r);
		else if (o->type == OPT_LIST)
			read_list(f, o, plus);
		else
			read_value(f, o);
	} else if (in != NULL) {
		read_section(f, m, in, key);
	} else {
		unknown(f, m, section, key);
	}
}

static void
read_mapping(struct file *f, const char *section)
{
	struct yamlfile *r = &f->r;

	yamlfile_next(r);
	while (!r->over && r->ev.type != YAML_MAPPING_END_EVENT) {
		yaml_mark_t m = r->ev.start_mark;
		const char *text = yamlfile_scalar(r);
		char *key = text != NULL ? strdup(text) : NULL;

		if (key == NULL) {
			yamlfile_complain(r, &m, "a key that is not plain "
			    "text, expected a word");
			yamlfile_skip(r);
			yamlfile_skip(r);
			continue;
		}
		yamlfile_next(r);
		read_pair(f, &m, section, key);
		free(key);
	}
	yamlfile_next(r);
}

static void
read_document(struct file *f)
{
	struct yamlfile *r = &f->r;

	yamlfile_next(r);	/* the document's start, or the end */
	if (r->over)
		return;
	yamlfile_next(r);
	if (r->ev.type == YAML_MAPPING_START_EVENT) {
		read_mapping(f, "");
	} else {
		if (!yamlfile_nothing(r))
			yamlfile_complain(r, NULL, "expected keys, like "
			    "\"facility: authpriv\"");
		yamlfile_skip(r);
	}
	yamlfile_next(r);	/* past the document's end */
	if (!r->over)
		yamlfile_complain(r, NULL, "a second document, expected "
		    "one in a file");
}

unsigned
confyaml_read(struct conf *c, const char *name, const char *text, size_t n)
{
	static const char bom[3] = "\xef\xbb\xbf";
	struct file f = { .conf = c };

	if (n >= sizeof(bom) && memcmp(text, bom, sizeof(bom)) == 0) {
		text += sizeof(bom);
		n -= sizeof(bom);
	}
	if (!yamlfile_valid(name, text, n, NULL) ||
	    yamlfile_open(&f.r, name, text, n, NULL) == -1)
		return 1;
	read_document(&f);
	yamlfile_close(&f.r);
	return f.r.troubles;
}
