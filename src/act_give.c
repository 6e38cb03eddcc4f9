/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command is given: the event on standard input, and its fields in the
 * environment.  Values are those of the log, in which nothing is a control
 * character; what a process chose is in there, so a shell has to quote them.
 */
#define _GNU_SOURCE	/* open_memstream */
#include <libfastjson/json.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act_impl.h"
#include "buf.h"
#include "ecs.h"
#include "fields.h"
#include "jsonprint.h"
#include "text.h"

#define PREFIX	"PIDTREE_"
#define LARGEST	(128 << 10)	/* bytes of all variables of an event; also
				   what Linux takes for one */

extern char **environ;

/* What rsyslogd was told and its children should not be. */
static bool
is_private(const char *variable)
{
	static const char *const names[] = { PREFIX, "NOTIFY_SOCKET=",
	    "LISTEN_", "WATCHDOG_", "JOURNAL_STREAM=", "INVOCATION_ID=",
	    "MAINPID=", "SYSTEMD_EXEC_PID=" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* NAME=, of an ancestor with its distance behind the name. */
static void
name(struct buf *b, const char *field, int64_t dist)
{
	buf_adds(b, PREFIX);
	for (; *field != '\0'; field++)
		buf_addc(b, toupper((unsigned char)*field));
	if (dist > 0)
		buf_addu(b, dist);
	buf_addc(b, '=');
}

static void
text(struct buf *b, struct str s)
{
	size_t begin = b->len;

	buf_add(b, s.s, s.n);
	if (!b->full)
		text_clean(b->p + begin, s.n);
}

static void
value(struct buf *b, const struct field *f, const void *p)
{
	switch ((enum field_type)f->type) {
	case FIELD_STR:
		text_escape(b, field_str(f, p)->s, field_str(f, p)->n);
		break;
	case FIELD_TEXT:
		text(b, *field_str(f, p));
		break;
	case FIELD_UINT:
		buf_addu(b, field_number(f, p));
		break;
	case FIELD_TIME:
		text_time(b, field_number(f, p), 6);
		break;
	case FIELD_TIME_MS:
		text_time(b, field_number(f, p), 3);
		break;
	case FIELD_ADDR:
		text_addr(b, field_addr(f, p));
		break;
	}
}

static void
variable(struct buf *b, const struct field *f, const void *p, int64_t dist)
{
	if (!field_is_known(f, p))
		return;
	name(b, f->name, dist);
	value(b, f, p);
	buf_addc(b, '\0');
}

static void
known(struct buf *b, const char *what, struct str s)
{
	if (s.s == NULL)
		return;
	name(b, what, 0);
	text_escape(b, s.s, s.n);
	buf_addc(b, '\0');
}

static void
header(struct buf *b, const struct message *m, const char *done)
{
	const char *id = msgid_names[m->id].name;

	known(b, "msgid", (struct str){ id, strlen(id) });
	known(b, "hostname", m->hostname);
	if (m->time != NUM_NONE) {
		name(b, "time", 0);
		text_time(b, m->time, 6);
		buf_addc(b, '\0');
	}
	if (m->text.s != NULL) {
		name(b, "text", 0);
		text(b, m->text);
		buf_addc(b, '\0');
	}
	if (done != NULL)
		known(b, "done", (struct str){ done, strlen(done) });
}

/* Every field that the message has, as NAME=VALUE and a NUL. */
static void
variables(struct buf *b, const struct message *m, const char *done)
{
	const struct field *f;
	size_t i;

	header(b, m, done);
	for (f = fields; f < fields + nfields; f++) {
		if (!f->generation && (f->msgids >> m->id & 1) != 0)
			variable(b, f, m, 0);
		for (i = 0; f->generation && i < m->ngen; i++)
			variable(b, f, &m->gen[i], i == 0 ? 0 :
			    m->gen[i].dist);
	}
}

/* One allocation: the array, then the text of the event's own. */
static char **
environment(const char *vars, size_t n)
{
	size_t own = 0, count = 0, i;
	char **env, *p;

	for (i = 0; i < n; i++)
		own += vars[i] == '\0';
	while (environ != NULL && environ[count] != NULL)
		count++;
	if ((env = malloc((count + own + 1) * sizeof(*env) + n)) == NULL)
		return NULL;
	p = memcpy(env + count + own + 1, vars, n);
	for (i = 0, count = 0; environ != NULL && environ[i] != NULL; i++)
		if (!is_private(environ[i]))
			env[count++] = environ[i];
	for (; own-- > 0; p += strlen(p) + 1)
		env[count++] = p;
	env[count] = NULL;
	return env;
}

static void
put_json(FILE *f, const struct message *m)
{
	struct term t;

	term_init(&t, f, COLOUR_NEVER, 0);
	t.utf8 = true;		/* whatever rsyslogd's locale is */
	jsonprint(&t, m);
	term_flush(&t);
}

static void
put_object(FILE *f, struct fjson_object *o)
{
	const char *json = o == NULL ? NULL :
	    fjson_object_to_json_string_ext(o, FJSON_TO_STRING_PLAIN);

	if (json != NULL)
		fprintf(f, "%s\n", json);
	fjson_object_put(o);
}

/* At most 4000 bytes, with the three characters escaped that chat systems
   want escaped, and without the one that ends code. */
static void
code(struct buf *b, struct str s)
{
	size_t i;

	for (i = 0; i < s.n && i < 4000; i++)
		switch (s.s[i]) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '`':
			buf_adds(b, "\\x60");
			break;
		default:
			buf_addc(b, s.s[i]);
		}
}

/*
 * What Slack, Mattermost, Rocket.Chat and others take for a message: sentence
 * and rule, as code, so that no name in it is a link or calls somebody.
 */
static struct fjson_object *
chat(const struct message *m)
{
	char mem[5 * 8192];
	struct fjson_object *o = fjson_object_new_object();
	struct fjson_object *s;
	struct buf b;

	buf_init(&b, mem, sizeof(mem));
	buf_addc(&b, '`');
	code(&b, m->text);
	if (m->rule.s != NULL) {
		buf_adds(&b, "; rule: ");
		code(&b, m->rule);
	}
	buf_addc(&b, '`');
	text_clean(mem, b.len);
	if (o == NULL || (s = fjson_object_new_string_len(mem, b.len)) == NULL)
		return o;
	fjson_object_object_add(o, "text", s);
	return o;
}

static int
input(enum act_form form, const struct message *m, struct act_gift *g)
{
	FILE *f = open_memstream(&g->input, &g->input_len);

	if (f == NULL)
		return -1;
	switch (form) {
	case ACT_JSON:
		put_json(f, m);
		break;
	case ACT_ECS:
		put_object(f, ecs_document(m));
		break;
	case ACT_CHAT:
		put_object(f, chat(m));
		break;
	}
	return fclose(f) == 0 && g->input_len > 0 ? 0 : -1;
}

int
act_give(const struct act_options *o, const struct message *m,
    const char *done, struct act_gift *g)
{
	char *mem = malloc(LARGEST);
	struct buf b;

	*g = (struct act_gift){ NULL, 0, NULL };
	if (mem != NULL && input(o->form, m, g) == 0) {
		buf_init(&b, mem, LARGEST);
		variables(&b, m, done);
		if (!b.full)
			g->env = environment(mem, b.len);
	}
	free(mem);
	if (g->env != NULL)
		return 0;
	act_gift_free(g);
	return -1;
}

void
act_gift_free(struct act_gift *g)
{
	free(g->input);
	free(g->env);
	*g = (struct act_gift){ NULL, 0, NULL };
}
