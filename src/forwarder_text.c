/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A forwarder as RainerScript.  Each is a ruleset with a queue of its own, in
 * memory and then on disk, which the ruleset of the log calls: whatever
 * happens to the target, the local file is not held up (timeoutEnqueue 0), and
 * what waits outlives rsyslogd (saveOnShutdown).
 */
#include "forwarder.h"

#include <stdio.h>
#include <string.h>

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

/* `	param="value"` on a line of its own, if there is a value. */
static void
put(struct buf *b, const char *param, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(b, "\n\t\t%s=", param);
	forwarder_quote(b, value);
}

static void
put_target(struct buf *b, const struct forwarder *f)
{
	put(b, "target", f->to[0].host);
	buf_addf(b, "\n\t\tport=\"%u\"", f->to[0].port);
}

static void
put_relp(struct buf *b, const struct forwarder *f, const char *template)
{
	put_target(b, f);
	put(b, "template", template);
	buf_adds(b, "\n\t\ttls=\"on\" tls.authMode=\"name\"");
	put(b, "tls.permittedPeer", f->peer);
	put(b, "tls.caCert", f->ca);
	put(b, "tls.myCert", f->cert);
	put(b, "tls.myPrivKey", f->key);
	buf_adds(b, "\n\t\tconn.timeout=\"10\" timeout=\"60\"");
}

static void
put_tls(struct buf *b, const struct forwarder *f, const char *template)
{
	put_target(b, f);
	put(b, "template", template);
	/* RFC 5425 4.3: a message is its length, a blank, itself. */
	buf_adds(b, "\n\t\tprotocol=\"tcp\" TCP_Framing=\"octet-counted\""
	    "\n\t\tkeepAlive=\"on\" resendLastMsgOnReconnect=\"on\"");
	put(b, "streamDriver", f->driver);
	buf_adds(b, "\n\t\tstreamDriverMode=\"1\""
	    " streamDriverAuthMode=\"x509/name\"");
	put(b, "streamDriverPermittedPeers", f->peer);
	put(b, "streamDriver.CAFile", f->ca);
	put(b, "streamDriver.CertFile", f->cert);
	put(b, "streamDriver.KeyFile", f->key);
}

const struct forwarder_kind forwarder_kinds[] = {
	{ "relp", "RELP over TLS", "omrelp", 2514, 1, false,
	    1 << FORMAT_RFC5424, FORMAT_RFC5424, put_relp },
	{ "tls", "syslog over TLS (RFC 5425)", NULL, 6514, 1, false,
	    1 << FORMAT_RFC5424, FORMAT_RFC5424, put_tls },
};
const size_t nforwarder_kinds =
    sizeof(forwarder_kinds) / sizeof(forwarder_kinds[0]);

const struct forwarder_kind *
forwarder_kind(const char *name)
{
	const struct forwarder_kind *k;

	for (k = forwarder_kinds; k < forwarder_kinds + nforwarder_kinds; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

/* `ruleset(name="pidtreed_NAME..." queue...) {`, the rest is the caller's. */
static void
put_ruleset(struct buf *b, const struct forwarder *f, const char *suffix)
{
	buf_addf(b, "ruleset(name=\"pidtreed_%s%s\"\n"
	    "\tqueue.type=\"LinkedList\" queue.filename=\"pidtreed_%s%s\"",
	    f->name, suffix, f->name, suffix);
	buf_adds(b, "\n\tqueue.spoolDirectory=");
	forwarder_quote(b, f->spool);
	buf_adds(b, " queue.maxDiskSpace=");
	forwarder_quote(b, f->disk);
	/* What is in memory is gone if rsyslogd is killed: not much of it. */
	buf_adds(b, "\n\tqueue.size=\"10000\" queue.highWatermark=\"6000\""
	    " queue.lowWatermark=\"2000\"\n"
	    "\tqueue.timeoutEnqueue=\"0\" queue.saveOnShutdown=\"on\"\n"
	    "\tqueue.maxFileSize=\"16m\" queue.checkpointInterval=\"1000\""
	    ") {\n");
}

static void
put_action(struct buf *b, const struct forwarder *f, const char *suffix,
    const char *template)
{
	buf_addf(b, "\taction(name=\"pidtreed_%s%s\" type=\"%s\"", f->name,
	    suffix, f->kind->module != NULL ? f->kind->module : "omfwd");
	f->kind->action(b, f, template);
	buf_adds(b, "\n\t\taction.resumeRetryCount=\"-1\""
	    " action.resumeInterval=\"5\" action.resumeIntervalMax=\"60\")\n");
}

/* auditd's own file stays the store: imfile goes on where it was, and waits
   when the queue is full.  ENRICHED records are joined by 0x1D. */
static void
put_audit(struct buf *b, const struct forwarder *f)
{
	char template[64];

	buf_addf(b, "\ntemplate(name=\"pidtreed_%s_audit\" type=\"string\" "
	    "string=\"<%%PRI%%>1 %%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% "
	    "auditd - - - %%msg:::space-cc%%\")\n"
	    "input(type=\"imfile\" tag=\"auditd\" facility=\"authpriv\" "
	    "severity=\"info\"\n\truleset=\"pidtreed_%s_audit\" file=",
	    f->name, f->name);
	forwarder_quote(b, f->audit);
	buf_adds(b, ")\n");
	put_ruleset(b, f, "_audit");
	snprintf(template, sizeof(template), "pidtreed_%s_audit", f->name);
	put_action(b, f, "_audit", template);
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
	char template[64];

	put_header(b, f);
	snprintf(template, sizeof(template), "pidtreed_%s", f->name);
	buf_addf(b, "template(name=\"%s\" type=\"string\" string=\"<%%PRI%%>1 "
	    "%%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% %%APP-NAME%% "
	    "%%PROCID%% %%MSGID%% %%STRUCTURED-DATA%% %%msg%%\")\n", template);
	put_ruleset(b, f, "");
	put_action(b, f, "", template);
	buf_adds(b, "}\n");
	if (f->audit != NULL)
		put_audit(b, f);
}

void
forwarder_call(struct buf *b, const struct forwarder *f)
{
	buf_addf(b, "# Written by `pidtree forward`.\ncall pidtreed_%s\n",
	    f->name);
}
