/* SPDX-License-Identifier: BSD-2-Clause */
/* Where each field goes in ECS and CEF; see place.h. */
#include "place.h"

#include <string.h>

/* A field with a place of its own in both. */
#define P(sd, name, ecs, cef, how) \
	{ name, SD_##sd, how, ecs, NULL, NULL, cef, NULL }
/* Only CEF, neither, only ECS has one: then it keeps its name. */
#define PC(sd, name, cef, how) P(sd, name, "pidtree." name, cef, how)
#define OWN(sd, name) P(sd, name, "pidtree." name, name, 0)
#define PE(sd, name, ecs, how) P(sd, name, ecs, name, how)
/* The same of the collector's own messages. */
#define CE(name, ecs, how) PE(EVENT, name, ecs, PLACE_COLLECTOR | (how))
#define COWN(name) CE(name, "pidtree." name, 0)
#define ADDR(name, ecs, cef6) \
	{ name, SD_EVENT, 0, ecs, NULL, NULL, name, cef6 }
/* A field of a process: the caller's, and below its parent or in the array. */
#define G(name, caller, parent, member, cef, how) \
	{ name, SD_EVENT, how, caller, parent "." member, member, cef, NULL }
#define GP(name, caller, member, cef, how) \
	G(name, caller, "process.parent", member, cef, how)
#define GOWN(name, cef) \
	G(name, "pidtree." name, "pidtree.parent", name, cef, 0)

const struct place places[] = {
P(META, "sequenceId", "event.sequence", "cn1", 0),
OWN(META, "sysUpTime"),

PE(ORIGIN, "software", "observer.product", 0),
PE(ORIGIN, "swVersion", "observer.version", 0),

OWN(TIMEQUALITY, "tzKnown"),
OWN(TIMEQUALITY, "isSynced"),
OWN(TIMEQUALITY, "syncAccuracy"),

P(HOST, "id", "host.id", "deviceExternalId", 0),
PE(HOST, "boot", "host.boot.id", 0),

PE(EVENT, "act", "event.action", 0),
PC(EVENT, "outcome", "outcome", 0),
PE(EVENT, "reason", "event.reason", 0),
OWN(EVENT, "waited"),
OWN(EVENT, "snapshot"),
PE(EVENT, "query", "dns.question.name", 0),
PE(EVENT, "qtype", "dns.question.type", 0),
PE(EVENT, "rcode", "dns.response_code", 0),
PE(EVENT, "answers", "dns.resolved_ip", PLACE_LIST),
OWN(EVENT, "answersCut"),
OWN(EVENT, "resolver"),
OWN(EVENT, "random"),
OWN(EVENT, "closedBy"),
OWN(EVENT, "duration"),
PE(EVENT, "in", "destination.bytes", 0),
PE(EVENT, "out", "source.bytes", 0),
PE(EVENT, "proto", "network.transport", PLACE_LOWER),
ADDR("src", "source.ip", "c6a2"),
PE(EVENT, "shost", "source.domain", 0),
PE(EVENT, "spt", "source.port", 0),
ADDR("dst", "destination.ip", "c6a3"),
PE(EVENT, "dhost", "destination.domain", 0),
OWN(EVENT, "dhostsource"),
PE(EVENT, "dpt", "destination.port", 0),
OWN(EVENT, "net"),
PE(EVENT, "start", "event.start", PLACE_EPOCH),
PE(EVENT, "end", "event.end", PLACE_EPOCH),
OWN(EVENT, "cnt"),
P(EVENT, "nat64", "destination.nat.ip", "destinationTranslatedAddress", 0),
PE(EVENT, "deviceDirection", "network.direction", PLACE_DIRECTION),

P(EVENT, "filePath", "file.path", "filePath", 0),
OWN(EVENT, "argv"),
OWN(EVENT, "argvcut"),
PE(EVENT, "cwd", "process.working_directory", 0),
OWN(EVENT, "root"),
OWN(EVENT, "mntns"),
OWN(EVENT, "traits"),
OWN(EVENT, "line"),
OWN(EVENT, "linecut"),
OWN(EVENT, "tty"),
OWN(EVENT, "capability"),
OWN(EVENT, "askedns"),
OWN(EVENT, "ownPath"),
OWN(EVENT, "insidePath"),
OWN(EVENT, "asked"),
OWN(EVENT, "watched"),
OWN(EVENT, "access"),
OWN(EVENT, "way"),
OWN(EVENT, "place"),
OWN(EVENT, "entered"),
P(EVENT, "mode", "file.mode", "filePermission", 0),

GP("spid", "process.pid", "pid", "spid", 0),
GP("sproc", "process.name", "name", "sproc", 0),
GP("suid", "user.id", "real_user.id", "suid", PLACE_KEYWORD),
GP("suser", "user.name", "real_user.name", "suser", 0),
GP("dpid", "process.pid", "pid", "dpid", 0),
GP("dproc", "process.name", "name", "dproc", 0),
GP("duid", "user.id", "real_user.id", "duid", PLACE_KEYWORD),
GP("duser", "user.name", "real_user.name", "duser", 0),
GP("euid", "user.effective.id", "user.id", "euid", PLACE_KEYWORD),
GP("gid", "user.group.id", "real_group.id", "gid", PLACE_KEYWORD),
GP("group", "user.group.name", "real_group.name", "group", 0),
GP("egid", "user.effective.group.id", "group.id", "egid", PLACE_KEYWORD),
G("auid", "user.audit.id", "pidtree.parent", "audit.id", "cn2",
    PLACE_KEYWORD),
G("auser", "user.audit.name", "pidtree.parent", "audit.name", "cs4", 0),
GOWN("ses", "cn3"),
GP("exe", "process.executable", "executable", "cs3", 0),
GOWN("script", "script"),
GP("cmd", "process.command_line", "command_line", "cs2", 0),
GOWN("cmdlen", "cmdlen"),
GOWN("cmdhash", "cmdhash"),
GP("born", "process.start", "start", "deviceCustomDate1", PLACE_EPOCH),
GOWN("state", "state"),

PE(EVENT, "tid", "process.thread.id", 0),
PE(EVENT, "thread", "process.thread.name", 0),
OWN(EVENT, "kernel"),
OWN(EVENT, "repair"),
OWN(EVENT, "subflow"),
OWN(EVENT, "quic"),
OWN(EVENT, "proxy"),
OWN(EVENT, "netns"),
OWN(EVENT, "userns"),
OWN(EVENT, "nsuid"),
OWN(EVENT, "cgroup"),
PC(EVENT, "unit", "cs5", 0),
PE(EVENT, "runtime", "container.runtime", 0),
P(EVENT, "container", "container.id", "cs6", 0),
PE(EVENT, "containerName", "container.name", 0),
PE(EVENT, "image", "container.image.name", 0),
PE(EVENT, "pod", "orchestrator.resource.name", 0),
PE(EVENT, "podUid", "orchestrator.resource.id", 0),
PE(EVENT, "namespace", "orchestrator.namespace", 0),
OWN(EVENT, "adopter"),
PE(EVENT, "pkey", "process.entity_id", 0),
PE(EVENT, "externalId", "event.id", 0),
OWN(EVENT, "cid"),
PE(EVENT, "rule", "rule.name", 0),
OWN(EVENT, "decision"),
OWN(EVENT, "tags"),

OWN(ANCESTRY, "depth"),
OWN(ANCESTRY, "cut"),
PC(ANCESTRY, "chain", "cs1", 0),
OWN(ANCESTRY, "redacted"),
OWN(ANCESTRY, "truncated"),

COWN("version"),
COWN("abi"),
COWN("target"),
COWN("keep"),
COWN("config"),
COWN("filter"),
COWN("filterHash"),
COWN("listenFilter"),
COWN("acceptFilter"),
COWN("rules"),
COWN("rulesHash"),
COWN("drops"),
COWN("digests"),
COWN("probes"),
COWN("refused"),
COWN("cause"),
COWN("detail"),
CE("start", "event.start", PLACE_EPOCH),
CE("end", "event.end", PLACE_EPOCH),
COWN("cnt"),
COWN("before"),
COWN("after"),
COWN("queued"),
COWN("rss"),
COWN("kmem"),
#define X(name, cls, doc) CE(#name, "pidtree.counters." #name, 0),
COUNTERS(X)
UCOUNTERS(X)
#undef X

CE("cloud", "cloud.provider", 0),
CE("account", "cloud.account.id", 0),
CE("region", "cloud.region", 0),
CE("machine", "host.type", 0),
COWN("fqdn"),
CE("kernelRelease", "host.os.kernel", 0),
CE("os", "host.os.full", 0),
CE("addresses", "host.ip", PLACE_LIST),
COWN("forwarding"),
OWN(EVENT, "truncated"),
};

const size_t nplaces = sizeof(places) / sizeof(places[0]);

/* The allowed values are ECS's; what is about the log itself is "host". */
const struct place_kind place_kinds[NMSGIDS] = {
	[MSG_CONNECT] = { "Outbound connection",
	    "event", "network", "connection", "start" },
	[MSG_OUTCOME] = { "Outcome of an outbound connection",
	    "event", "network", "connection", "info" },
	[MSG_UDP] = { "First datagram of a UDP session",
	    "event", "network", "connection", "start" },
	[MSG_CLOSE] = { "End of an outbound connection",
	    "event", "network", "connection", "end" },
	[MSG_DIGEST] = { "Outbound connections, counted",
	    "event", "network", "connection", "info" },
	[MSG_LISTEN] = { "Socket that listens",
	    "event", "network", "info", NULL },
	[MSG_DNS] = { "Question of DNS and its answer",
	    "event", "network", "protocol", "info" },
	[MSG_ACCEPT] = { "Inbound connection",
	    "event", "network", "connection", "start" },
	[MSG_EXEC] = { "Program executed",
	    "event", "process", "start", NULL },
	[MSG_CAPABLE] = { "Checks of a capability, counted",
	    "event", "process", "info", NULL },
	[MSG_READLINE] = { "Line typed into a shell",
	    "event", "process", "info", NULL },
	[MSG_OPEN] = { "Watched file opened",
	    "event", "file", "access", NULL },
	[MSG_ESCAPE] = { "Container left by a process",
	    "event", "process", "access", NULL },
	[MSG_START] = { "Collector ready",
	    "event", "configuration", "info", NULL },
	[MSG_STOP] = { "Collector ends",
	    "event", "configuration", "info", NULL },
	[MSG_RELOAD] = { "Configuration changed",
	    "event", "configuration", "change", NULL },
	[MSG_STATS] = { "Statistics", "metric", "host", "info", NULL },
	[MSG_LOST] = { "Events lost", "event", "host", "info", NULL },
	[MSG_CLOCK] = { "Clock stepped", "event", "host", "change", NULL },
	[MSG_HOST] = { "Description of the host",
	    "state", "host", "info", NULL },
	[MSG_TEST] = { "Test message", "event", "host", "info", NULL },
};

const struct place *
place_find(const struct field *f, size_t *hint)
{
	bool own = f->sd == SD_EVENT && (f->msgids & FIELD_EVENTS) == 0;
	const struct place *p;
	size_t i;

	for (i = 0; i < nplaces; i++) {
		p = places + (*hint + i) % nplaces;
		if (p->sd == f->sd && !(p->how & PLACE_COLLECTOR) == !own &&
		    strcmp(p->name, f->name) == 0) {
			*hint = p - places + 1;
			return p;
		}
	}
	return NULL;
}

bool
place_wants_label(const char *key)
{
	static const char *const prefix[] = { "cs", "cn", "c6a",
	    "deviceCustomDate" };
	size_t i, n;

	for (i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++) {
		n = strlen(prefix[i]);
		if (strncmp(key, prefix[i], n) == 0 &&
		    key[n] >= '1' && key[n] <= '6' && key[n + 1] == '\0')
			return true;
	}
	return false;
}

static bool
is(struct str s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.s, word, s.n) == 0;
}

const char *
place_outcome(const struct message *m)
{
	if (m->outcome.s == NULL)
		return NULL;
	return is(m->outcome, "established") ||
	    is(m->outcome, "closed") || is(m->outcome, "idle") ||
	    is(m->outcome, "answered") || is(m->outcome, "success") ||
	    is(m->outcome, "granted") ?
	    "success" :
	    is(m->outcome, "pending") ? "unknown" : "failure";
}
