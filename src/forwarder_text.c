/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A forwarder as RainerScript.  Each is a ruleset, which the ruleset of the log
 * calls, with an action that has a queue, in memory and then on disk: whatever
 * happens to the target, the local file is not held up (timeoutEnqueue 0), and
 * what waits outlives rsyslogd (saveOnShutdown).
 */
#include "config.h"

#include "forwarder.h"

#include <stdio.h>
#include <string.h>

#include "forwarder_impl.h"

#define HEADER	"# forward: "

/* Octal is the only escape that takes any byte there. */
void
forwarder_quote(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;/_=@+*[]<>%-";

	buf_addc(b, '"');
	for (; *s != '\0'; s++)
		if (strchr(plain, *s) != NULL)
			buf_addc(b, *s);
		else
			buf_addf(b, "\\%03o", (unsigned char)*s);
	buf_addc(b, '"');
}

void
forwarder_put(struct buf *b, const char *param, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(b, "\n\t\t%s=", param);
	forwarder_quote(b, value);
}

static void
put_queue(struct buf *b, const struct forwarder *f, const char *suffix)
{
	buf_addf(b, "\n\t\tqueue.type=\"LinkedList\""
	    " queue.filename=\"pidtreed_%s%s\"", f->name, suffix);
	forwarder_put(b, "queue.spoolDirectory", f->spool);
	forwarder_put(b, "queue.maxDiskSpace", f->disk);
	/* What is in memory is gone if rsyslogd is killed. */
	buf_adds(b, "\n\t\tqueue.size=\"10000\" queue.highWatermark=\"6000\""
	    " queue.lowWatermark=\"2000\""
	    "\n\t\tqueue.timeoutEnqueue=\"0\" queue.saveOnShutdown=\"on\""
	    "\n\t\tqueue.maxFileSize=\"16m\""
	    " queue.checkpointInterval=\"1000\"");
}

/* The queue is on the action, not on its ruleset: that one would lose what it
   has in hand when rsyslogd is stopped while the target is away. */
void
forwarder_action(struct buf *b, const struct forwarder *f, const char *suffix)
{
	buf_addf(b, "\taction(name=\"pidtreed_%s%s\" type=\"%s\"", f->name,
	    suffix, f->kind->module != NULL ? f->kind->module : "omfwd");
	f->kind->action(b, f, suffix);
	put_queue(b, f, suffix);
	/* Another forwarder may set the document's fields after us. */
	if (f->format == FORMAT_ECS && strcmp(suffix, "_audit") == 0)
		buf_adds(b, "\n\t\taction.copyMsg=\"on\"");
	buf_adds(b, "\n\t\taction.resumeRetryCount=\"-1\""
	    " action.resumeInterval=\"5\" action.resumeIntervalMax=\"60\")\n");
}

static void
put_template(struct buf *b, const struct forwarder *f, const char *suffix,
    const char *text)
{
	buf_addf(b, "template(name=\"pidtreed_%s%s\" type=\"string\" "
	    "string=\"%s\")\n", f->name, suffix, text);
}

/* An id is there for every document: what is sent again after a break has it
   already.  omelasticsearch would not escape it. */
static void
put_id(struct buf *b)
{
	buf_adds(b, "\tif re_match($!ecs!event!id, "
	    "'^[A-Za-z0-9-]{1,99}$') then {\n"
	    "\t\tset $!id = $!ecs!event!id;\n\t} else {\n"
	    "\t\tset $!id = $uuid;\n\t}\n");
}

/* A program: in a queue of its own, so that it holds nothing up either. */
static void
put_exported(struct buf *b, const struct forwarder *f)
{
	const char *form = format_names[f->format];

	buf_addf(b, "ruleset(name=\"pidtreed_%s\"", f->name);
	put_queue(b, f, "_export");
	buf_addf(b, ") {\n\taction(name=\"pidtreed_%s_export\" "
	    "type=\"mmexternal\" interface.input=\"rawmsg\"\n"
	    "\t\tbinary=\"%s export --%s --rsyslog\")\n"
	    "\t# Nothing, if it is no message of pidtreed.\n"
	    "\tif $!%s == \"\" then stop\n", f->name, f->command, form, form);
	if (f->format == FORMAT_ECS)
		put_id(b);
	forwarder_action(b, f, "");
	buf_adds(b, "}\n");
}

static void
put_messages(struct buf *b, const struct forwarder *f)
{
	static const char *const text[NFORMATS] = {
		[FORMAT_RFC5424] = "<%PRI%>1 %TIMESTAMP:::date-rfc3339% "
		    "%HOSTNAME% %APP-NAME% %PROCID% %MSGID% "
		    "%STRUCTURED-DATA% %msg%",
		[FORMAT_ECS] = "%$!ecs%",
		[FORMAT_CEF] = "<%PRI%>%TIMESTAMP% %HOSTNAME% %$!cef%",
	};

	put_template(b, f, "", text[f->format]);
	if (f->format == FORMAT_RFC5424) {
		buf_addf(b, "ruleset(name=\"pidtreed_%s\") {\n", f->name);
		forwarder_action(b, f, "");
		buf_adds(b, "}\n");
	} else
		put_exported(b, f);
}

static void
put_audit_templates(struct buf *b, const struct forwarder *f)
{
	if (f->format != FORMAT_ECS) {
		put_template(b, f, "_audit", "<%PRI%>1 "
		    "%TIMESTAMP:::date-rfc3339% %HOSTNAME% auditd - - - "
		    "%msg:::space-cc%");
		return;
	}
	put_template(b, f, "_audit", "%$!ecs%");
	put_template(b, f, "_audit_time", "%timestamp:::date-rfc3339%");
	put_template(b, f, "_audit_text", "%msg:::space-cc%");
}

/* In the words of ECS, for who wants documents. */
static void
put_audit_document(struct buf *b, const struct forwarder *f)
{
	buf_addf(b, "\tset $!id = $uuid;\n"
	    "\tset $!ecs!@timestamp = "
	    "exec_template(\"pidtreed_%s_audit_time\");\n"
	    "\tset $!ecs!message = "
	    "exec_template(\"pidtreed_%s_audit_text\");\n", f->name, f->name);
	buf_adds(b, "\tset $!ecs!host!name = $hostname;\n"
	    "\tset $!ecs!event!module = \"auditd\";\n"
	    "\tset $!ecs!event!dataset = \"auditd.log\";\n"
	    "\tset $!ecs!ecs!version = \"8.11.0\";\n");
}

/* auditd's own file stays the store: imfile goes on where it was, and waits
   when the queue is full (its input: forward_audit.c).  ENRICHED records are
   joined by 0x1D. */
static void
put_audit(struct buf *b, const struct forwarder *f)
{
	put_audit_templates(b, f);
	buf_addf(b, "ruleset(name=\"pidtreed_%s_audit\") {\n", f->name);
	if (f->format == FORMAT_ECS)
		put_audit_document(b, f);
	forwarder_action(b, f, "_audit");
	buf_adds(b, "}\n");
}

/* `# forward: KIND HOST:PORT,... AUDIT`, for forwarder_read. */
static void
put_header(struct buf *b, const struct forwarder *f)
{
	size_t i;

	buf_addf(b, "# Written by `pidtree forward`; `pidtree forward off %s` "
	    "undoes it.\n" HEADER "%s", f->name, f->kind->name);
	for (i = 0; i < f->nto; i++) {
		buf_addc(b, i == 0 ? ' ' : ',');
		forwarder_endpoint(b, &f->to[i]);
	}
	if (f->audit != NULL)
		buf_addf(b, " %s", f->audit);
	buf_addc(b, '\n');
}

int
forwarder_read(struct forwarder *f, const char *text, char mem[FORWARDER_MEM])
{
	const char *line = strstr(text, "\n" HEADER), *why;
	char *kind, *to, *save;
	size_t n;

	if (line == NULL)
		return -1;
	line += 1 + strlen(HEADER);
	if ((n = strcspn(line, "\n")) >= FORWARDER_MEM)
		return -1;
	memcpy(mem, line, n);
	mem[n] = '\0';
	kind = strtok_r(mem, " ", &save);
	to = strtok_r(NULL, " ", &save);
	f->audit = strtok_r(NULL, " ", &save);
	if (kind == NULL || to == NULL ||
	    (f->kind = forwarder_kind(kind)) == NULL)
		return -1;
	return forwarder_target(f, to, &why);
}

void
forwarder_text(struct buf *b, const struct forwarder *f)
{
	put_header(b, f);
	if (f->kind->more != NULL)
		f->kind->more(b, f);
	put_messages(b, f);
	if (f->audit != NULL)
		put_audit(b, f);
}

void
forwarder_call(struct buf *b, const struct forwarder *f)
{
	buf_addf(b, "# Written by `pidtree forward`.\ncall pidtreed_%s\n",
	    f->name);
}
