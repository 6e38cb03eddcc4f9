/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding's resource: the host with its addresses and names; the container,
   the cluster and the workload on it. */
#include "finding_impl.h"

#include <libfastjson/json.h>

#include <string.h>
#include <strings.h>

void
finding_add_address(struct take *t, struct finding *f,
    const struct in6_addr *a, bool first)
{
	struct in6_addr *more = f->address;
	size_t i;

	for (i = 0; i < f->naddresses; i++)
		if (IN6_ARE_ADDR_EQUAL(&f->address[i], a))
			break;
	if (i == FINDING_LIST) {
		f->cut = true;
		return;
	}
	if (i < f->naddresses && !first)
		return;
	if (i == f->naddresses) {
		more = take_more(t, f->address, i, sizeof(*f->address));
		if (more == NULL)
			return;
		f->naddresses++;
	}
	f->address = more;
	if (first) {
		memmove(f->address + 1, f->address, i * sizeof(*f->address));
		i = 0;
	}
	f->address[i] = *a;
}

static void
add_name(struct take *t, struct finding *f, const char *name)
{
	const char **more;
	size_t i;

	for (i = 0; name != NULL && i < f->nnames; i++)
		if (strcasecmp(f->name[i], name) == 0)
			return;
	if (name == NULL || f->nnames == FINDING_LIST) {
		f->cut |= name != NULL;
		return;
	}
	more = take_more(t, f->name, f->nnames, sizeof(*f->name));
	if (more == NULL)
		return;
	f->name = more;
	f->name[f->nnames++] = name;
}

static void
add_place(struct take *t, struct finding *f, struct node n)
{
	struct in6_addr a;

	if (take_address(t, n, "privateIpAddress", &a))
		finding_add_address(t, f, &a, false);
	add_name(t, f, take_text(t, n, "privateDnsName"));
}

static void
interface(struct take *t, struct finding *f, struct node n)
{
	struct node list = take_list(n, "privateIpAddresses");
	struct in6_addr a;
	size_t i, count = finding_count(f, list);

	add_place(t, f, n);
	for (i = 0; i < count; i++)
		add_place(t, f, take_element(t, list, i));
	list = take_list(n, "ipv6Addresses");
	count = finding_count(f, list);
	for (i = 0; i < count; i++)
		if (take_address_at(t, list, i, &a))
			finding_add_address(t, f, &a, false);
}

/* What people call a machine is the tag Name. */
static void
tags(struct take *t, struct finding *f, struct node list)
{
	size_t i, n = finding_count(f, list);

	if (n == 0 || (f->tag = take_alloc(t, n * sizeof(*f->tag))) == NULL)
		return;
	for (i = 0; i < n; i++) {
		struct node o = take_element(t, list, i);
		struct finding_tag tag = {
			take_text(t, o, "key"), take_text(t, o, "value")
		};

		if (tag.key == NULL)
			continue;
		f->tag[f->ntags++] = tag;
		if (strcasecmp(tag.key, "Name") == 0)
			add_name(t, f, tag.value);
	}
}

static void
instance(struct take *t, struct finding *f, struct node n)
{
	struct node list = take_list(n, "networkInterfaces");
	size_t i, count = finding_count(f, list);

	f->instance = take_text(t, n, "instanceId");
	for (i = 0; i < count; i++)
		interface(t, f, take_element(t, list, i));
	tags(t, f, take_list(n, "tags"));
}

/* Unless it is there already: a container is told by its id. */
static void
container(struct take *t, struct finding *f, struct node n)
{
	struct finding_container c = {
		take_text(t, n, "id"), take_text(t, n, "name"),
		take_text(t, n, "image")
	}, *more;
	size_t i;

	for (i = 0; c.id != NULL && i < f->ncontainers; i++)
		if (f->container[i].id != NULL &&
		    strcmp(f->container[i].id, c.id) == 0)
			return;
	if (f->ncontainers == FINDING_LIST)
		f->cut = true;
	if ((c.id == NULL && c.name == NULL && c.image == NULL) ||
	    f->ncontainers == FINDING_LIST || (more = take_more(t,
	    f->container, f->ncontainers, sizeof(*more))) == NULL)
		return;
	f->container = more;
	f->container[f->ncontainers++] = c;
}

static void
containers(struct take *t, struct finding *f, struct node list)
{
	size_t i, n = finding_count(f, list);

	for (i = 0; i < n; i++)
		container(t, f, take_element(t, list, i));
}

static void
cluster(struct take *t, struct finding *f, struct node n, const char *kind)
{
	if (n.o == NULL)
		return;
	f->orchestrator = kind;
	f->cluster = take_text(t, n, "name");
	if (f->cluster == NULL)
		f->cluster = take_text(t, n, "arn");
}

void
finding_resource(struct take *t, struct finding *f, struct node resource)
{
	struct node ecs = take_object(t, resource, "ecsClusterDetails");
	struct node task = take_object(t, ecs, "taskDetails");
	struct node kubernetes = take_object(t, resource,
	    "kubernetesDetails");
	struct node workload = take_object(t, kubernetes,
	    "kubernetesWorkloadDetails");

	f->resource = take_text(t, resource, "resourceType");
	instance(t, f, take_object(t, resource, "instanceDetails"));
	cluster(t, f, ecs, "ECS");
	cluster(t, f, take_object(t, resource, "eksClusterDetails"), "EKS");
	f->task = take_text(t, task, "arn");
	f->workload = take_text(t, workload, "name");
	f->workload_type = take_text(t, workload, "type");
	f->namespace = take_text(t, workload, "namespace");
	containers(t, f, take_list(resource, "containerDetails"));
	containers(t, f, take_list(task, "containers"));
	containers(t, f, take_list(workload, "containers"));
}
