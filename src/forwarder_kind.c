/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of targets: a row and a function each. */
#include "forwarder.h"

#include <string.h>

#include "forwarder_impl.h"

static void
put_target(struct buf *b, const struct forwarder *f, const char *suffix)
{
	forwarder_put(b, "target", f->to[0].host);
	buf_addf(b, "\n\t\tport=\"%u\" template=\"pidtreed_%s%s\"",
	    f->to[0].port, f->name, suffix);
}

static void
put_relp(struct buf *b, const struct forwarder *f, const char *suffix)
{
	put_target(b, f, suffix);
	buf_adds(b, "\n\t\ttls=\"on\" tls.authMode=\"name\"");
	forwarder_put(b, "tls.permittedPeer", f->peer);
	forwarder_put(b, "tls.caCert", f->ca);
	forwarder_put(b, "tls.myCert", f->cert);
	forwarder_put(b, "tls.myPrivKey", f->key);
	buf_adds(b, "\n\t\tconn.timeout=\"10\" timeout=\"60\"");
}

static void
put_tls(struct buf *b, const struct forwarder *f, const char *suffix)
{
	put_target(b, f, suffix);
	/* RFC 5425 4.3: a message is its length, a blank, itself. */
	buf_adds(b, "\n\t\tprotocol=\"tcp\" TCP_Framing=\"octet-counted\""
	    "\n\t\tkeepAlive=\"on\" resendLastMsgOnReconnect=\"on\"");
	forwarder_put(b, "streamDriver", f->driver);
	buf_adds(b, "\n\t\tstreamDriverMode=\"1\""
	    " streamDriverAuthMode=\"x509/name\"");
	forwarder_put(b, "streamDriverPermittedPeers", f->peer);
	forwarder_put(b, "streamDriver.CAFile", f->ca);
	forwarder_put(b, "streamDriver.CertFile", f->cert);
	forwarder_put(b, "streamDriver.KeyFile", f->key);
}

/* `	param=["SCHEMEhost:port", ...]` */
static void
put_endpoints(struct buf *b, const struct forwarder *f, const char *param,
    const char *scheme)
{
	size_t i;

	buf_addf(b, "\n\t\t%s=[", param);
	for (i = 0; i < f->nto; i++) {
		buf_addf(b, "%s\"%s", i == 0 ? "" : ",", scheme);
		forwarder_endpoint(b, &f->to[i]);
		buf_addc(b, '"');
	}
	buf_addc(b, ']');
}

static const char *
into(const struct forwarder *f, const char *suffix)
{
	return *suffix != '\0' ? f->kind->audit_into : f->into;
}

/* create and an id of the event's: what is sent twice is there once.  A data
   stream takes nothing but create. */
static void
put_elasticsearch(struct buf *b, const struct forwarder *f, const char *suffix)
{
	const bool again = strcmp(suffix, "_again") == 0;

	put_endpoints(b, f, "server", f->plain ? "http://" : "https://");
	if (!f->plain)
		buf_adds(b, "\n\t\tusehttps=\"on\"");
	forwarder_put(b, "tls.cacert", f->ca);
	forwarder_put(b, "tls.mycert", f->cert);
	forwarder_put(b, "tls.myprivkey", f->key);
	forwarder_put(b, "uid", f->user);
	forwarder_put(b, "pwd", f->password);
	if (again)
		buf_addf(b, "\n\t\tdynSearchIndex=\"on\""
		    " searchIndex=\"pidtreed_%s_again_index\"", f->name);
	else
		forwarder_put(b, "searchIndex", into(f, suffix));
	buf_addf(b, "\n\t\ttemplate=\"pidtreed_%s%s\""
	    "\n\t\tdynbulkid=\"on\" bulkid=\"pidtreed_%s%s_id\"", f->name,
	    suffix, f->name, again ? suffix : "");
	buf_adds(b, "\n\t\tbulkmode=\"on\" writeoperation=\"create\""
	    " searchType=\"\" esVersion.major=\"8\"");
	buf_addf(b, "\n\t\tretryfailures=\"on\""
	    " retryruleset=\"pidtreed_%s_again\""
	    "\n\t\terrorfile=\"%s/pidtreed_%s.failed\"", f->name, f->spool,
	    f->name);
}

/*
 * When one of a bulk is refused, each of it comes back as a message of its
 * own: those that were taken, or were there already (409); those that it was
 * too busy for (429, 5xx), which are sent again; and those that never will be
 * taken.
 */
static void
more_elasticsearch(struct buf *b, const struct forwarder *f)
{
	static const char *const texts[][2] = { { "id", "%$!id%" },
	    { "again", "%$!%" }, { "again_id", "%$.omes!_id%" },
	    { "again_index", "%$.omes!_index%" },
	    { "again_line", "%$.omes% %$!%\\n" } };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_addf(b, "template(name=\"pidtreed_%s_%s\" type=\"string\" "
		    "string=\"%s\")\n", f->name, texts[i][0], texts[i][1]);
	buf_addf(b, "ruleset(name=\"pidtreed_%s_again\") {\n"
	    "\tif $.omes!status < 300 or $.omes!status == 409 then stop\n"
	    "\tif $.omes!status == 429 or $.omes!status >= 500 then {\n",
	    f->name);
	forwarder_action(b, f, "_again");
	buf_adds(b, "\t} else {\n\t\taction(type=\"omfile\" file=");
	buf_addf(b, "\"%s/pidtreed_%s.refused\" template=\"pidtreed_%s_"
	    "again_line\" fileCreateMode=\"0640\")\n\t}\n\tstop\n}\n",
	    f->spool, f->name, f->name);
}

static void
put_conf(struct buf *b, const char *name, const char *value)
{
	char mem[5000];
	struct buf one;

	if (value == NULL)
		return;
	buf_init(&one, mem, sizeof(mem));
	buf_addf(&one, "%s=%s", name, value);
	buf_adds(b, ",\n\t\t\t");
	forwarder_quote(b, buf_cstr(&one) != NULL ? mem : "");
}

/* librdkafka's settings. */
static void
put_security(struct buf *b, const struct forwarder *f)
{
	put_conf(b, "security.protocol", f->user != NULL ?
	    f->plain ? "sasl_plaintext" : "sasl_ssl" :
	    f->plain ? "plaintext" : "ssl");
	if (!f->plain)
		put_conf(b, "ssl.endpoint.identification.algorithm", "https");
	put_conf(b, "ssl.ca.location", f->ca);
	put_conf(b, "ssl.certificate.location", f->cert);
	put_conf(b, "ssl.key.location", f->key);
	if (f->user != NULL)
		put_conf(b, "sasl.mechanisms", "PLAIN");
	put_conf(b, "sasl.username", f->user);
	put_conf(b, "sasl.password", f->password);
}

/* What the broker has not got when rsyslogd ends is kept in a file. */
static void
put_kafka(struct buf *b, const struct forwarder *f, const char *suffix)
{
	put_endpoints(b, f, "broker", "");
	forwarder_put(b, "topic", into(f, suffix));
	buf_addf(b, "\n\t\ttemplate=\"pidtreed_%s%s\" key=\"pidtreed_%s_key\""
	    " dynakey=\"on\"", f->name, suffix, f->name);
	buf_adds(b, "\n\t\tpartitions.auto=\"on\" closeTimeout=\"5000\""
	    "\n\t\tresubmitOnFailure=\"on\" keepFailedMessages=\"on\"");
	buf_addf(b, "\n\t\tfailedMsgFile=\"%s/pidtreed_%s%s.failed\"",
	    f->spool, f->name, suffix);
	buf_adds(b, "\n\t\tconfParam=[\"message.timeout.ms=60000\"");
	put_security(b, f);
	buf_adds(b, "]");
}

static void
more_kafka(struct buf *b, const struct forwarder *f)
{
	buf_addf(b, "template(name=\"pidtreed_%s_key\" type=\"string\" "
	    "string=\"%%HOSTNAME%%\")\n", f->name);
}

#define SYSLOG	(1 << FORMAT_RFC5424 | 1 << FORMAT_CEF)
#define ANY	(SYSLOG | 1 << FORMAT_ECS)

const struct forwarder_kind forwarder_kinds[] = {
	{ "relp", "RELP over TLS", "omrelp", 2514, 1, true,
	    SYSLOG, FORMAT_RFC5424, NULL, NULL, put_relp, NULL },
	{ "tls", "syslog over TLS (RFC 5425)", NULL, 6514, 1, true,
	    SYSLOG, FORMAT_RFC5424, NULL, NULL, put_tls, NULL },
	{ "elasticsearch", "Elasticsearch", "omelasticsearch", 9200,
	    ENDPOINTS, false, 1 << FORMAT_ECS, FORMAT_ECS,
	    "logs-pidtreed-default", "logs-auditd.log-default",
	    put_elasticsearch, more_elasticsearch },
	{ "kafka", "Kafka", "omkafka", 9092, ENDPOINTS, false, ANY,
	    FORMAT_ECS, "pidtreed", "auditd", put_kafka, more_kafka },
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
