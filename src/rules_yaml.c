/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of one YAML file: a list of mappings with few keys. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "fields.h"
#include "nearest.h"
#include "rules_impl.h"
#include "rules_yaml.h"
#include "text.h"
#include "yamlfile.h"

enum key { KEY_NAME, KEY_EVENT, KEY_WHERE, KEY_ACTION, KEY_TAGS, NKEYS };

static const char *const keys[NKEYS + 1] = {
	[KEY_NAME] = "name", [KEY_EVENT] = "event", [KEY_WHERE] = "where",
	[KEY_ACTION] = "action", [KEY_TAGS] = "tags",
};

const char *const rule_action_names[] = {
	[RULE_TAG] = "tag", [RULE_DIGEST] = "digest", [RULE_RAISE] = "raise",
	[RULE_DROP] = "drop", NULL
};

/* A rule that is being read. */
struct draft {
	struct yamlfile y;
	struct rules *set;
	struct rule *rule;
	bool given[NKEYS];
	yaml_mark_t at;		/* where the rule begins, */
	yaml_mark_t where, where_end, action;	/* and what it has */
	int style;		/* of the text of where */
	size_t ntags;
};

/* `did you mean "x"?`, or which there are. */
static void
suggest(const char *wrote, const char *const *words, struct buf *b)
{
	unsigned least = nearest_limit(wrote), d;
	const char *best = NULL, *before = "";

	for (size_t i = 0; words[i] != NULL; i++)
		if (strlen(wrote) < NEAREST_LONGEST &&
		    (d = nearest_distance(wrote, words[i])) < least) {
			least = d;
			best = words[i];
		}
	if (best != NULL) {
		buf_addf(b, "did you mean \"%s\"?", best);
		return;
	}
	buf_adds(b, "expected one of ");
	for (size_t i = 0; words[i] != NULL; i++) {
		buf_addf(b, "%s%s", before, words[i]);
		before = ", ";
	}
}

/* Its number, or -1 after a complaint. */
static int
one_of(struct draft *d, const char *what, const char *wrote,
    const char *const *words)
{
	char mem[256];
	struct buf b;

	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], wrote) == 0)
			return i;
	buf_init(&b, mem, sizeof(mem));
	suggest(wrote, words, &b);
	yamlfile_complain(&d->y, NULL, "unknown %s \"%.64s\", %.*s", what,
	    wrote, (int)b.len, b.p);
	return -1;
}

/* Of the text of the log, of STATS, of a list of counts. */
static const char *
bad_name(const char *s)
{
	size_t n = strlen(s), len;

	if (n == 0 || n > RULES_NAME)
		return "expected 1 to 64 bytes";
	if (strpbrk(s, ";=\"\\]") != NULL)
		return "expected none of ; = \" \\ ]";
	if (s[0] == ' ' || s[n - 1] == ' ')
		return "expected no blank at either end";
	for (; *s != '\0'; s += len)
		if ((len = text_char(s, strlen(s))) == 0)
			return "expected characters that can be seen";
	return NULL;
}

static void
set_name(struct draft *d, const char *text)
{
	const char *why = bad_name(text);
	struct rule *same = rules_find(d->set, text);

	if (why != NULL)
		yamlfile_complain(&d->y, NULL, "name: \"%.80s\": %s", text,
		    why);
	else if (same != NULL)
		yamlfile_complain(&d->y, NULL, "name: \"%s\" is given twice, "
		    "the first is at %s", text, same->place);
	free(d->rule->name);
	d->rule->name = strdup(text);
}

static void
set_action(struct draft *d, const char *text)
{
	int i = one_of(d, "action", text, rule_action_names);

	d->action = d->y.ev.start_mark;
	if (i >= 0)
		d->rule->action = i;
}

static void
set_where(struct draft *d, const char *text)
{
	d->where = d->y.ev.start_mark;
	d->where_end = d->y.ev.end_mark;
	d->style = d->y.ev.data.scalar.style;
	free(d->rule->where);
	d->rule->where = strdup(text);
}

/* "CONNECT" -> "connect". */
static void
lower(char *out, const char *s)
{
	while ((*out++ = *s >= 'A' && *s <= 'Z' ? *s + 32 : *s) != '\0')
		s++;
}

/* Appends to "a,b".  NULL: no memory, and *list is as before. */
static char *
append(char **list, const char *word)
{
	size_t n = *list != NULL ? strlen(*list) : 0;
	char *more = realloc(*list, n + strlen(word) + 2);

	if (more == NULL)
		return NULL;
	*list = more;
	if (n > 0)
		more[n++] = ',';
	strcpy(more + n, word);
	return more;
}

static void
add_event(struct draft *d, const char *text)
{
	char mem[NMSGIDS][16];
	const char *words[NMSGIDS + 1];
	unsigned id[NMSGIDS];
	int n = 0, i;

	for (unsigned k = 0; k < NMSGIDS; k++)
		if (FIELD_EVENTS >> k & 1) {
			lower(mem[n], msgid_names[k].name);
			words[n] = mem[n];
			id[n++] = k;
		}
	words[n] = NULL;
	if ((i = one_of(d, "event", text, words)) < 0)
		return;
	if (d->rule->msgids >> id[i] & 1)
		yamlfile_complain(&d->y, NULL, "event: \"%s\" is given twice",
		    text);
	else if (append(&d->rule->events, text) == NULL)
		yamlfile_complain(&d->y, NULL, "%s", strerror(ENOMEM));
	d->rule->msgids |= 1u << id[i];
}

static void
add_tag(struct draft *d, const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-";
	size_t n = strlen(text);

	if (n == 0 || n > RULES_TAG || strspn(text, good) != n)
		yamlfile_complain(&d->y, NULL, "tags: \"%.64s\": expected 1 "
		    "to %d letters, digits or . _ : / -", text, RULES_TAG);
	else if (d->ntags == RULES_TAGS)
		yamlfile_complain(&d->y, NULL, "tags: expected at most %d",
		    RULES_TAGS);
	else if (d->ntags++, append(&d->rule->tags, text) == NULL)
		yamlfile_complain(&d->y, NULL, "%s", strerror(ENOMEM));
}

/* A text, or a list of them; ends behind it. */
static void
read_words(struct draft *d, enum key k, void (*add)(struct draft *,
    const char *))
{
	struct yamlfile *y = &d->y;
	bool list = y->ev.type == YAML_SEQUENCE_START_EVENT;
	const char *text;

	if (list)
		yamlfile_next(y);
	while (!y->over && (!list || y->ev.type != YAML_SEQUENCE_END_EVENT)) {
		text = yamlfile_scalar(y);
		if (text == NULL || yamlfile_nothing(y))
			yamlfile_complain(y, NULL, "%s: wrong type, expected "
			    "a word or a list of words", keys[k]);
		else
			add(d, text);
		yamlfile_skip(y);
		if (!list)
			return;
	}
	yamlfile_next(y);
}

static void
read_value(struct draft *d, enum key k)
{
	struct yamlfile *y = &d->y;
	const char *text = yamlfile_scalar(y);

	if (k == KEY_EVENT || k == KEY_TAGS) {
		read_words(d, k, k == KEY_EVENT ? add_event : add_tag);
		return;
	}
	if (text == NULL || yamlfile_nothing(y))
		yamlfile_complain(y, NULL, "%s: %s, expected a text", keys[k],
		    yamlfile_nothing(y) ? "no value" : "wrong type");
	else if (k == KEY_NAME)
		set_name(d, text);
	else if (k == KEY_WHERE)
		set_where(d, text);
	else
		set_action(d, text);
	yamlfile_skip(y);
}

static void
read_keys(struct draft *d)
{
	struct yamlfile *y = &d->y;
	const char *text;
	int k;

	yamlfile_next(y);
	while (!y->over && y->ev.type != YAML_MAPPING_END_EVENT) {
		text = yamlfile_scalar(y);
		k = text == NULL ? -1 : one_of(d, "key", text, keys);
		if (text == NULL)
			yamlfile_complain(y, NULL, "a key that is not plain "
			    "text, expected a word");
		else if (k >= 0 && d->given[k])
			yamlfile_complain(y, NULL, "key \"%s\" is given twice "
			    "in this rule", text);
		yamlfile_skip(y);
		if (k < 0 || d->given[k]) {
			yamlfile_skip(y);
			continue;
		}
		d->given[k] = true;
		read_value(d, k);
	}
	yamlfile_next(y);
}

static void
compile(struct draft *d)
{
	struct rule *r = d->rule;
	struct expr_error error;
	yaml_mark_t at = d->where;

	r->expr = expr_new(r->where, strlen(r->where), r->msgids, NUM_NONE,
	    &error);
	if (r->expr != NULL) {
		r->hosts_files = rules_asks_hosts_files(r);
		return;
	}
	if (rules_yaml_locate(&d->y, d->style, &d->where, &d->where_end,
	    r->where, error.column, &at))
		yamlfile_complain(&d->y, &at, "where: %s", error.text);
	else
		yamlfile_complain(&d->y, &at, "where: character %u: %s",
		    error.column, error.text);
}

/* What may be left out is not every message. */
static void
check_action(struct draft *d)
{
	struct rule *r = d->rule;
	unsigned may = r->action == RULE_DROP ? RULES_DROPS :
	    r->action == RULE_DIGEST ? RULES_DIGESTS : EXPR_ANY_MESSAGE;
	char mem[256], name[16];
	struct buf b;

	if ((r->msgids & ~may) == 0)
		return;
	buf_init(&b, mem, sizeof(mem));
	for (unsigned k = 0; k < NMSGIDS; k++)
		if (may >> k & 1) {
			lower(name, msgid_names[k].name);
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", name);
		}
	yamlfile_complain(&d->y, &d->action, "action %s: expected no events "
	    "but %.*s; what belongs to them follows them",
	    rule_action_names[r->action], (int)b.len, b.p);
}

/* What belongs together, once all keys are there. */
static void
check(struct draft *d)
{
	struct rule *r = d->rule;

	for (int k = KEY_NAME; k <= KEY_WHERE; k += KEY_WHERE - KEY_NAME)
		if (!d->given[k])
			yamlfile_complain(&d->y, &d->at, "a rule without "
			    "\"%s\", expected name and where", keys[k]);
	if (!d->given[KEY_EVENT]) {
		r->events = strdup("connect");
		r->msgids = 1u << MSG_CONNECT;
	}
	if (r->tags == NULL)
		r->tags = strdup("");
	check_action(d);
	if (r->where != NULL && r->msgids != 0)
		compile(d);
}

static void
read_rule(struct draft *d)
{
	struct yamlfile *y = &d->y;
	unsigned before = y->troubles;

	memset(d->given, 0, sizeof(d->given));
	d->ntags = 0;
	d->at = y->ev.start_mark;
	d->rule = calloc(1, sizeof(*d->rule));
	if (d->rule == NULL) {
		yamlfile_complain(y, NULL, "%s", strerror(errno));
		yamlfile_skip(y);
		return;
	}
	d->rule->place = yamlfile_place(y, NULL);
	read_keys(d);
	if (y->troubles == before)
		check(d);
	if (y->troubles == before && (d->rule->name == NULL ||
	    d->rule->where == NULL || d->rule->place == NULL ||
	    d->rule->tags == NULL || d->rule->events == NULL))
		yamlfile_complain(y, &d->at, "%s", strerror(ENOMEM));
	if (y->troubles == before && d->set->n == RULES_MOST)
		yamlfile_complain(y, &d->at, "expected at most %d rules",
		    RULES_MOST);
	if (y->troubles != before ||
	    rules_insert(d->set, d->set->n, d->rule) == -1)
		rule_free(d->rule);
	d->rule = NULL;
}

static void
read_list(struct draft *d)
{
	struct yamlfile *y = &d->y;

	yamlfile_next(y);
	while (!y->over && y->ev.type != YAML_SEQUENCE_END_EVENT) {
		if (y->ev.type == YAML_MAPPING_START_EVENT) {
			read_rule(d);
			continue;
		}
		yamlfile_complain(y, NULL, "wrong type, expected a rule, like "
		    "\"- name: x\" with \"where: EXPRESSION\" below");
		yamlfile_skip(y);
	}
	yamlfile_next(y);
}

static void
read_document(struct draft *d, bool single)
{
	struct yamlfile *y = &d->y;

	yamlfile_next(y);	/* the document's start, or the end */
	if (y->over)
		return;
	yamlfile_next(y);
	if (y->ev.type == YAML_SEQUENCE_START_EVENT) {
		read_list(d);
	} else if (single && y->ev.type == YAML_MAPPING_START_EVENT) {
		read_rule(d);
	} else {
		if (!yamlfile_nothing(y))
			yamlfile_complain(y, NULL, "expected a list of rules, "
			    "each with \"- name: ...\" first");
		yamlfile_skip(y);
	}
	yamlfile_next(y);	/* past the document's end */
	if (!y->over)
		yamlfile_complain(y, NULL, "a second document, expected "
		    "one in a file");
}

unsigned
rules_yaml(struct rules *set, const char *name, const char *text, size_t n,
    bool single, struct buf *said)
{
	static const char bom[3] = "\xef\xbb\xbf";
	struct draft d = { .set = set };

	if (n >= sizeof(bom) && memcmp(text, bom, sizeof(bom)) == 0) {
		text += sizeof(bom);
		n -= sizeof(bom);
	}
	if (!yamlfile_valid(name, text, n, said) ||
	    yamlfile_open(&d.y, name, text, n, said) == -1)
		return 1;
	read_document(&d, single);
	yamlfile_close(&d.y);
	return d.y.troubles;
}
