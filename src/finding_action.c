/* SPDX-License-Identifier: BSD-2-Clause */
/* What a finding says happened: a connection, probes of ports, a request for
   a name, a process; or nothing that a host's log could have. */
#include "finding_impl.h"

#include <libfastjson/json.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "message.h"

#define PID_MAX		INT32_MAX
#define ID_MAX		UINT32_MAX

/* A finding has numbers of IANA's as often as names; 0 stands for none. */
static const struct {
	const char *number, *name;
} protocols[] = {
	{ "0", NULL }, { "1", "ICMP" }, { "6", "TCP" }, { "17", "UDP" },
	{ "58", "ICMPV6" }, { "132", "SCTP" }, { "unknown", NULL },
};

static const char *
protocol(struct take *t, struct node n)
{
	const char *s = take_text(t, n, "protocol");
	size_t i;

	for (i = 0; s != NULL && i < sizeof(protocols) / sizeof(protocols[0]);
	    i++)
		if (strcasecmp(s, protocols[i].number) == 0 ||
		    (protocols[i].name != NULL &&
		    strcasecmp(s, protocols[i].name) == 0))
			return protocols[i].name;
	return s;
}

static void
endpoint(struct take *t, struct node n, const char *ip, const char *port,
    struct in6_addr *a, int64_t *number)
{
	struct node details = take_object(t, n, ip);

	if (!take_address(t, details, "ipAddressV4", a))
		take_address(t, details, "ipAddressV6", a);
	*number = take_number(t, take_object(t, n, port), "port", 65535);
	if (*number == 0)
		*number = NUM_NONE;
}

/* A connection, or one of the probes. */
static void
tuple(struct take *t, struct finding *f, struct node n)
{
	struct finding_tuple *more, new = { .rport = NUM_NONE };

	endpoint(t, n, "remoteIpDetails", "remotePortDetails",
	    &new.remote, &new.rport);
	endpoint(t, n, "localIpDetails", "localPortDetails",
	    &new.local, &new.lport);
	if (!IN6_IS_ADDR_UNSPECIFIED(&new.local))
		finding_add_address(t, f, &new.local, true);
	more = take_more(t, f->tuple, f->ntuples, sizeof(new));
	if (more == NULL)
		return;
	f->tuple = more;
	f->tuple[f->ntuples++] = new;
}

static void
network(struct take *t, struct finding *f, struct node n)
{
	const char *direction = take_text(t, n, "connectionDirection");

	f->kind = FINDING_NETWORK;
	f->proto = protocol(t, n);
	if (direction != NULL && strcasecmp(direction, "OUTBOUND") == 0)
		f->direction = FINDING_OUT;
	else if (direction != NULL && strcasecmp(direction, "INBOUND") == 0)
		f->direction = FINDING_IN;
	tuple(t, f, n);
	if (IN6_IS_ADDR_UNSPECIFIED(&f->tuple[0].remote))
		take_fail(t, n, "remoteIpDetails",
		    "expected the address of the other side, found none");
}

static void
probes(struct take *t, struct finding *f, struct node n)
{
	struct node list = take_list(n, "portProbeDetails");
	size_t i, count = finding_count(f, list);

	f->kind = FINDING_PORT_PROBE;
	f->direction = FINDING_IN;
	f->proto = "TCP";
	for (i = 0; i < count; i++)
		tuple(t, f, take_element(t, list, i));
	if (count == 0)
		take_fail(t, n, "portProbeDetails",
		    "expected a list of probes, found none");
}

static void
dns(struct take *t, struct finding *f, struct node n)
{
	f->kind = FINDING_DNS;
	f->direction = FINDING_OUT;
	f->proto = protocol(t, n);
	f->domain = take_text(t, n, "domain");
	if (f->domain == NULL)
		f->domain = take_text(t, n, "domainWithSuffix");
	if (f->domain == NULL)
		take_fail(t, n, "domain", "expected a name, found none");
}

static void
aws_api(struct take *t, struct finding *f, struct node n)
{
	f->api = take_text(t, n, "api");
	finding_skip(t, f, "a call of the AWS API: nothing of a host", f->api);
}

static void
kubernetes_api(struct take *t, struct finding *f, struct node n)
{
	f->api = take_text(t, n, "requestUri");
	finding_skip(t, f, "a call of the Kubernetes API: nothing of a host",
	    f->api);
}

static void
rds_login(struct take *t, struct finding *f, struct node n)
{
	(void)n;
	finding_skip(t, f, "a login to a database of RDS: nothing of a host",
	    NULL);
}

static const struct row {
	const char *type, *member;
	void (*take)(struct take *, struct finding *, struct node);
} actions[] = {
	{ "NETWORK_CONNECTION", "networkConnectionAction", network },
	{ "PORT_PROBE", "portProbeAction", probes },
	{ "DNS_REQUEST", "dnsRequestAction", dns },
	{ "AWS_API_CALL", "awsApiCallAction", aws_api },
	{ "KUBERNETES_API_CALL", "kubernetesApiCallAction", kubernetes_api },
	{ "RDS_LOGIN_ATTEMPT", "rdsLoginAttemptAction", rds_login },
};
#define NACTIONS	(sizeof(actions) / sizeof(actions[0]))

/* By its type, or where that is missing by what is there. */
static const struct row *
row_of(const struct finding *f, struct node action)
{
	const struct row *r;

	for (r = actions; r < actions + NACTIONS; r++)
		if (f->action != NULL ? strcasecmp(f->action, r->type) == 0 :
		    take_member(action.o, r->member) != NULL)
			return r;
	return NULL;
}

/* No connection: a process at least, or the reason. */
static void
without_action(struct take *t, struct finding *f, struct node service)
{
	struct node detection = take_object(t, service, "detection");

	if (f->nprocesses > 0)
		f->kind = FINDING_RUNTIME;
	else if (take_member(service.o, "ebsVolumeScanDetails") != NULL ||
	    take_member(service.o, "malwareScanDetails") != NULL)
		finding_skip(t, f, "a scan for malware: no connection and "
		    "no process", NULL);
	else if (take_member(detection.o, "sequence") != NULL)
		finding_skip(t, f, "a sequence of others: look up the "
		    "findings that it lists", NULL);
	else
		finding_skip(t, f, "neither a connection nor a process in it",
		    f->action);
}

void
finding_action(struct take *t, struct finding *f, struct node service)
{
	struct node action = take_object(t, service, "action"), details;
	const struct row *r;

	f->action = take_text(t, action, "actionType");
	if ((r = row_of(f, action)) == NULL) {
		without_action(t, f, service);
		return;
	}
	details = take_object(t, action, r->member);
	f->blocked = take_bool(t, details, "blocked");
	r->take(t, f, details);
	if (f->kind == FINDING_SKIPPED && f->nprocesses > 0) {
		f->kind = FINDING_RUNTIME;
		f->skipped = NULL;
	}
}

static void
process(struct take *t, struct finding *f, struct node n)
{
	struct finding_process *p, *more;

	if (n.o == NULL || (more = take_more(t, f->process, f->nprocesses,
	    sizeof(*more))) == NULL)
		return;
	f->process = more;
	p = &f->process[f->nprocesses++];
	p->name = take_text(t, n, "name");
	p->exe = take_text(t, n, "executablePath");
	p->cmd = take_text(t, n, "commandLine");
	p->user = take_text(t, n, "user");
	p->sha256 = take_text(t, n, "executableSha256");
	p->pid = take_number(t, n, "pid", PID_MAX);
	p->nspid = take_number(t, n, "namespacePid", PID_MAX);
	p->uid = take_number(t, n, "userId", ID_MAX);
	p->euid = take_number(t, n, "euid", ID_MAX);
	p->started = take_time(t, n, "startTime");
}

void
finding_process(struct take *t, struct finding *f, struct node service)
{
	struct node runtime = take_object(t, service, "runtimeDetails");
	struct node first = take_object(t, runtime, "process"), list;
	size_t i, n;

	process(t, f, first);
	list = take_list(first, "lineage");
	n = finding_count(f, list);
	for (i = 0; i < n; i++)
		process(t, f, take_element(t, list, i));
}
