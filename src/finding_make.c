/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding out of its JSON: what it says of itself, and what it is. */
#include "finding_impl.h"

#include <libfastjson/json.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT_MAX	(INT64_C(1) << 53)
#define SAMPLE_INSTANCE	"i-99999999"
#define SAMPLE_NAME	"GeneratedFinding"

size_t
finding_count(struct finding *f, struct node list)
{
	size_t n = take_count(list);

	if (n <= FINDING_LIST)
		return n;
	f->cut = true;
	return FINDING_LIST;
}

void
finding_skip(struct take *t, struct finding *f, const char *why,
    const char *detail)
{
	size_t n = strlen(why) + (detail == NULL ? 0 : strlen(detail)) + 4;
	char *s = take_alloc(t, n);

	f->kind = FINDING_SKIPPED;
	if (s != NULL)
		snprintf(s, n, detail == NULL ? "%s" : "%s (%s)", why, detail);
	f->skipped = s;
}

/* arn:aws:guardduty:REGION:ACCOUNT:detector/... */
static const char *
part_of_arn(struct take *t, const char *arn, int i)
{
	size_t n;
	char *s;

	for (; i > 0 && arn != NULL; i--)
		if ((arn = strchr(arn, ':')) != NULL)
			arn++;
	if (arn == NULL || (n = strcspn(arn, ":")) == 0 ||
	    arn[n] != ':' || (s = take_alloc(t, n + 1)) == NULL)
		return NULL;
	return memcpy(s, arn, n);
}

static void
whose(struct take *t, struct finding *f, struct node root,
    struct node envelope)
{
	f->account = take_text(t, root, "accountId");
	if (f->account == NULL)
		f->account = take_text(t, envelope, "account");
	if (f->account == NULL)
		f->account = part_of_arn(t, f->arn, 4);
	f->region = take_text(t, root, "region");
	if (f->region == NULL)
		f->region = take_text(t, envelope, "region");
	if (f->region == NULL)
		f->region = part_of_arn(t, f->arn, 3);
}

static void
window(struct take *t, struct finding *f, struct node root,
    struct node service)
{
	int64_t swap;

	f->first = take_time(t, service, "eventFirstSeen");
	f->last = take_time(t, service, "eventLastSeen");
	if (f->first == NUM_NONE)
		f->first = take_time(t, root, "createdAt");
	if (f->last == NUM_NONE)
		f->last = take_time(t, root, "updatedAt");
	if (f->first == NUM_NONE)
		f->first = f->last;
	if (f->last == NUM_NONE)
		f->last = f->first;
	if (f->first > f->last) {
		swap = f->first;
		f->first = f->last;
		f->last = swap;
	}
}

/* additionalInfo has it as a member, or in JSON in the string `value`. */
static bool
says_sample(struct take *t, struct node service)
{
	struct node info = take_object(t, service, "additionalInfo"), inner;
	const char *value = take_text(t, info, "value");
	struct fjson_object *o;
	bool sample = take_bool(t, info, "sample");

	if (sample || value == NULL || *value != '{' ||
	    (o = fjson_tokener_parse(value)) == NULL)
		return sample;
	inner = (struct node){ o, "additionalInfo.value" };
	if (fjson_object_is_type(take_member(o, "sample"), fjson_type_boolean))
		sample = take_bool(t, inner, "sample");
	fjson_object_put(o);
	return sample;
}

static bool
is_generated(const char *s)
{
	return s != NULL && strncmp(s, SAMPLE_NAME, strlen(SAMPLE_NAME)) == 0;
}

/*
 * By names that AWS gave alone: whoever runs a process or asks for a domain
 * could call it GeneratedFinding and have a real finding taken for a sample.
 */
static bool
is_sample(const struct finding *f)
{
	return (f->instance != NULL &&
	    strcmp(f->instance, SAMPLE_INSTANCE) == 0) ||
	    is_generated(f->cluster) ||
	    (f->nnames > 0 && is_generated(f->name[0]));
}

/* Why there is nothing to look for, by what the finding is about. */
static const struct {
	const char *resource, *why;
} not_hosts[] = {
	{ "AccessKey", "AWS credentials" },
	{ "S3Bucket", "an S3 bucket" },
	{ "S3Object", "an object in S3" },
	{ "Lambda", "a Lambda function" },
	{ "RDSDBInstance", "a database of RDS" },
	{ "RDSLimitlessDB", "a database of RDS" },
	{ "EBSVolume", "a scan of a volume" },
	{ "EBSSnapshot", "a scan of a snapshot" },
	{ "EC2Image", "a scan of an image" },
	{ "RecoveryPoint", "a scan of a backup" },
};

static void
skip_by_resource(struct take *t, struct finding *f)
{
	char why[80];
	size_t i;

	if ((f->kind == FINDING_SKIPPED && f->action != NULL) ||
	    f->resource == NULL || f->instance != NULL)
		return;
	for (i = 0; i < sizeof(not_hosts) / sizeof(not_hosts[0]); i++) {
		if (strcasecmp(f->resource, not_hosts[i].resource) != 0)
			continue;
		snprintf(why, sizeof(why), "%s: nothing of a host",
		    not_hosts[i].why);
		finding_skip(t, f, why, NULL);
	}
}

static void
describe(struct take *t, struct finding *f, struct node root,
    struct node service)
{
	const char *role;

	f->id = take_text(t, root, "id");
	f->arn = take_text(t, root, "arn");
	f->type = take_text(t, root, "type");
	f->title = take_text(t, root, "title");
	f->description = take_text(t, root, "description");
	f->severity = take_real(t, root, "severity");
	f->count = take_number(t, service, "count", COUNT_MAX);
	f->archived = take_bool(t, service, "archived");
	role = take_text(t, service, "resourceRole");
	f->actor = role != NULL && strcasecmp(role, "ACTOR") == 0;
}

struct finding_made *
finding_make(struct take *t, struct fjson_object *o,
    struct fjson_object *envelope)
{
	struct finding_made *made = take_alloc(t, sizeof(*made));
	struct node root = { o, NULL }, resource, service;
	struct finding *f = &made->f;

	if (made == NULL)
		return NULL;
	resource = take_object(t, root, "resource");
	service = take_object(t, root, "service");
	describe(t, f, root, service);
	whose(t, f, root, (struct node){ envelope, "envelope" });
	window(t, f, root, service);
	finding_resource(t, f, resource);
	finding_process(t, f, service);
	finding_action(t, f, service);
	skip_by_resource(t, f);
	f->sample = says_sample(t, service) || is_sample(f);
	f->cut |= t->cut;
	made->chunks = t->chunks;
	return t->failed ? NULL : made;
}
