/* SPDX-License-Identifier: BSD-2-Clause */
/* finding: every kind of finding gives the right question to the logs, in
   whatever shape it comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding-test.h"

static const struct {
	const char *file, *want;
} files[] = {
	{ "get-findings-dns.json",
	    "SAMPLE dns out UDP GeneratedFindingDomainName; "
	    "i-99999999 10.0.0.1; "
	    "2026-01-16T06:11:53.000Z 2026-01-16T06:11:53.000Z x1" },
	{ "get-findings-api-call.json",
	    "skipped: a call of the AWS API: nothing of a host "
	    "(ListPolicyVersions)" },
	{ "event-minimal-inbound.json",
	    "SAMPLE network in TCP 198.51.100.0:32794>:22; "
	    "i-99999999 10.0.0.1; "
	    "2026-01-11T14:56:39.976Z 2026-01-11T14:56:39.976Z x1" },
	{ "s3-outbound.jsonl",
	    "SAMPLE network out TCP 10.0.0.23:32794>203.0.113.144:5985; "
	    "i-99999999 10.0.0.23 10.0.0.1; "
	    "2026-01-12T19:22:44.000Z 2026-01-28T21:12:25.000Z x4" },
	{ "bare-inbound.json",
	    "network in TCP 192.0.2.228:32938>:22; i-0a1b2c3d4e5f60718 "
	    "172.31.81.237 2001:db8:85a3::8a2e:370:7334; "
	    "2026-01-26T14:17:23.000Z 2026-01-26T14:17:23.000Z x3" },
	{ "event-outbound.json",
	    "SAMPLE network out TCP :49152>203.0.113.10:443; "
	    "i-0123456789abcdef0 10.0.1.10; "
	    "2026-02-22T18:41:17.000Z 2026-02-22T18:42:17.000Z" },
	{ "event-pascal-probe.json",
	    "SAMPLE probe in TCP 198.51.100.0>10.0.0.23:80 "
	    "198.51.100.1>10.0.0.23:443 198.51.100.2>10.0.0.23:22 "
	    "198.51.100.3>10.0.0.23:3306; i-99999999 10.0.0.23 10.0.0.1 "
	    "10.0.0.2 10.0.0.3 10.0.0.4; "
	    "2026-02-22T01:40:09.000Z 2026-03-01T18:19:15.000Z x2" },
	{ "event-pascal-scan.json",
	    "SAMPLE network out TCP 10.0.0.23:24844>198.51.100.0:797; "
	    "i-99999999 10.0.0.23 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4; "
	    "2026-02-22T01:40:10.000Z 2026-03-01T18:19:02.000Z x2" },
	{ "event-pascal-dns.json",
	    "SAMPLE dns out GeneratedFindingDomainName; "
	    "i-99999999 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4; "
	    "2026-02-22T01:40:09.000Z 2026-03-01T18:15:41.000Z x2" },
	{ "event-pascal-outbound.json",
	    "SAMPLE network out TCP 10.0.0.23:39677>198.51.100.0:80; "
	    "i-99999999 10.0.0.23 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4; "
	    "2026-02-22T01:40:10.000Z 2026-03-01T14:38:47.000Z x2" },
	{ "kinds.jsonl",
	    "network out TCP 10.1.9.9:40000>198.51.100.7:3333; "
	    "i-0aaaabbbbccccdddd 10.1.9.9 10.1.2.3; EKS prod shop pods "
	    "web-7f [c0ffee web shop/web:3]; "
	    "xmrig(4711)=/tmp/xmrig,www-data,33,e33@2026-02-01T09:43:20.000Z "
	    "< sh(4700)=/bin/sh,33,e0@2026-02-01T09:43:00.000Z "
	    "< ?(900)=/usr/bin/containerd-shim; "
	    "2026-02-01T10:00:00.000Z 2026-02-01T10:30:00.000Z x1\n"
	    "dns out UDP c2.example; i-0eeee; ECS batch "
	    "arn:aws:ecs:eu-west-1:111122223333:task/batch/043d "
	    "[d00d app app:1]; python3(55)=/usr/bin/python3,root,0; "
	    "2026-02-01T10:00:00.000Z 2026-02-01T10:00:00.000Z x2\n"
	    "runtime; i-0f; new(77)=/opt/new; "
	    "2026-02-01T10:00:00.000Z 2026-02-01T10:00:00.000Z\n"
	    "SAMPLE runtime; i-99999999 [GeneratedFindingContainerId n i]; "
	    "?(1234);  \n"
	    "network in ICMPV6 2001:db8:ffff::1>2001:db8::6; i-6 2001:db8::6 "
	    "10.0.0.6 10.0.0.7 10.0.0.8;  \n"
	    "dns out GeneratedFindingDomainName.example; i-7; "
	    "GeneratedFindingProcessName(9);  \n"
	    "skipped: a call of the AWS API: nothing of a host "
	    "(PutBucketPolicy)\n"
	    "skipped: AWS credentials: nothing of a host\n"
	    "skipped: a Lambda function: nothing of a host\n"
	    "skipped: a call of the Kubernetes API: nothing of a host "
	    "(/api/v1/pods)\n"
	    "skipped: a login to a database of RDS: nothing of a host\n"
	    "skipped: a scan for malware: no connection and no process\n"
	    "skipped: a sequence of others: look up the findings that it "
	    "lists\n"
	    "skipped: neither a connection nor a process in it "
	    "(SOMETHING_NEW)" },
};

/* What it says of itself, at both ends of the letter case. */
static const struct {
	const char *file, *id, *type, *account, *region;
	double severity;
} identities[] = {
	{ "event-pascal-outbound.json",
	    "a1a1000000000000000000000000000a",
	    "UnauthorizedAccess:EC2/TorClient", "111122223333",
	    "us-east-1", 8 },
	{ "event-outbound.json",
	    "a1a10000000000000000000000000006",
	    "Backdoor:EC2/C&CActivity.B!DNS", "111122223333",
	    "us-west-2", 8.7 },
	{ "event-minimal-inbound.json",
	    "a1a10000000000000000000000000003",
	    "UnauthorizedAccess:EC2/SSHBruteForce", NULL, "us-east-1", 2 },
};

static void
path_of(char path[1024], const char *file)
{
	const char *srcdir = getenv("srcdir");

	snprintf(path, 1024, "%s/tests/data/findings/%s",
	    srcdir == NULL ? "." : srcdir, file);
}

static void
every_file(void **state)
{
	char path[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path_of(path, files[i].file);
		expect_findings(path, files[i].want);
	}
}

static void
text_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
identity(void **state)
{
	struct findings *all;
	const struct finding *f;
	char path[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		path_of(path, identities[i].file);
		all = findings_new();
		assert_int_equal(findings_read(all, path), 0);
		assert_int_equal(all->n, 1);
		f = all->finding[0];
		assert_string_equal(f->file, path);
		assert_int_equal(f->line, 1);
		assert_int_equal(f->number, 1);
		text_equal(f->id, identities[i].id);
		text_equal(f->type, identities[i].type);
		text_equal(f->account, identities[i].account);
		text_equal(f->region, identities[i].region);
		assert_true(f->severity == identities[i].severity);
		findings_free(all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file),
		cmocka_unit_test(identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
